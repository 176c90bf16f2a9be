SELECT id FROM users WHERE username = $1::text OR email = $1::text
