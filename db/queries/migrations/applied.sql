-- row: version integer, checksum text
SELECT version, checksum FROM schema_migrations ORDER BY version
