-- row: address text?
SELECT confirm_email_change($1::bytea) AS address
