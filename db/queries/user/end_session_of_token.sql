-- No row: the token is of no session. Not ended: it was before.
WITH session AS (SELECT session_id AS id FROM refresh_tokens WHERE token_hash = $1::bytea),
     ended AS (UPDATE sessions s SET revoked_at = now() FROM session
               WHERE s.id = session.id AND s.revoked_at IS NULL
               RETURNING s.id)
SELECT EXISTS (SELECT FROM ended) AS ended FROM session
