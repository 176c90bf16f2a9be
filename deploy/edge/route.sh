#!/bin/sh
# route.sh user|transaction|reporting HOST: sends a service's requests to HOST from now on. Those
# under way end where they began. HOST: a container, or the service's name for all of its replicas.
set -eu
service=$1 host=$2
dir=${EDGE_RUN_DIR:-/tmp/edge}
mkdir -p "$dir/routes" "$dir/hosts/$host"
# Renamed into place: at every moment there is a link, the old one or the new one.
ln -sfn "../hosts/$host" "$dir/routes/.$service.new"
mv -T "$dir/routes/.$service.new" "$dir/routes/$service"
