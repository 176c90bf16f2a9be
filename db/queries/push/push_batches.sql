-- How many of the batches' transfers there are; what is to be pushed of them is in the outbox when those are all.
-- row: found bigint
SELECT push_batches($1::integer, $2::bigint, $3::bigint) AS found
