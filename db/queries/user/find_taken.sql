-- Before the slow hash: what a registration would collide with. The unique constraints decide.
SELECT exists(SELECT FROM users WHERE email = $1::text),
       exists(SELECT FROM users WHERE username = $2::text)
