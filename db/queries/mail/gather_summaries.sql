-- Makes mails of the day before for $1 people whose morning has come; how many those were.
-- row: seen bigint
SELECT mail_summaries($1::integer) AS seen
