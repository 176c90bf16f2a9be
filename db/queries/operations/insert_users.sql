-- Many users with their wallets, for demonstrations and measurements.
-- row: none
WITH added AS (
  INSERT INTO users (id, username, email, display_name, password_hash, created_at, updated_at)
  SELECT u.*, $6::timestamptz, $6::timestamptz
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[]) u
  ON CONFLICT DO NOTHING
  RETURNING id, created_at
)
INSERT INTO accounts (id, kind, created_at)
SELECT id, 0, created_at FROM added
