DELETE FROM request_blocks WHERE user_id = $1::uuid AND blocked_id = $2::uuid
