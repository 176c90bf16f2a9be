# shellcheck shell=bash
# Makes ready what a command needs, and does nothing when it is there: packages, build trees, .venv, web/dist.
# Sourced after lib.sh. Every function says by its status whether it went well, also where errexit is off.

# Packages of the given groups that are not installed.
missing_packages() {
  local groups=" $* " group package command installed
  installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' 2>/dev/null | sed -n 's/^installed //p')
  while read -r group package _; do
    case "$group" in '' | '#'*) continue ;; esac
    [[ $groups == *" $group "* ]] || continue
    IFS=: read -r package command <<<"$package"
    grep -qxF "$package" <<<"$installed" && continue
    [ -n "$command" ] && command -v "$command" >/dev/null && continue
    printf '%s\n' "$package"
  done <"$root/scripts/packages.txt"
}

# Debian's PostgreSQL package makes and starts a cluster of its own; ours are private, so it is told not to.
# The drop-in is read by postgresql-common and removed again: the administrator's own settings stay as they were.
install_packages() {
  local as_root=() drop_in=/etc/postgresql-common/createcluster.d/instapay-no-main-cluster.conf
  [ "$(id -u)" = 0 ] || as_root=(sudo)
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=600)
  "${apt[@]}" update || return
  if [[ " $* " == *" postgresql-15 "* ]]; then
    "${apt[@]}" install -y --no-install-recommends postgresql-common || return
    "${as_root[@]}" mkdir -p "${drop_in%/*}"
    "${as_root[@]}" tee "$drop_in" <<<"create_main_cluster = false"
  fi
  # Nor do the tests' nginx, Prometheus, etcd and their like run as daemons of this machine, now or later.
  local status=0 policy=/usr/sbin/policy-rc.d unit
  if [ -e "$policy" ]; then policy=; fi
  [ -z "$policy" ] || printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" install -m 755 /dev/stdin "$policy" || return
  "${apt[@]}" install -y --no-install-recommends "$@" || status=$?
  [ -z "$policy" ] || "${as_root[@]}" rm -f "$policy"
  for unit in nginx-light:nginx prometheus prometheus-alertmanager prometheus-postgres-exporter \
    patroni etcd-server:etcd haproxy; do
    [[ " $* " != *" ${unit%:*} "* ]] || "${as_root[@]}" deb-systemd-helper disable "${unit#*:}.service" || true
  done
  "${as_root[@]}" rm -f "$drop_in"
  return "$status"
}

# ensure_packages GROUP…: no network and no root when nothing is missing.
ensure_packages() {
  [ -z "${INSTAPAY_SKIP_PACKAGES:-}" ] || return 0
  command -v apt-get >/dev/null || die "this is not Debian: install what scripts/packages.txt lists by other means, \
then set INSTAPAY_SKIP_PACKAGES=1"
  local missing
  mapfile -t missing < <(missing_packages "$@")
  [ "${#missing[@]}" != 0 ] || return 0
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || die "these packages are missing, and there is no sudo: ${missing[*]}"
    sudo -v || die "these packages are missing, and sudo refused: ${missing[*]}"
  fi
  step "install ${#missing[@]} Debian packages" install_packages "${missing[@]}"
}

# configured PRESET: the build tree exists and is no older than the presets.
configured() {
  [ -f "$root/build/$1/build.ninja" ] && [ ! "$root/CMakePresets.json" -nt "$root/build/$1/build.ninja" ]
}

configure() { (cd "$root" && cmake --preset "$1"); }

ensure_configured() { configured "$1" || step "configure $1" configure "$1"; }

# ensure_built PRESET TARGET…
ensure_built() {
  local preset=$1
  shift
  ensure_configured "$preset" || return
  step "build $preset: $*" cmake --build "$root/build/$preset" --target "$@"
}

# up_to_date STAMP FILE…: the stamp holds the checksum of these files.
up_to_date() {
  local stamp=$1
  shift
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(cat "$@" | sha256sum)" ]
}

ensure_venv() {
  local requirements="$root/tests/requirements.txt" stamp="$root/.venv/.stamp"
  up_to_date "$stamp" "$requirements" && return 0
  # Debian's own interpreter: its version is known, and python3-venv belongs to it.
  # shellcheck disable=SC2016  # the inner shell expands them
  step "Python packages" bash -euc '
    /usr/bin/python3 -m venv --clear "$1/.venv"
    "$1/.venv/bin/pip" install --disable-pip-version-check --progress-bar off -r "$2"' _ "$root" "$requirements" || return
  sha256sum <"$requirements" >"$stamp"
}

# ensure_clients: what the clients suite compiles against; it runs without network then.
ensure_clients() {
  local here="$root/tests/clients" stamp="$root/tests/clients/typescript/node_modules/.stamp"
  up_to_date "$stamp" "$here/typescript/package-lock.json" "$here/go/go.sum" && return 0
  step "npm packages of the clients" npm --prefix "$here/typescript" ci --no-audit --no-fund || return
  step "Go modules of the clients" env -C "$here/go" go mod download gopkg.in/validator.v2 golang.org/x/oauth2 || return
  cat "$here/typescript/package-lock.json" "$here/go/go.sum" | sha256sum >"$stamp"
}

# ensure_browser_tests: what drives the browser, in tests/web/node_modules.
ensure_browser_tests() {
  local tests="$root/tests/web" stamp="$root/tests/web/node_modules/.stamp"
  up_to_date "$stamp" "$tests/package-lock.json" && return 0
  step "npm packages of the browser tests" npm --prefix "$tests" ci --no-audit --no-fund || return
  sha256sum <"$tests/package-lock.json" >"$stamp"
}

# ensure_web: web/dist, rebuilt when any of its sources changed.
ensure_web() {
  local web="$root/web" lock_stamp="$root/web/node_modules/.stamp" dist_stamp="$root/web/dist/.stamp" sources
  [ -f "$web/package.json" ] || return 0
  ensure_packages web || return
  local major
  major=$(node -p 'process.versions.node.split(".")[0]')
  [ "$major" -ge 18 ] || die "web/ needs Node.js 18 or newer, this is $(node --version)"
  if ! up_to_date "$lock_stamp" "$web/package-lock.json"; then
    step "npm packages" npm --prefix "$web" ci --no-audit --no-fund || return
    sha256sum <"$web/package-lock.json" >"$lock_stamp"
  fi
  # The wallet's types are made from the API's description.
  mapfile -d '' -t sources < <(find "$web" "$root/api" -maxdepth 1 -type f -print0 2>/dev/null | sort -z
    find "$web/src" "$web/public" "$web/scripts" -type f ! -name '*.gen.*' -print0 2>/dev/null | sort -z)
  if ! up_to_date "$dist_stamp" "${sources[@]}"; then
    step "build web" npm --prefix "$web" run build || return
    cat "${sources[@]}" | sha256sum >"$dist_stamp"
  fi
}
