-- What operators' jobs leave behind: the reporting service publishes how long ago each succeeded.
-- The row is written by the job itself, so it says the same wherever it runs, and comes back with
-- a restored database.
CREATE TABLE job_runs (
  job          text PRIMARY KEY,
  succeeded_at timestamptz NOT NULL DEFAULT now(),
  duration_ms  bigint NOT NULL DEFAULT 0,
  CONSTRAINT job_runs_job CHECK (job ~ '^[a-z][a-z_]{0,31}$')
);
DO $$
BEGIN
  CREATE ROLE instapay_jobs NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
  NULL;
END $$;
GRANT instapay_jobs TO CURRENT_USER;
GRANT SELECT, INSERT, UPDATE ON job_runs TO instapay_jobs;
GRANT SELECT ON job_runs TO instapay_reporting;
