-- How many of the batches' transfers there are; what is to be mailed of them is in the outbox when those are all.
-- row: found bigint
SELECT mail_batches($1::integer, $2::bigint, $3::bigint) AS found
