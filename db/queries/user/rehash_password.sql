-- The same password at the present cost, unless it was changed meanwhile.
UPDATE users SET password_hash = $3::text WHERE id = $1::uuid AND password_hash = $2::text
