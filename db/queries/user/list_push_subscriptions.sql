-- The browsers of $1 that are told, newest first; those whose session has run out are told nothing any more.
-- row: id uuid, session_id uuid, user_agent text, created_at timestamptz, last_success_at timestamptz?
SELECT p.id, p.session_id, s.user_agent, p.created_at, p.last_success_at
FROM push_subscriptions p
JOIN sessions s ON s.id = p.session_id AND s.revoked_at IS NULL AND s.expires_at > now()
WHERE p.user_id = $1::uuid
ORDER BY p.created_at DESC, p.id
LIMIT $2::integer
