-- row: seen integer
SELECT begin_occurrences($1::integer) AS seen
