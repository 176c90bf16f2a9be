SELECT (SELECT coalesce(sum(transfers), 0)::bigint FROM report_chains),
       (SELECT coalesce(sum(transfer_count), 0)::bigint FROM ledger_batches)
