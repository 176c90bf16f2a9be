#!/usr/bin/env bash
# etcd.sh: one of the three that decide who is the primary.
#   NODE_NAME     a name of its own                    NODE_ADDRESS  where the others reach this one
#   ETCD_CLUSTER  name=http://host:2380,…  of all      ETCD_DATA     the folder of its data
set -euo pipefail
: "${NODE_NAME:?}" "${NODE_ADDRESS:?}" "${ETCD_CLUSTER:?}" "${ETCD_DATA:?}"
# What stands in the environment would be said twice.
cluster=$ETCD_CLUSTER data=$ETCD_DATA
unset ETCD_CLUSTER ETCD_DATA
umask 077
mkdir -p "$data"
exec etcd --name "$NODE_NAME" --data-dir "$data" \
  --listen-client-urls http://0.0.0.0:2379 --advertise-client-urls "http://$NODE_ADDRESS:2379" \
  --listen-peer-urls http://0.0.0.0:2380 --initial-advertise-peer-urls "http://$NODE_ADDRESS:2380" \
  --initial-cluster "$cluster" --initial-cluster-token instapay --initial-cluster-state new \
  --enable-v2 --heartbeat-interval 100 --election-timeout 1000 \
  --auto-compaction-mode periodic --auto-compaction-retention 1h --log-level warn
