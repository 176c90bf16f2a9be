-- row: none
UPDATE schedules s
SET status = 2, ended_at = now(), end_reason = 'payer'
WHERE id = $1::uuid AND payer_id = $2::uuid AND status IN (0, 1)
  AND (next_at IS NOT NULL OR EXISTS (
    SELECT FROM schedule_occurrences o WHERE o.schedule_id = s.id AND o.status = 0))
