-- Whose statement it is.
-- row: username text, display_name text
SELECT username, display_name FROM users WHERE id = $1::uuid
