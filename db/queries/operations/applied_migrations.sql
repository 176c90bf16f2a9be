-- How many of the migrations that a program knows were applied.
-- row: applied bigint
SELECT count(*) AS applied FROM schema_migrations WHERE version = ANY ($1::integer[])
