-- As claim_occurrences.sql, but not before the clock of every service is past it, which may be 2 s behind (kClockTolerance):
-- a payment before its time is refused. give_up: why it is not paid, whatever the ledger would say.
-- row: id uuid, tries integer, payer_id uuid, payee_id uuid, amount bigint, note text?, give_up text?
WITH due AS (
  SELECT id
  FROM mandate_draws
  WHERE status = 0 AND try_at <= now() - interval '2 seconds'
  ORDER BY try_at
  LIMIT $1::integer
  FOR UPDATE SKIP LOCKED
)
UPDATE mandate_draws d
SET tries = d.tries + 1, try_at = now() + occurrence_lease()
FROM due, mandates m
WHERE d.id = due.id AND m.id = d.mandate_id
RETURNING d.id, d.tries, d.payer_id, d.payee_id, d.amount, d.note,
          CASE WHEN m.expires_at <= now() THEN 'mandate_expired' WHEN d.due_at < now() - occurrence_life() THEN 'too_late' END AS give_up
