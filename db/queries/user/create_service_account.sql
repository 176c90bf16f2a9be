-- Makes a service account ($1) of the wallet $2, or of the platform (NULL), with its first credential ($10): a secret's
-- hash ($11) or a public key ($12). One of the platform has an account in the ledger, as a wallet that is nobody's and
-- never holds money: what operators do to it is written there. The owner's row is locked first, so that there are not
-- too many at once (constraint service_accounts_limit). `changed_meanwhile`: the wallet is not active.
-- row: changed bigint
WITH owner AS (
  SELECT u.id FROM users u JOIN accounts a ON a.id = u.id
  WHERE u.id = $2::uuid AND a.status = 0 AND u.erased_at IS NULL
  FOR NO KEY UPDATE OF u FOR SHARE OF a
), ledger_account AS (
  INSERT INTO accounts (id, kind, created_at) SELECT $1::uuid, 0, now() WHERE $2::uuid IS NULL
), made AS (
  INSERT INTO service_accounts (id, wallet_id, created_by, name, scopes, payment_limit, daily_limit, limits_proven,
                                expires_at)
  SELECT $1::uuid, $2::uuid, $3::uuid, $4::text, $5::text[], $6::bigint, $7::bigint, $8::boolean, $9::timestamptz
  WHERE $2::uuid IS NULL OR EXISTS (SELECT FROM owner)
  RETURNING id
), credential AS (
  INSERT INTO service_credentials (id, account_id, secret_hash, public_key)
  SELECT $10::uuid, id, $11::bytea, $12::text FROM made
  RETURNING id
)
SELECT require_unchanged((SELECT count(*) FROM credential)) AS changed
