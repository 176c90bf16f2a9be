-- row: none
INSERT INTO job_runs (job, succeeded_at, duration_ms)
VALUES ($1::text, now(), $2::bigint)
ON CONFLICT (job) DO UPDATE
SET succeeded_at = excluded.succeeded_at, duration_ms = excluded.duration_ms
