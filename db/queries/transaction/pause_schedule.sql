-- row: none
UPDATE schedules
SET status = 1
WHERE id = $1::uuid AND payer_id = $2::uuid AND status = 0 AND next_at IS NOT NULL
