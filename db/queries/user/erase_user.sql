-- Runs in the transaction of a control entry (the ledger's prelude). What is left of the person is an id:
-- the names are made of it, since others' histories name somebody.
WITH erased AS (
  UPDATE users
  SET username = 'erased-' || left(replace(id::text, '-', ''), 24), email = id::text || '@erased.invalid',
      display_name = 'Erased user', password_hash = '!', erased_at = now(), updated_at = now()
  WHERE id = $1::uuid AND erased_at IS NULL
  RETURNING id
), sessions AS (
  DELETE FROM sessions s USING erased e WHERE s.user_id = e.id RETURNING s.id
), tokens AS (
  DELETE FROM refresh_tokens t USING sessions s WHERE t.session_id = s.id
)
SELECT require_rows((SELECT count(*) FROM erased), 1)
