-- For how long the oldest batch that a follower has not taken yet has waited, in milliseconds.
-- row: lag_ms bigint
SELECT coalesce(greatest(max(extract(epoch FROM clock_timestamp() - next.committed_at) * 1000), 0), 0)::bigint AS lag_ms
FROM chain_places c
CROSS JOIN LATERAL (
  SELECT committed_at FROM ledger_batches WHERE chain_id = c.chain_id AND seq > c.seq ORDER BY seq LIMIT 1
) next
WHERE c.follower = $1::integer
