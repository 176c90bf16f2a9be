-- The last batch of every chain: a probe of the primary key for each, however many batches there are.
-- row: chain_id integer, seq bigint, hash bytea, committed_at timestamptz
WITH RECURSIVE chains AS (
  SELECT min(chain_id) AS chain_id FROM ledger_batches
  UNION ALL
  SELECT (SELECT min(b.chain_id) FROM ledger_batches b WHERE b.chain_id > chains.chain_id)
  FROM chains
  WHERE chains.chain_id IS NOT NULL
)
SELECT head.chain_id, head.seq, head.hash, head.committed_at
FROM chains
CROSS JOIN LATERAL (SELECT b.chain_id, b.seq, b.hash, b.committed_at
                    FROM ledger_batches b
                    WHERE b.chain_id = chains.chain_id
                    ORDER BY b.seq DESC
                    LIMIT 1) AS head
ORDER BY head.chain_id
