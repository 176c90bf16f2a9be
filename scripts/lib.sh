# shellcheck shell=bash
# Shared by run, test, bench and .ci/run: where things are, steps with progress, errors.
# Sourced, never executed. Callers use `set -euo pipefail`.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
log_dir="$root/build/logs"
mkdir -p "$log_dir"

# One compiler cache for every tree and clone; paths are made relative so that clones share it.
export CCACHE_BASEDIR="$root" CCACHE_NOHASHDIR=1
export CMAKE_BUILD_PARALLEL_LEVEL="${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}"

if [ -t 2 ] && [ "${TERM:-dumb}" != dumb ]; then on_terminal=1; else on_terminal=; fi

die() {
  printf '%s: %s\n' "$(basename "$0")" "$1" >&2
  exit "${2:-1}"
}

seconds_since() { awk -v a="$1" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f", b - a }'; }

ticker_pid=
# Redraws one line a second: what runs, for how long, and the last line of its log.
start_ticker() {
  [ -n "$on_terminal" ] || return 0
  local title=$1 log=$2 began=$SECONDS
  (
    trap '' INT
    while :; do
      last=$(tail -c 300 "$log" 2>/dev/null | tr '\r' '\n' | grep -v '^\s*$' | tail -n 1 | tr -cd '[:print:]' | cut -c1-"$((${COLUMNS:-100} - 44))")
      printf '\r\033[K%-34s %4d s  \033[2m%s\033[0m' "$title" "$((SECONDS - began))" "$last" >&2
      sleep 1
    done
  ) &
  ticker_pid=$!
}

stop_ticker() {
  [ -n "$ticker_pid" ] || return 0
  kill "$ticker_pid" 2>/dev/null || true
  wait "$ticker_pid" 2>/dev/null || true
  ticker_pid=
  printf '\r\033[K' >&2
}
trap stop_ticker EXIT

# step TITLE COMMAND…: runs COMMAND quietly; one line with the time it took, or its log when it fails.
step() {
  local title=$1 status=0 began=$EPOCHREALTIME log
  shift
  log="$log_dir/$(tr -c 'a-zA-Z0-9\n' _ <<<"$title").log"
  : >"$log"
  [ -n "$on_terminal" ] || printf '%-34s' "$title" >&2
  start_ticker "$title" "$log"
  "$@" >"$log" 2>&1 </dev/null || status=$?
  stop_ticker
  [ -z "$on_terminal" ] || printf '%-34s' "$title" >&2
  if [ "$status" = 0 ]; then
    printf ' %8s s  ok\n' "$(seconds_since "$began")" >&2
  else
    printf ' %8s s  FAILED (%s)\n' "$(seconds_since "$began")" "$status" >&2
    tail -n 200 "$log" >&2
    printf '%s\n' "The whole log: ${log#"$root"/}" >&2
  fi
  return "$status"
}
