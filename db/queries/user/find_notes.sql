-- Notes that an account's entries still have, after the entry $2, what blinds them, and whether this account wrote
-- them: the payer, but where a request was paid, a mandate drawn on or a hold captured the payee. The reasons of control entries are the
-- operators' log.
-- row: seq bigint, is_own boolean, counterparty_id uuid, counterparty_seq bigint, position integer,
--      note text?, secret bytea?
SELECT e.seq, (e.amount < 0) <> (e.kind = 8 OR (e.reference IS NOT NULL AND e.kind = 1 AND (is_request(e.reference) OR is_draw(e.reference)))) AS is_own,
       e.counterparty_id, e.counterparty_seq, e.position, e.note, b.secret
FROM entries e
JOIN ledger_batches b ON b.chain_id = e.chain_id AND b.seq = e.batch_seq
WHERE e.account_id = $1::uuid AND e.seq > $2::bigint AND e.note IS NOT NULL AND e.kind <> 5
ORDER BY e.seq
LIMIT 500
