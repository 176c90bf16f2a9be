-- no-transaction
-- Paid once is paid once, whatever races; and where the payments of a request are found.
DROP INDEX CONCURRENTLY IF EXISTS entries_requests;
CREATE UNIQUE INDEX CONCURRENTLY entries_requests ON entries (
  account_id, reference, (CASE WHEN get_byte(uuid_send(reference), 6) < 128 THEN 0 ELSE seq END))
  WHERE reference IS NOT NULL AND amount > 0 AND kind = 1;
