-- Hashes that another key than $1 has sealed, of sessions after $2, a few at a time.
SELECT session_id, key_id, sealed_hash, user_id
FROM session_pins
WHERE key_id <> $1::bytea AND session_id > $2::uuid
ORDER BY session_id
LIMIT 500
