-- The batches that the follower $1 takes next: of the chain whose next one has waited longest (but of none in $3),
-- as many as have up to $2 transfers and were committed within $5 seconds, at most $4, and one in any case. A
-- chain that has a gap there shows it: its numbers are more than its batches.
-- row: chain_id integer, after_seq bigint, last_seq bigint, batches bigint, transfers bigint
WITH chain AS (
  SELECT c.chain_id, c.seq, next.committed_at
  FROM chain_places c
  CROSS JOIN LATERAL (
    SELECT committed_at FROM ledger_batches WHERE chain_id = c.chain_id AND seq > c.seq ORDER BY seq LIMIT 1
  ) next
  WHERE c.follower = $1::integer AND c.chain_id <> ALL ($3::integer[])
  ORDER BY next.committed_at, c.chain_id
  LIMIT 1
), waiting AS (
  SELECT b.seq, b.transfer_count, sum(b.transfer_count) OVER so_far AS transfers,
         max(b.committed_at) OVER so_far AS committed_at, row_number() OVER so_far AS place
  FROM chain
  CROSS JOIN LATERAL (
    SELECT seq, transfer_count, committed_at
    FROM ledger_batches
    WHERE chain_id = chain.chain_id AND seq > chain.seq
    ORDER BY seq
    LIMIT $4::integer
  ) b
  WINDOW so_far AS (ORDER BY b.seq)
)
SELECT chain.chain_id, chain.seq AS after_seq, max(w.seq) AS last_seq, count(*) AS batches,
       sum(w.transfer_count)::bigint AS transfers
FROM chain
JOIN waiting w ON w.place = 1 OR (w.transfers <= $2::bigint
                                  AND w.committed_at <= chain.committed_at + make_interval(secs => $5::integer))
GROUP BY chain.chain_id, chain.seq
