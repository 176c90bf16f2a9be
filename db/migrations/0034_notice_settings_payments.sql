-- no-transaction
-- Who wants mails of payments: as long as nobody does, the follower that makes them has nothing to read.
DROP INDEX CONCURRENTLY IF EXISTS notice_settings_payments;
CREATE INDEX CONCURRENTLY notice_settings_payments
  ON notice_settings (user_id) WHERE large_payment_from IS NOT NULL OR money_in;
