-- How many of the batches' transfers there are; they are searched from now on when those are all.
-- row: found bigint
SELECT index_batches($1::integer, $2::bigint, $3::bigint) AS found
