-- row: now timestamptz
SELECT clock_timestamp() AS now
