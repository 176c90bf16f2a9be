-- row: user_id uuid, address text
SELECT user_id, address FROM undo_email_change($1::bytea)
