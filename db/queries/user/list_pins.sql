-- The devices of user $1 that have a PIN, as many as there are sessions at most.
-- row: session_id uuid, user_agent text, set_at timestamptz, last_used_at timestamptz?, locked boolean
SELECT p.session_id, s.user_agent, p.set_at, p.last_used_at, p.locked_at IS NOT NULL AS locked
FROM session_pins p
JOIN sessions s ON s.id = p.session_id
WHERE p.user_id = $1::uuid AND s.revoked_at IS NULL AND s.expires_at > now()
ORDER BY p.set_at DESC, p.session_id
LIMIT $2::integer
