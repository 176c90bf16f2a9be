-- What was drawn by a mandate before the one of $2, newest first.
-- row: like find_draw
SELECT id, mandate_id, payer_id, payee_id, amount, note, status, announced_at, due_at, try_at, finished_at, transfer_id, refusal
FROM mandate_draws
WHERE mandate_id = $1::uuid AND ($2::uuid IS NULL OR id < $2::uuid)
ORDER BY id DESC
LIMIT $3::integer
