-- A user, their wallet, and where mail is sent ($9) the mail that asks whether the address is theirs; the opening
-- grant follows in the same transaction (the ledger's prelude), unless it waits for the answer ($11).
WITH added AS (
  INSERT INTO users (id, username, email, display_name, password_hash, role, created_at, updated_at, language,
                     grant_due)
  VALUES ($1::uuid, $2::text, $3::text, $4::text, $5::text, $6::text, $7::timestamptz, $7::timestamptz, $8::text,
          $11::boolean)
  RETURNING id, created_at
), asked AS (
  INSERT INTO mail_outbox (id, event_key, kind, user_id, expires_at)
  SELECT gen_random_uuid(), 'verify_email/' || id, 'verify_email', id, now() + $10::integer * interval '1 second'
  FROM added
  WHERE $9::boolean
)
INSERT INTO accounts (id, kind, created_at)
SELECT id, 0, created_at FROM added
