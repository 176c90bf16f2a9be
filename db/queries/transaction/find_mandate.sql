-- row: id uuid, payer_id uuid, payer_username text, payer_name text, payee_id uuid, payee_username text, payee_name text,
-- per_draw bigint, per_month bigint, note text?, state smallint, time_zone text?, created_at timestamptz,
-- accepted_at timestamptz?, expires_at timestamptz?, ended_at timestamptz?, end_reason text?, left_this_month bigint?,
-- next_amount bigint?, next_due_at timestamptz?
SELECT id, payer_id, payer_username, payer_name, payee_id, payee_username, payee_name, per_draw, per_month, note, state,
       time_zone, created_at, accepted_at, expires_at, ended_at, end_reason, left_this_month, next_amount, next_due_at
FROM mandate_details
WHERE id = $1::uuid
