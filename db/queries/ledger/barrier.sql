-- Commits after everything that this connection has read: with synchronous replication it returns when
-- that is on the standby too.
-- row: position text
SELECT pg_logical_emit_message(true, 'instapay', '')::text AS position
