-- The primary's clock, and a transaction with a number, which standbys replay the end of even when
-- it changed nothing.
-- row: now timestamptz, transaction text
SELECT clock_timestamp() AS now, pg_current_xact_id()::text AS transaction
