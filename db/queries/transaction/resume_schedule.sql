-- What was due meanwhile has passed.
-- row: none
UPDATE schedules s
SET status = 0, next_number = occurrence_to_come(s)
WHERE id = $1::uuid AND payer_id = $2::uuid AND status = 1
