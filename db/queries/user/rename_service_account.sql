-- `changed_meanwhile`: there is no such account of this owner, or it has ended.
-- row: changed bigint
WITH renamed AS (
  UPDATE service_accounts SET name = $3::text
  WHERE id = $1::uuid AND wallet_id IS NOT DISTINCT FROM $2::uuid AND revoked_at IS NULL
  RETURNING id
)
SELECT require_unchanged((SELECT count(*) FROM renamed)) AS changed
