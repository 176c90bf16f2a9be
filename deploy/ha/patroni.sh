#!/usr/bin/env bash
# patroni.sh: PostgreSQL under Patroni, on one node. As the user of PostgreSQL.
#   NODE_NAME     a name of its own       NODE_ADDRESS  where the other nodes reach this one
#   ETCD_HOSTS    host:2379,host:2379,…   PGDATA        the folder of the data
set -euo pipefail
config=${PATRONI_CONFIG:-/etc/instapay/patroni.yml}
secrets=${SECRETS_DIR:-/run/instapay/secrets/postgres}
: "${NODE_NAME:?}" "${NODE_ADDRESS:?}" "${ETCD_HOSTS:?}" "${PGDATA:?}"
PATH=$PATH:/usr/lib/postgresql/15/bin

export PATRONI_NAME=$NODE_NAME
# By etcd's second API, whose writes say what they expect to replace. With the third, Patroni before
# 3.0.3 writes the leader's key over that of somebody else after a partition: payments were lost so.
export PATRONI_ETCD_HOSTS=$ETCD_HOSTS
export PATRONI_RESTAPI_LISTEN=0.0.0.0:8008 PATRONI_RESTAPI_CONNECT_ADDRESS=$NODE_ADDRESS:8008
export PATRONI_POSTGRESQL_LISTEN='*:5432' PATRONI_POSTGRESQL_CONNECT_ADDRESS=$NODE_ADDRESS:5432
export PATRONI_POSTGRESQL_DATA_DIR=$PGDATA PATRONI_POSTGRESQL_BIN_DIR=/usr/lib/postgresql/15/bin
export PATRONI_POSTGRESQL_PGPASS=${TMPDIR:-/tmp}/pgpass-$NODE_NAME
export PATRONI_SUPERUSER_USERNAME=postgres PATRONI_REPLICATION_USERNAME=replicator
export PATRONI_REWIND_USERNAME=rewind PATRONI_RESTAPI_USERNAME=patroni
PATRONI_SUPERUSER_PASSWORD=$(<"$secrets/password")
PATRONI_REPLICATION_PASSWORD=$(<"$secrets/replication_password")
PATRONI_REWIND_PASSWORD=$(<"$secrets/rewind_password")
PATRONI_RESTAPI_PASSWORD=$(<"$secrets/restapi_password")
export PATRONI_SUPERUSER_PASSWORD PATRONI_REPLICATION_PASSWORD PATRONI_REWIND_PASSWORD PATRONI_RESTAPI_PASSWORD

# patroni.sh ctl …: patronictl with the same settings.
if [ "${1:-}" = ctl ]; then
  shift
  exec patronictl -c "$config" "$@"
fi
exec patroni "$config"
