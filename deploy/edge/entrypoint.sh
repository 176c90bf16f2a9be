#!/bin/sh
# shellcheck disable=SC2016  # the dollars are for nginx
# Writes what depends on the place into /tmp/edge, then starts nginx.
#   EDGE_TLS=on|off                  certificate and key in /run/instapay/secrets/edge/tls.{crt,key}
#   EDGE_HTTPS_PORT=443              port that clients use, for the redirect from HTTP
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
} >"$dir/settings.conf"

case $tls in
  on) echo 'include /etc/edge/https.conf;' >"$dir/server.conf" ;;
  off) echo 'include /etc/edge/http.conf;' >"$dir/server.conf" ;;
  *) echo "EDGE_TLS must be on or off, not \"$tls\"" >&2 && exit 2 ;;
esac
exec "$@"
