#!/bin/sh
# route.sh user|transaction|reporting HOST|default: sends a service's requests to HOST from now on.
# Requests under way end where they began: nginx starts new workers and lets the old ones finish.
set -eu
service=$1 host=$2
file=${EDGE_RUN_DIR:-/run/edge}/routes/$service.conf
if [ "$host" = default ]; then
  rm -f "$file"
else
  echo "edge $host;" >"$file"
fi
exec nginx -c /etc/edge/nginx.conf -s reload
