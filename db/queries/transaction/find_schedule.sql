-- row: id uuid, payer_id uuid, payee_id uuid, payee_username text, payee_name text, amount bigint, note text?,
-- repeats smallint, every integer, starts text, time_zone text, ends_on text?, last_number integer?, state smallint,
-- next_number integer, next_at timestamptz?, first_at timestamptz, created_at timestamptz, ended_at timestamptz?,
-- end_reason text?, waiting_number integer?, waiting_due_at timestamptz?, waiting_try_at timestamptz?,
-- waiting_amount bigint?, waiting_refusal text?
SELECT id, payer_id, payee_id, payee_username, payee_name, amount, note, repeats, every, starts, time_zone, ends_on,
       last_number, state, next_number, next_at, first_at, created_at, ended_at, end_reason, waiting_number, waiting_due_at,
       waiting_try_at, waiting_amount, waiting_refusal
FROM schedule_details
WHERE id = $1::uuid
