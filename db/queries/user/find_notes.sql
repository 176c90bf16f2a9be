-- Notes that an account's entries still have, after the entry $2, what blinds them, and whether this account wrote
-- them: the payer, but where a request was paid the payee. The reasons of control entries are the operators' log.
SELECT e.seq, (e.amount < 0) <> (e.reference IS NOT NULL AND e.kind = 1), e.counterparty_id, e.counterparty_seq,
       e.position, e.note, b.secret
FROM entries e
JOIN ledger_batches b ON b.chain_id = e.chain_id AND b.seq = e.batch_seq
WHERE e.account_id = $1::uuid AND e.seq > $2::bigint AND e.note IS NOT NULL AND e.kind <> 5
ORDER BY e.seq
LIMIT 500
