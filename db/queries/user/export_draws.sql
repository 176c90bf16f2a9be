-- What was drawn by and from somebody, after the one of $2, oldest first.
SELECT id, mandate_id, payer_id, payee_id, amount, note, status, announced_at, due_at, try_at, finished_at, transfer_id, refusal
FROM mandate_draws
WHERE (payer_id = $1::uuid OR payee_id = $1::uuid) AND id > $2::uuid
ORDER BY id
LIMIT 500
