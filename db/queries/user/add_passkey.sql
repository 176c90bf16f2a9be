-- Registers a passkey of user $1 for who was first to answer the challenge with the hash $10. The first factor of all
-- makes signing in ask for one from now on, as confirm_totp.sql does, and brings the recovery codes $13; this session
-- ($12) is proven by the passkey. The user's row is locked first. `added` is NULL when the credential is registered
-- already. Where mail is sent ($16), the user is told.
-- row: was_first boolean, turned_on boolean, added_at timestamptz?
WITH owner AS (
  SELECT id, factor_since IS NULL AS turned_on
  FROM users
  WHERE id = $1::uuid AND erased_at IS NULL
  FOR NO KEY UPDATE
), spent AS (
  INSERT INTO spent_challenges (challenge_hash, expires_at)
  SELECT $10::bytea, $11::timestamptz FROM owner
  ON CONFLICT DO NOTHING
  RETURNING true
), added AS (
  INSERT INTO passkeys (id, user_id, credential_id, public_key, algorithm, sign_count, aaguid, backup_eligible,
                        backed_up, transports, name)
  SELECT $2::uuid, o.id, $3::bytea, $4::bytea, $5::integer, $6::bigint, $7::uuid, $8::boolean, $9::boolean,
         $14::text, $15::text
  FROM owner o
  CROSS JOIN spent
  ON CONFLICT (credential_id) DO NOTHING
  RETURNING user_id, created_at
), marked AS (
  UPDATE users u
  SET factor_since = now(), factor_version = factor_version + 1, role_changed_at = clock_timestamp()
  FROM added a
  CROSS JOIN owner o
  WHERE u.id = a.user_id AND o.turned_on
), proven AS (
  UPDATE sessions s SET factor = 'passkey', factor_at = now()
  FROM added a
  WHERE s.id = $12::uuid AND s.user_id = a.user_id
), codes AS (
  INSERT INTO recovery_codes (user_id, code_hash)
  SELECT a.user_id, h.hash
  FROM added a
  CROSS JOIN owner o
  CROSS JOIN unnest($13::bytea[]) AS h (hash)
  WHERE o.turned_on
), noted AS (
  INSERT INTO user_events (user_id, kind, details) SELECT user_id, 'passkey_added', $15 FROM added
), told AS (
  INSERT INTO mail_outbox (id, event_key, kind, user_id, details, expires_at)
  SELECT gen_random_uuid(), 'passkey_added/' || gen_random_uuid(), 'passkey_added', a.user_id, $15, now() + interval '7 days'
  FROM added a
  WHERE $16::boolean
)
SELECT EXISTS (SELECT FROM spent) AS was_first,
       EXISTS (SELECT FROM owner o CROSS JOIN added WHERE o.turned_on) AS turned_on,
       (SELECT created_at FROM added) AS added_at
