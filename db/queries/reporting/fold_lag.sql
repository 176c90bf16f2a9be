-- For how long the oldest batch that is not folded has waited, in milliseconds.
SELECT coalesce(greatest(max(extract(epoch FROM clock_timestamp() - next.committed_at) * 1000), 0), 0)::bigint
FROM report_chains c
CROSS JOIN LATERAL (
  SELECT committed_at FROM ledger_batches WHERE chain_id = c.chain_id AND seq > c.seq ORDER BY seq LIMIT 1
) next
