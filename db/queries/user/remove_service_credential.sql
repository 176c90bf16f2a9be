-- `changed_meanwhile`: there is no such credential of a living account of this owner.
-- row: changed bigint
WITH removed AS (
  UPDATE service_credentials c SET revoked_at = clock_timestamp()
  FROM service_accounts a
  WHERE c.id = $3::uuid AND c.account_id = $1::uuid AND a.id = c.account_id
    AND a.wallet_id IS NOT DISTINCT FROM $2::uuid AND a.revoked_at IS NULL AND c.revoked_at IS NULL
  RETURNING c.id
)
SELECT require_unchanged((SELECT count(*) FROM removed)) AS changed
