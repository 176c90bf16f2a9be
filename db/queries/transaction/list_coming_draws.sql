-- What is to be paid of a mandate, the next first.
-- row: like find_draw
SELECT id, mandate_id, payer_id, payee_id, amount, note, status, announced_at, due_at, try_at, finished_at, transfer_id, refusal
FROM mandate_draws
WHERE mandate_id = $1::uuid AND status = 0
ORDER BY due_at, id
LIMIT $2::integer
