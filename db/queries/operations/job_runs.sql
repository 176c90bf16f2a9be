-- row: job text, succeeded_at_s bigint, duration_ms bigint
SELECT job, extract(epoch FROM succeeded_at)::bigint AS succeeded_at_s, duration_ms
FROM job_runs ORDER BY job
