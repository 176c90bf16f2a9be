-- How many batches the follower $1 has taken, and how many there are: numbers of a chain have no gaps.
-- row: taken bigint, batches bigint
SELECT coalesce(sum(c.seq), 0)::bigint AS taken, coalesce(sum(head.seq), 0)::bigint AS batches
FROM chain_places c
CROSS JOIN LATERAL (SELECT max(seq) AS seq FROM ledger_batches WHERE chain_id = c.chain_id) head
WHERE c.follower = $1::integer
