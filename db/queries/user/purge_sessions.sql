-- Sessions whose last refresh token is a day past its end, $1 at a time.
WITH gone AS (
  DELETE FROM sessions
  WHERE id IN (SELECT id FROM sessions
               WHERE expires_at < now() - interval '1 day'
               ORDER BY expires_at
               LIMIT $1::integer
               FOR UPDATE SKIP LOCKED)
  RETURNING id
), tokens AS (
  DELETE FROM refresh_tokens t USING gone g WHERE t.session_id = g.id
)
SELECT count(*) FROM gone
