-- Events that are shown no more, $1 at a time.
-- row: purged bigint
SELECT purge_user_events($1::integer) AS purged
