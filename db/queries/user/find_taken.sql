-- Before the slow hash: what a registration would collide with. The unique constraints and triggers decide.
SELECT exists(SELECT FROM users WHERE email = $1::text) OR is_email_reserved($1::text, NULL),
       exists(SELECT FROM users WHERE username = $2::text)
