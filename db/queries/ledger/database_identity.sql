-- Which database this is: initdb gives the first number, every promotion and every restore to a moment
-- another second one.
-- row: system text, timeline integer, now timestamptz
SELECT (SELECT system_identifier::text FROM pg_control_system()) AS system,
       CASE WHEN pg_is_in_recovery() THEN (SELECT timeline_id FROM pg_control_checkpoint())
            ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::integer END AS timeline,
       clock_timestamp() AS now
