SELECT u.id, u.username, u.display_name, b.created_at
FROM request_blocks b
JOIN users u ON u.id = b.blocked_id
WHERE b.user_id = $1::uuid AND ($2::uuid IS NULL OR b.blocked_id < $2::uuid)
ORDER BY b.blocked_id DESC
LIMIT $3::integer
