-- Runs in the transaction of the payment (the ledger's prelude): keeps what passkey $1 of user $2 has signed, and its
-- counter $3, which grows unless the authenticator has none. The rest is what is kept.
WITH used AS (
  UPDATE passkeys p
  SET sign_count = $3::bigint, backed_up = $4::boolean, last_used_at = now()
  WHERE p.id = $1::uuid AND p.user_id = $2::uuid AND (p.sign_count < $3 OR (p.sign_count = 0 AND $3 = 0))
  RETURNING p.credential_id, p.public_key
), kept AS (
  INSERT INTO payment_authorizations
    (hash, payer_id, relying_party, credential_id, public_key, client_data, authenticator_data, signature)
  SELECT $5::bytea, $2, $6::text, u.credential_id, u.public_key, $7::bytea, $8::bytea, $9::bytea
  FROM used u
  RETURNING true
)
SELECT require_unchanged((SELECT count(*) FROM kept)) AS kept
