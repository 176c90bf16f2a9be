-- What happened to somebody's account, after the event $2, oldest first.
-- row: id bigint, kind text, happened_at timestamptz, details text
SELECT id, kind, happened_at, details
FROM user_events
WHERE user_id = $1::uuid AND id > $2::bigint
ORDER BY id
LIMIT 500
