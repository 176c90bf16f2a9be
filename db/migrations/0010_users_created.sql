-- no-transaction
-- Who joined when, for the reports.
DROP INDEX CONCURRENTLY IF EXISTS users_created;
CREATE INDEX CONCURRENTLY users_created ON users (created_at);
