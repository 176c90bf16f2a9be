INSERT INTO request_blocks (user_id, blocked_id)
SELECT $1::uuid, id FROM users WHERE id = $2::uuid
ON CONFLICT DO NOTHING
