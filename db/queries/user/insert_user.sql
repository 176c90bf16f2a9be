-- A user and their wallet; the opening grant follows in the same transaction (the ledger's prelude).
WITH added AS (
  INSERT INTO users (id, username, email, display_name, password_hash, role, created_at, updated_at)
  VALUES ($1::uuid, $2::text, $3::text, $4::text, $5::text, $6::text, $7::timestamptz,
          $7::timestamptz)
  RETURNING id, created_at
)
INSERT INTO accounts (id, kind, created_at)
SELECT id, 0, created_at FROM added
