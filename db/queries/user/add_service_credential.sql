-- Another credential ($3) of a living account: a secret's hash ($4) or a public key ($5). Constraint
-- service_credentials_limit: there are two already. `changed_meanwhile`: there is no such account of this owner, or it
-- has ended.
-- row: changed bigint
WITH account AS (
  SELECT id FROM service_accounts
  WHERE id = $1::uuid AND wallet_id IS NOT DISTINCT FROM $2::uuid AND revoked_at IS NULL
  FOR NO KEY UPDATE
), added AS (
  INSERT INTO service_credentials (id, account_id, secret_hash, public_key)
  SELECT $3::uuid, id, $4::bytea, $5::text FROM account
  RETURNING id
)
SELECT require_unchanged((SELECT count(*) FROM added)) AS changed
