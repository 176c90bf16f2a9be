-- Who says to be the service account $1, and what it may prove that with. live: whether it may act now.
-- row: wallet_id uuid?, scopes text, live boolean, credential_id uuid, secret_hash bytea?, public_key text?
SELECT a.wallet_id, array_to_string(a.scopes, ' ') AS scopes, service_account_is_live(a) AS live,
       c.id AS credential_id, c.secret_hash, c.public_key
FROM service_accounts a
JOIN service_credentials c ON c.account_id = a.id AND c.revoked_at IS NULL
WHERE a.id = $1::uuid
ORDER BY c.created_at, c.id
