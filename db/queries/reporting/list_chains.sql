-- The chains that were written to last, and where they stand. Numbers within a chain have no gaps, so the last
-- one is how many batches there are.
SELECT c.chain_id, head.seq, head.seq,
       (c.transfers + (SELECT coalesce(sum(b.transfer_count), 0) FROM ledger_batches b
                       WHERE b.chain_id = c.chain_id AND b.seq > c.seq))::bigint,
       head.hash, head.committed_at
FROM report_chains c
CROSS JOIN LATERAL (
  SELECT seq, hash, committed_at FROM ledger_batches WHERE chain_id = c.chain_id ORDER BY seq DESC LIMIT 1
) head
ORDER BY head.committed_at DESC, c.chain_id DESC
LIMIT 50
