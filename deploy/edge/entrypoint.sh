#!/bin/sh
# shellcheck disable=SC2016  # the dollars are for nginx
# Writes what depends on the place into /tmp/edge, then starts nginx.
#   EDGE_TLS=on|off                  certificate and key in /run/instapay/secrets/edge/tls.{crt,key}
#   EDGE_HTTPS_PORT=443              port that clients use, for the redirect from HTTP
#   EDGE_CONNECTIONS_PER_ADDRESS=100 requests at once from one address, beyond it 429; streams count
#   EDGE_REQUESTS_PER_ADDRESS_PER_S=200   and in a second, twice that many at once
#   EDGE_TRUSTED_PROXIES=            networks of what stands before the edge, if anything does: comma-
#                                    separated; the last address of their X-Forwarded-For is the client's
#   EDGE_SERVICE_PORTS=on|off        each service also on a port of its own: 8000, 8001, 8002
#   USER_SERVICE, TRANSACTION_SERVICE, REPORTING_SERVICE   host names of the services
set -eu
dir=${EDGE_RUN_DIR:-/tmp/edge}
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$dir"

# nginx asks this server itself: it knows no search domains, so names must be complete. Only the first:
# nginx would ask the others in turn, and those often know nothing of containers.
nameserver=$(awk '/^nameserver/ { print ($2 ~ /:/) ? "[" $2 "]" : $2; exit }' "${RESOLV_CONF:-/etc/resolv.conf}")
echo "resolver ${nameserver:-127.0.0.11} valid=1s ipv6=off;" >"$dir/resolver.conf"

"$here/route.sh" user "${USER_SERVICE:-user-service}"
"$here/route.sh" transaction "${TRANSACTION_SERVICE:-transaction-service}"
"$here/route.sh" reporting "${REPORTING_SERVICE:-reporting-service}"

tls=${EDGE_TLS:-off}
port=${EDGE_HTTPS_PORT:-443}
per_s=${EDGE_REQUESTS_PER_ADDRESS_PER_S:-200}
{
  if [ "$tls" = on ]; then
    echo 'map edge $hsts { default "max-age=31536000; includeSubDomains"; }'
  else
    echo 'map edge $hsts { default ""; }'
  fi
  if [ "$port" = 443 ]; then
    echo 'map edge $https_port_suffix { default ""; }'
  else
    echo "map edge \$https_port_suffix { default \":$port\"; }"
  fi
  # Whoever stands before the edge has one address for everybody.
  for network in $(echo "${EDGE_TRUSTED_PROXIES:-}" | tr ',' ' '); do
    echo "set_real_ip_from $network;"
  done
  echo 'real_ip_header X-Forwarded-For;'
  echo "limit_req_zone \$binary_remote_addr zone=requests:10m rate=${per_s}r/s;"
} >"$dir/settings.conf"

{
  echo "limit_conn connections ${EDGE_CONNECTIONS_PER_ADDRESS:-100};"
  echo "limit_req zone=requests burst=$((per_s * 2)) nodelay;"
} >"$dir/limits.conf"

case $tls in
  on) echo 'include /etc/edge/https.conf;' >"$dir/server.conf" ;;
  off) echo 'include /etc/edge/http.conf;' >"$dir/server.conf" ;;
  *) echo "EDGE_TLS must be on or off, not \"$tls\"" >&2 && exit 2 ;;
esac
case ${EDGE_SERVICE_PORTS:-off} in
  on) echo 'include /etc/edge/services.conf;' >>"$dir/server.conf" ;;
  off) ;;
  *) echo "EDGE_SERVICE_PORTS must be on or off, not \"$EDGE_SERVICE_PORTS\"" >&2 && exit 2 ;;
esac
exec "$@"
