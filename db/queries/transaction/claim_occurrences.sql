-- Takes the occurrences that are to be tried, the longest due first. Several workers never take the same one: a row that
-- is locked is passed over, and one that was taken is not due.
-- row: id uuid, tries integer, payer_id uuid, payee_id uuid, amount bigint, note text?, too_late boolean
WITH due AS (
  SELECT id
  FROM schedule_occurrences
  WHERE status = 0 AND try_at <= now()
  ORDER BY try_at
  LIMIT $1::integer
  FOR UPDATE SKIP LOCKED
)
UPDATE schedule_occurrences o
SET tries = o.tries + 1, try_at = now() + occurrence_lease()
FROM due, schedules s
WHERE o.id = due.id AND s.id = o.schedule_id
RETURNING o.id, o.tries, o.payer_id, o.payee_id, o.amount, s.note, o.due_at < now() - occurrence_life() AS too_late
