#!/usr/bin/env bash
# rolling-update.sh [-f COMPOSE-FILE]… [service…]: replaces services by those of the images that
# $VERSION names, one after the other, without a request that fails. Build or pull them first.
# COMPOSE_COMMAND (default "docker compose") and CONTAINER_ENGINE (default "docker") may be others.
set -euo pipefail
read -ra compose <<<"${COMPOSE_COMMAND:-docker compose}"
read -ra engine <<<"${CONTAINER_ENGINE:-docker}"
ready_within_s=${READY_WITHIN_S:-120}
files=() services=()
while [ $# -gt 0 ]; do
  case $1 in
    -f) files+=(-f "$2") && shift ;;
    *) services+=("$1") ;;
  esac
  shift
done
[ "${#services[@]}" != 0 ] || services=(user-service transaction-service reporting-service)

c() { "${compose[@]}" "${files[@]}" "$@"; }
containers() { c ps -q "${@:2}" "$1" | sort; } # containers SERVICE [-a]: with those that ended
name_of() { "${engine[@]}" inspect --format '{{.Name}}' "$1" | tr -d /; }
route_to() { # route_to SERVICE CONTAINER
  local name
  name=$(name_of "$2")
  route "$1" "${name:?$2 has no name}"
}
health_of() { "${engine[@]}" inspect --format '{{.State.Health.Status}}' "$1"; }
route() { c exec -T web /etc/edge/route.sh "${1%-service}" "$2"; }

echo "migrations" >&2
c run --rm --no-deps -T migrate

for service in "${services[@]}"; do
  mapfile -t old < <(containers "$service")
  mapfile -t before < <(containers "$service" -a)
  [ "${#old[@]}" != 0 ] || { echo "$service does not run: use up" >&2 && exit 1; }
  echo "$service: a new one beside ${#old[@]}" >&2
  # The service's name leads to the new ones as soon as they run, long before they are ready.
  route_to "$service" "${old[0]}"
  c up -d --no-deps --no-build --no-recreate --scale "$service=$((2 * ${#old[@]}))" "$service"
  mapfile -t new < <(comm -13 <(printf '%s\n' "${before[@]}") <(containers "$service" -a))
  [ "${#new[@]}" = "${#old[@]}" ] || { echo "$service: ${#new[@]} new ones instead of ${#old[@]}" >&2 && exit 1; }
  deadline=$((SECONDS + ready_within_s))
  for id in "${new[@]}"; do
    until [ "$(health_of "$id")" = healthy ]; do
      if [ "$SECONDS" -ge "$deadline" ]; then
        echo "$service: the new one is not ready within $ready_within_s s; it goes, the old one stays" >&2
        "${engine[@]}" logs --tail 20 "$id" >&2 || true
        "${engine[@]}" rm -f "${new[@]}" >/dev/null
        sleep 2
        route "$service" "$service"
        exit 1
      fi
      sleep 0.5
    done
  done
  # All new requests go to a new one; those under way are finished by the old ones.
  route_to "$service" "${new[0]}"
  sleep 1
  for id in "${old[@]}"; do "${engine[@]}" stop -t 15 "$id" >/dev/null; done
  "${engine[@]}" rm "${old[@]}" >/dev/null
  # The name leads to the new ones only, once the edge's memory of it (1 s) is gone.
  sleep 2
  route "$service" "$service"
  echo "$service: updated" >&2
done
