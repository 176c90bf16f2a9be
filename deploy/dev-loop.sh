#!/bin/bash
# dev-loop user|transaction|reporting: builds the mounted sources, serves, and does both again
# whenever a source changes. dev-loop migrate: builds, migrates and ends. The three services share a build tree; flock lets one build at a time.
set -uo pipefail
service=$1
export CCACHE_DIR=/build/.ccache
cd /src || exit
child=
stop() {
  [ -z "$child" ] || kill -TERM "$child" 2>/dev/null
  wait "$child" 2>/dev/null
  exit 0
}
trap stop TERM INT

build() {
  flock /build/.lock bash -ec '
    [ -f /build/build.ninja ] ||
      cmake -S /src -B /build -G Ninja -DCMAKE_CXX_COMPILER=clang++-19 -DCMAKE_BUILD_TYPE=Debug -DINSTAPAY_TESTS=OFF
    cmake --build /build --target instapay'
}

if [ "$service" = migrate ]; then
  build || exit
  exec /build/instapay migrate
fi

while :; do
  # Before the build: what is saved while it runs is seen too.
  inotifywait -qq -r -e close_write,create,delete,move src db api cmake CMakeLists.txt &
  watcher=$!
  if build; then
    # A migration that was just written is applied too.
    if [ "$service" = user ] && [ -n "${MIGRATE_DATABASE_URL_FILE:-}" ]; then
      DATABASE_URL_FILE=$MIGRATE_DATABASE_URL_FILE /build/instapay migrate
    fi
    # A copy: the next build replaces the original under a running process.
    install /build/instapay "/tmp/instapay-$service"
    "/tmp/instapay-$service" serve "$service" &
    child=$!
  else
    echo "the build failed; waiting for a change" >&2
  fi
  wait "$watcher"
  sleep 0.5 # an editor's "save all" is several events
  if [ -n "$child" ]; then
    kill -TERM "$child" 2>/dev/null
    wait "$child" 2>/dev/null
    child=
  fi
done
