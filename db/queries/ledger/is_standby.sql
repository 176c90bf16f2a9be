-- row: standby boolean
SELECT pg_is_in_recovery() AS standby
