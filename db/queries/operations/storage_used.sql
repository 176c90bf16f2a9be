-- What this database and the write-ahead log take on disk: of the log what a checkpoint may let it
-- grow to, or what a replication slot holds back where that is more. Only of a primary.
-- row: bytes bigint
SELECT pg_database_size(current_database())
       + greatest(pg_size_bytes(current_setting('max_wal_size')),
                  (SELECT max(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn))::bigint
                   FROM pg_replication_slots)) AS bytes
