-- What a payer has signed; nothing once they were erased.
-- row: relying_party text, credential_id bytea, public_key bytea, client_data bytea, authenticator_data bytea, signature bytea
SELECT relying_party, credential_id, public_key, client_data, authenticator_data, signature
FROM payment_authorizations
WHERE hash = $1::bytea
