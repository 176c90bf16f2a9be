-- Whether the table of migrations is there.
-- row: exists boolean
SELECT to_regclass('schema_migrations') IS NOT NULL AS exists
