-- row: id uuid, mandate_id uuid, payer_id uuid, payee_id uuid, amount bigint, note text?, status smallint,
-- announced_at timestamptz, due_at timestamptz, try_at timestamptz, finished_at timestamptz?, transfer_id uuid?, refusal text?
SELECT id, mandate_id, payer_id, payee_id, amount, note, status, announced_at, due_at, try_at, finished_at, transfer_id, refusal
FROM mandate_draws
WHERE id = $1::uuid
