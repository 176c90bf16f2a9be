-- Ten new ones; those of before are good for nothing. Only for who has a factor.
WITH owner AS (
  SELECT id FROM users WHERE id = $1::uuid AND factor_since IS NOT NULL FOR NO KEY UPDATE
), forgotten AS (
  DELETE FROM recovery_codes r USING owner o WHERE r.user_id = o.id
), codes AS (
  INSERT INTO recovery_codes (user_id, code_hash)
  SELECT o.id, h.hash FROM owner o CROSS JOIN unnest($2::bytea[]) AS h (hash)
)
SELECT id FROM owner
