-- What somebody's passkeys have signed of proposals of staff, after the one of $2.
-- row: hash bytea, approval_id uuid, decision text, created_at timestamptz, relying_party text, credential_id bytea, public_key bytea, client_data bytea, authenticator_data bytea, signature bytea
SELECT hash, approval_id, decision, created_at, relying_party, credential_id, public_key, client_data, authenticator_data,
       signature
FROM approval_signatures
WHERE signer_id = $1::uuid AND hash > $2::bytea
ORDER BY hash
LIMIT 500
