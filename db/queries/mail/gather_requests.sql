-- Makes mails of what happened to requests, $1 events at a time; how many those were.
-- row: seen bigint
SELECT mail_request_events($1::integer) AS seen
