-- Batches to fold: of the chain whose next one has waited longest, as many as have up to $1 transfers, and one
-- in any case. A chain that has a gap there shows it: its numbers are more than its batches.
WITH chain AS (
  SELECT c.chain_id, c.seq
  FROM report_chains c
  CROSS JOIN LATERAL (
    SELECT committed_at FROM ledger_batches WHERE chain_id = c.chain_id AND seq > c.seq ORDER BY seq LIMIT 1
  ) next
  WHERE c.chain_id <> ALL ($2::integer[])
  ORDER BY next.committed_at, c.chain_id
  LIMIT 1
), waiting AS (
  SELECT b.seq, b.transfer_count, sum(b.transfer_count) OVER (ORDER BY b.seq) AS transfers
  FROM chain
  CROSS JOIN LATERAL (
    SELECT seq, transfer_count
    FROM ledger_batches
    WHERE chain_id = chain.chain_id AND seq > chain.seq
    ORDER BY seq
    LIMIT 10000
  ) b
)
SELECT chain.chain_id, chain.seq, max(w.seq), count(*), sum(w.transfer_count)::bigint
FROM chain
JOIN waiting w ON w.transfers <= $1::bigint OR w.seq = (SELECT min(seq) FROM waiting)
GROUP BY chain.chain_id, chain.seq
