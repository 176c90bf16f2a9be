-- The holds that are to be captured or released, as they are now. Read after the accounts: a change in between makes
-- the write collide.
-- row: id uuid, payer_id uuid, payee_id uuid, amount bigint, captured bigint, expires_at timestamptz, status smallint
SELECT id, payer_id, payee_id, amount, captured, expires_at, status
FROM holds
WHERE id = ANY ($1::uuid[])
