-- row: locked void
SELECT pg_advisory_xact_lock(1919905904, $1::integer) AS locked
