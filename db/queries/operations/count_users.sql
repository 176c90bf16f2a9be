-- row: users bigint
SELECT count(*) AS users FROM users
