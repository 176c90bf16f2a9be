#!/usr/bin/env bash
# restore.sh [--base NAME] [--to 'YYYY-MM-DD hh:mm:ss+00']: prepares an empty $PGDATA from
# $BACKUP_DIR so that PostgreSQL, started on it, recovers everything (or up to the given time) and
# then opens. Never writes into a folder that holds a database. Run as the user of PostgreSQL.
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
[ -n "$base" ] && [ -d "$dir/base/$base" ] || { echo "no base backup for that in $dir/base" >&2 && exit 1; }

pg_verifybackup -q "$dir/base/$base"
mkdir -p "$data"
cp -a "$dir/base/$base/." "$data/"
chmod 0700 "$data"
# In order of preference: complete, compressed, and the one that was being received.
cat >>"$data/postgresql.auto.conf" <<CONF
restore_command = 'f="$dir/wal/%f"; if [ -f "\$f" ]; then cp "\$f" "%p"; elif [ -f "\$f.gz" ]; then gunzip -c "\$f.gz" >"%p"; else cp "\$f.partial" "%p"; fi'
recovery_target_action = 'promote'
CONF
if [ -n "$target" ]; then
  printf "recovery_target_time = '%s'\n" "$target" >>"$data/postgresql.auto.conf"
fi
touch "$data/recovery.signal"
echo "restored the base backup $base; start PostgreSQL on $data to recover${target:+ up to $target}"
