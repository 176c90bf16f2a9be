#!/usr/bin/env bash
# restore.sh [--base NAME] [--to 'YYYY-MM-DD hh:mm:ss+00']: makes the database of $BACKUP_DIR again in
# an empty $PGDATA: everything that was archived, or all up to the given time. Never writes into a
# folder that holds a database. Run as the user of PostgreSQL.
set -euo pipefail
dir=${BACKUP_DIR:-/backups} data=${PGDATA:?PGDATA says where to restore to}
base='' target=''
while [ $# -gt 0 ]; do
  case $1 in
    --base) base=$2 ;;
    --to) target=$2 ;;
    *) echo "usage: restore.sh [--base NAME] [--to TIME]" >&2 && exit 2 ;;
  esac
  shift 2
done
if [ -s "$data/PG_VERSION" ]; then
  echo "$data holds a database: restore into an empty folder" >&2
  exit 1
fi
if [ -z "$base" ]; then
  # The newest that was complete before the wanted time.
  limit=$(date -u -d "${target:-now}" +%Y%m%dT%H%M%SZ)
  for found in $(find "$dir/base" -mindepth 1 -maxdepth 1 -type d ! -name '*.partial' -printf '%f\n' | sort); do
    if [[ ! $found > $limit ]]; then base=$found; fi
  done
fi
if [ -z "$base" ] || [ ! -d "$dir/base/$base" ]; then
  echo "no base backup for that in $dir/base" >&2
  exit 1
fi

pg_verifybackup -q "$dir/base/$base"
mkdir -p "$data"
cp -a "$dir/base/$base/." "$data/"
chmod 0700 "$data"
settings=$data/postgresql.auto.conf
cp "$settings" "$settings.before"
# In order of preference: complete, compressed, and the one that was being received.
cat >>"$settings" <<CONF
restore_command = 'f="$dir/wal/%f"; if [ -f "\$f" ]; then cp "\$f" "%p"; elif [ -f "\$f.gz" ]; then gunzip -c "\$f.gz" >"%p"; else cp "\$f.partial" "%p"; fi'
recovery_target_action = 'promote'
CONF
if [ -n "$target" ]; then printf "recovery_target_time = '%s'\n" "$target" >>"$settings"; fi
touch "$data/recovery.signal"

# Recovers here and now, reachable by nobody, so that what is left behind is an ordinary database.
log=$data/restore.log socket=$(mktemp -d)
trap 'rm -rf "$socket"' EXIT
options="-c listen_addresses='' -c unix_socket_directories='$socket' -c port=5432 -c hot_standby=off"
pg_ctl -D "$data" -l "$log" -W -s start -o "$options"
sleep 0.5
until pg_isready -q -h "$socket" -p 5432; do
  if ! pg_ctl -D "$data" status >/dev/null; then
    cat "$log" >&2
    exit 1
  fi
  sleep 0.2
done
pg_ctl -D "$data" -s -m fast stop
mv "$settings.before" "$settings"
grep -E 'recovery stopping|last completed transaction|redo done' "$log" >&2 || true
rm -f "$log"
echo "restored from the base backup $base${target:+ up to $target}; PostgreSQL can be started"
