-- Commits after everything that this connection has read: with synchronous replication it returns when
-- that is on the standby too.
SELECT pg_logical_emit_message(true, 'instapay', '')
