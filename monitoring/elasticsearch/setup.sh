#!/bin/bash
# Makes Elasticsearch and Kibana ready for our logs; idempotent. Needs ELASTICSEARCH_URL, KIBANA_URL,
# SECRETS_DIR, and the files beside it and in KIBANA_DIR.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd) kibana=${KIBANA_DIR:-/opt/kibana}
elastic_password=$(<"$SECRETS_DIR/elastic_password")

# Passwords go by files that only this process reads: a command line can be seen by everybody.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf 'user = "elastic:%s"\n' "$elastic_password" >"$work/curl"
ask() {
  local url=$1
  shift
  curl -sS --fail-with-body -K "$work/curl" -H 'Content-Type: application/json' "$@" "$url"
  echo
}
until ask "$ELASTICSEARCH_URL/_cluster/health?wait_for_status=yellow&timeout=30s" >/dev/null 2>&1; do sleep 2; done

printf '{"password": "%s"}' "$(<"$SECRETS_DIR/kibana_password")" >"$work/kibana"
ask "$ELASTICSEARCH_URL/_security/user/kibana_system/_password" -X POST -d @"$work/kibana"
ask "$ELASTICSEARCH_URL/_security/role/logstash_writer" -X PUT -d '{
  "cluster": ["monitor"],
  "indices": [{"names": ["logs-instapay-*"], "privileges": ["create_doc", "auto_configure", "view_index_metadata"]}]}'
printf '{"roles": ["logstash_writer"], "password": "%s"}' "$(<"$SECRETS_DIR/logstash_password")" >"$work/logstash"
ask "$ELASTICSEARCH_URL/_security/user/logstash_writer" -X PUT -d @"$work/logstash"
ask "$ELASTICSEARCH_URL/_ilm/policy/instapay-logs" -X PUT -d @"$here/lifecycle.json"
ask "$ELASTICSEARCH_URL/_index_template/instapay-logs" -X PUT -d @"$here/index-template.json"

until ask "$KIBANA_URL/api/status" >/dev/null 2>&1; do sleep 3; done
curl -sS --fail-with-body -K "$work/curl" -H 'kbn-xsrf: setup' -F file=@"$kibana/instapay.ndjson" \
  "$KIBANA_URL/api/saved_objects/_import?overwrite=true"
echo "logs are ready to be searched"
