#!/usr/bin/env bash
# make-secrets.sh [DIR] [HOST]: makes every secret of an installation that is not there yet.
# DIR (default ./secrets) gets one folder for each container, holding just what that one needs.
# What exists is never changed, so that a second run, or one that was interrupted, does no harm.
# HOST is the name in the certificate that is made when there is none; bring a real one for
# production (docs/operations.md, "TLS certificates"). DB_HOST is where PostgreSQL is; of several
# hosts, with commas between them, the one that can be written to is used.
set -euo pipefail
case "${1:-}" in
  -h | --help) sed -n '2,7s/^# //p' "$0" && exit 0 ;;
  -*) printf 'usage: make-secrets.sh [DIR] [HOST]\n' >&2 && exit 2 ;;
esac
dir=${1:-secrets} host=${2:-localhost} db_host=${DB_HOST:-postgres}

random() { od -An -N "$1" -tx1 /dev/urandom | tr -d ' \n'; }

# put FILE COMMAND…: the command's output becomes FILE, at once and only when it went well.
put() {
  local file=$dir/$1
  shift
  if [ -s "$file" ]; then return; fi
  mkdir -p "${file%/*}"
  "$@" >"$file.new"
  # The folder keeps others out; inside a container another user must be able to read.
  chmod 0444 "$file.new"
  mv "$file.new" "$file"
}

# RS256 for tokens: checked with every first request. ES256 for receipts: small, and kept.
token_key() {
  if command -v instapay >/dev/null; then
    instapay keygen tokens
  else
    openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048
  fi
}
receipt_key() {
  if command -v instapay >/dev/null; then
    instapay keygen receipts
  else
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256
  fi
}
factor_key() { head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n'; }

# One login for each part; what each may do is in deploy/postgres/roles.sh.
database_url() {
  case $db_host in
    *,*) printf 'postgresql://%s:%s@%s/instapay?target_session_attrs=read-write&connect_timeout=2' "$1" "$(random 24)" "$db_host" ;;
    *) printf 'postgresql://%s:%s@%s:5432/instapay' "$1" "$(random 24)" "$db_host" ;;
  esac
}

umask 077
mkdir -p "$dir"
put postgres/password random 24
put postgres/replication_password random 24
put postgres/rewind_password random 24
put postgres/restapi_password random 24
put migrate/database_url database_url instapay_owner
put user-service/database_url database_url user_service
put user-service/jwt_private_key token_key
put user-service/factor_key factor_key
put user-service/vapid_private_key receipt_key
put user-service/operator_password random 12
put user-service/smtp_password true # empty: yours, if the mail server wants one
put transaction-service/database_url database_url transaction_service
put transaction-service/receipt_private_key receipt_key
put reporting-service/database_url database_url reporting_service
put reporting-service/receipt_private_key cat "$dir/transaction-service/receipt_private_key"
put audit/database_url database_url audit_job
put heads/database_url database_url heads_job
put heads/receipt_private_key cat "$dir/transaction-service/receipt_private_key"
put backup/database_url database_url backup_job
put postgres-exporter/password random 24
put grafana/admin_password random 12
put elasticsearch/elastic_password random 16
put elasticsearch/kibana_password random 16
put elasticsearch/logstash_password random 16
put kibana/encryption_key random 32
if [ ! -s "$dir/edge/tls.crt" ] && command -v openssl >/dev/null; then
  mkdir -p "$dir/edge"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365 \
    -subj "/CN=$host" -addext "subjectAltName=DNS:$host,DNS:localhost,IP:127.0.0.1" \
    -keyout "$dir/edge/tls.key" -out "$dir/edge/tls.crt" 2>/dev/null
  chmod 0444 "$dir/edge/tls.key" "$dir/edge/tls.crt"
  echo "edge/tls.crt is self-signed, for $host: browsers will warn until you bring a real one" >&2
fi
# Folders open, the root closed: only who may read the root's folder reaches the files.
find "$dir" -mindepth 1 -type d -exec chmod 0755 {} +
chmod "${SECRETS_MODE:-0700}" "$dir"
