#!/usr/bin/env bash
# Keeps a database restorable to any moment. Runs until stopped:
#   - streams the write-ahead log to $BACKUP_DIR/wal as it is written (replication slot "backup"),
#   - takes a verified base backup when the newest is BACKUP_EVERY_S old (default a day),
#   - forgets base backups past BACKUP_KEEP_DAYS (default 14) and the log that only they needed.
# backup.sh once: just one base backup, now.   Restore: restore.sh.
set -euo pipefail
url=$(<"${DATABASE_URL_FILE:-/run/instapay/secrets/backup/database_url}")
# Apart from the password, which would be seen on the command lines below.
PGPASSWORD=$(sed -n 's#^[a-z]*://[^:]*:\([^@]*\)@.*#\1#p' <<<"$url")
export PGPASSWORD
url=${url/":$PGPASSWORD@"/@}
dir=${BACKUP_DIR:-/backups}
every_s=${BACKUP_EVERY_S:-86400} keep_days=${BACKUP_KEEP_DAYS:-14}
mkdir -p "$dir/base" "$dir/wal"

log() { printf '{"@timestamp":"%s","log.level":"%s","message":"%s","service.name":"backup","ecs.version":"8.11.0"}\n' "$(date -u +%FT%T.%3NZ)" "$1" "$2"; }

newest() { find "$dir/base" -mindepth 1 -maxdepth 1 -type d ! -name '*.partial' | sort | tail -n 1; }

base_backup() {
  local began name partial took_ms
  began=$(date +%s%3N) name=$(date -u +%Y%m%dT%H%M%SZ)
  partial=$dir/base/$name.partial
  rm -rf "$dir"/base/*.partial
  # With the log of its own duration, so that it can be restored even when wal/ is lost.
  pg_basebackup -d "$url" -D "$partial" -Fp -X stream --checkpoint=fast --no-password
  pg_verifybackup -q "$partial"
  mv "$partial" "$dir/base/$name"
  took_ms=$(($(date +%s%3N) - began))
  psql "$url" -Xqv ON_ERROR_STOP=1 <<SQL
INSERT INTO job_runs (job, duration_ms) VALUES ('backup', $took_ms)
ON CONFLICT (job) DO UPDATE SET succeeded_at = now(), duration_ms = excluded.duration_ms;
SQL
  log info "base backup $name taken and verified in $took_ms ms, $(du -sm "$dir/base/$name" | cut -f1) MB"
}

# At least one base backup stays, however old.
forget() {
  local last old first_wal
  last=$(newest)
  find "$dir/base" -mindepth 1 -maxdepth 1 -type d -mtime "+$keep_days" | while read -r old; do
    if [ "$old" != "$last" ]; then rm -rf "$old" && log info "forgot ${old##*/}"; fi
  done
  old=$(find "$dir/base" -mindepth 1 -maxdepth 1 -type d ! -name '*.partial' | sort | head -n 1)
  first_wal=$(sed -n 's/^START WAL LOCATION: .*(file \(.*\))$/\1/p' "$old/backup_label")
  if [ -n "$first_wal" ]; then pg_archivecleanup -x .gz "$dir/wal" "$first_wal"; fi
  # What is complete is compressed; the newest stay as they are, for a quick restore.
  find "$dir/wal" -type f -regextype posix-extended -regex '.*/[0-9A-F]{24}' -mmin +5 -exec gzip -1 {} +
}

if [ "${1:-}" = once ]; then
  base_backup
  exit
fi

receiver=
trap '[ -z "$receiver" ] || kill "$receiver" 2>/dev/null; exit 0' TERM INT
receive() {
  if [ -n "$receiver" ] && kill -0 "$receiver" 2>/dev/null; then return; fi
  pg_receivewal -d "$url" --slot=backup --create-slot --if-not-exists --no-password || return
  # It ends with its connection, so that the slot is made again where there is none: by itself it
  # would ask for ever for a slot that a promoted standby never had.
  pg_receivewal -d "$url" --slot=backup -D "$dir/wal" --synchronous --no-loop --no-password &
  receiver=$!
  log info "streaming the write-ahead log"
}

while :; do
  receive || log warn "cannot reach the database"
  last=$(newest)
  if [ -z "$last" ] || [ $(($(date +%s) - $(stat -c %Y "$last"))) -ge "$every_s" ]; then
    if base_backup && forget; then :; else log error "the base backup failed"; fi
  fi
  sleep "${BACKUP_POLL_S:-15}" &
  wait $! || true
done
