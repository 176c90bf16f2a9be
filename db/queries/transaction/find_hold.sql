-- row: id uuid, payer_id uuid, payer_username text, payer_name text, payee_id uuid, payee_username text, payee_name text,
--      amount bigint, captured bigint, captures integer, note text?, state smallint, created_at timestamptz,
--      expires_at timestamptz, ended_at timestamptz?
SELECT id, payer_id, payer_username, payer_name, payee_id, payee_username, payee_name, amount, captured, captures, note, state,
       created_at, expires_at, ended_at
FROM hold_details
WHERE id = $1::uuid
