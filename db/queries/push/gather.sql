-- Makes pushes of what was told of requests, holds, schedules, mandates and accounts, $1 events at a time; how many those
-- were.
-- row: seen bigint
SELECT push_events($1::integer) AS seen
