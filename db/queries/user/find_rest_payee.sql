-- By id, e-mail address or username; what was not given as one of them is NULL.
SELECT id FROM users
WHERE (id = $1::uuid OR email = $2::text OR username = $3::text) AND erased_at IS NULL
