SELECT job, extract(epoch FROM succeeded_at)::bigint, duration_ms FROM job_runs ORDER BY job
