#!/usr/bin/env bash
# Makes the login roles of a database, each with the least it needs, and sets their passwords to
# those of the secrets: also the way to change a password. Run before `instapay migrate`, as often
# as you like. Connects as a superuser: PGHOST, PGUSER, PGPASSWORD or PGPASSWORD_FILE.
set -euo pipefail
secrets=${SECRETS_DIR:-/run/instapay/secrets}
if [ -n "${PGPASSWORD_FILE:-}" ]; then PGPASSWORD=$(<"$PGPASSWORD_FILE"); fi
export PGPASSWORD

# The password inside a database URL.
password_of() { sed -n 's#^[a-z]*://[^:]*:\([^@]*\)@.*#\1#p' "$secrets/$1/database_url"; }
owner=$(password_of migrate) user=$(password_of user-service)
transaction=$(password_of transaction-service) reporting=$(password_of reporting-service)
audit=$(password_of audit) heads=$(password_of heads) backup=$(password_of backup)
monitoring=$(<"$secrets/postgres-exporter/password")
export owner user transaction reporting audit heads backup monitoring

for attempt in $(seq 60); do
  if psql -d postgres -Atqc 'SELECT 1' >/dev/null 2>&1; then break; fi
  [ "$attempt" != 60 ] || { echo "PostgreSQL does not answer" >&2 && exit 1; }
  sleep 1
done

# The passwords come by the environment: a command line can be seen by everybody.
psql -d postgres -v ON_ERROR_STOP=1 -qX -f - <<'SQL'
\getenv owner owner
\getenv user user
\getenv transaction transaction
\getenv reporting reporting
\getenv audit audit
\getenv heads heads
\getenv backup backup
\getenv monitoring monitoring
SET client_min_messages = warning;
SET log_min_error_statement = panic; -- no password in the server's log
SET password_encryption = 'scram-sha-256';

-- What the services become by SET ROLE; the migrations grant these their rights.
SELECT format('CREATE ROLE %I NOLOGIN', name)
FROM unnest(ARRAY['instapay_user', 'instapay_transaction', 'instapay_reporting', 'instapay_jobs']) name
WHERE to_regrole(name) IS NULL \gexec
SELECT format('CREATE ROLE %I LOGIN', name)
FROM unnest(ARRAY['instapay_owner', 'user_service', 'transaction_service', 'reporting_service',
                  'audit_job', 'heads_job', 'backup_job', 'monitoring']) name
WHERE to_regrole(name) IS NULL \gexec

-- Owns the schema and nothing of the server: who may make roles may also give himself
-- pg_execute_server_program, and is then the server's operating system user.
ALTER ROLE instapay_owner NOSUPERUSER NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS PASSWORD :'owner';
-- NOINHERIT: nothing at all before SET ROLE.
ALTER ROLE user_service NOINHERIT PASSWORD :'user';
ALTER ROLE transaction_service NOINHERIT PASSWORD :'transaction';
ALTER ROLE reporting_service NOINHERIT PASSWORD :'reporting';
ALTER ROLE audit_job PASSWORD :'audit';
ALTER ROLE heads_job PASSWORD :'heads';
ALTER ROLE backup_job REPLICATION PASSWORD :'backup';
ALTER ROLE monitoring PASSWORD :'monitoring';
GRANT instapay_user, instapay_transaction, instapay_reporting, instapay_jobs
  TO instapay_owner WITH ADMIN OPTION;
GRANT instapay_user TO user_service;
GRANT instapay_transaction TO transaction_service;
GRANT instapay_reporting TO reporting_service, audit_job, heads_job;
GRANT instapay_jobs TO audit_job, heads_job, backup_job;
GRANT pg_monitor TO monitoring;

SELECT 'CREATE DATABASE instapay OWNER instapay_owner'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'instapay') \gexec
ALTER DATABASE instapay OWNER TO instapay_owner;
REVOKE ALL ON DATABASE instapay FROM PUBLIC;
GRANT CONNECT ON DATABASE instapay
  TO user_service, transaction_service, reporting_service, audit_job, heads_job, backup_job, monitoring;
SQL

# A URL of several hosts asks the first of them, and takes "there is no such role" for an answer: so
# every standby has to know them before anybody comes.
written=$(psql -d postgres -Atqc "SELECT pg_current_wal_lsn()")
for attempt in $(seq 60); do
  behind=$(psql -d postgres -Atqc "SELECT count(*) FROM pg_stat_replication WHERE replay_lsn < '$written'")
  if [ "$behind" = 0 ]; then break; fi
  [ "$attempt" != 60 ] || echo "a standby is 30 s behind and may not know them yet" >&2
  sleep 0.5
done
echo "roles and database are ready"
