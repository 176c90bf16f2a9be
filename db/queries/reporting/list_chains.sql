-- The chains that were written to last, and where they stand. Numbers within a chain have no gaps.
SELECT head.chain_id, head.seq, total.batches, total.transfers, head.hash, head.committed_at
FROM (
  SELECT chain_id, max(seq) AS seq, count(*) AS batches,
         coalesce(sum(transfer_count), 0)::bigint AS transfers
  FROM ledger_batches
  GROUP BY chain_id
) total
JOIN ledger_batches head ON head.chain_id = total.chain_id AND head.seq = total.seq
ORDER BY head.committed_at DESC, head.chain_id DESC
LIMIT 50
