-- Sessions whose last refresh token is a day past its end, a few at a time.
WITH gone AS (
  DELETE FROM sessions
  WHERE id IN (SELECT id FROM sessions
               WHERE expires_at < now() - interval '1 day'
               ORDER BY expires_at
               LIMIT 1000
               FOR UPDATE SKIP LOCKED)
  RETURNING id
), tokens AS (
  DELETE FROM refresh_tokens t USING gone g WHERE t.session_id = g.id
)
SELECT count(*) FROM gone
