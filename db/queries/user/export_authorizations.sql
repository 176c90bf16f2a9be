-- What somebody's passkeys have signed of their payments, after the one of $2.
-- row: hash bytea, created_at timestamptz, relying_party text, credential_id bytea, public_key bytea, client_data bytea, authenticator_data bytea, signature bytea
SELECT hash, created_at, relying_party, credential_id, public_key, client_data, authenticator_data, signature
FROM payment_authorizations
WHERE payer_id = $1::uuid AND hash > $2::bytea
ORDER BY hash
LIMIT 500
