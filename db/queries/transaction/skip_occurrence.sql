-- row: skipped boolean
SELECT skip_occurrence($1::uuid, $2::uuid, $3::integer) AS skipped
