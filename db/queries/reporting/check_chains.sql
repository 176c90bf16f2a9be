-- Chains whose place in the roll-ups is not what their batches say.
SELECT b.chain_id
FROM (
  SELECT b.chain_id, max(b.seq) AS last_seq, coalesce(c.seq, -1) AS seq, c.transfers,
         coalesce(sum(b.transfer_count) FILTER (WHERE b.seq <= c.seq), 0) AS folded
  FROM ledger_batches b
  LEFT JOIN report_chains c ON c.chain_id = b.chain_id
  GROUP BY b.chain_id, c.seq, c.transfers
) b
WHERE b.seq < 0 OR b.seq > b.last_seq OR b.transfers <> b.folded
UNION
SELECT c.chain_id
FROM report_chains c
WHERE NOT EXISTS (SELECT FROM ledger_batches WHERE chain_id = c.chain_id)
ORDER BY 1
LIMIT 1
