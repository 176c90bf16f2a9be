-- no-transaction
-- Which requests run out next.
DROP INDEX CONCURRENTLY IF EXISTS payment_requests_expiring;
CREATE INDEX CONCURRENTLY payment_requests_expiring ON payment_requests (expires_at) WHERE status IN (0, 2);
