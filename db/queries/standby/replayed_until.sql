-- When the last transaction that this standby has replayed was committed; no row when it is a standby
-- no longer. Reports have the primary commit something every second: what it says grows old only when
-- something is missing here, not because nobody pays.
-- row: committed_at timestamptz?
SELECT pg_last_xact_replay_timestamp() AS committed_at WHERE pg_is_in_recovery()
