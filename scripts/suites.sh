# shellcheck shell=bash
# The test suites: when one exists, what it needs, how it runs. Sourced by ./test after setup.sh.
# A suite NAME has prepare_NAME (builds; may fail, so its steps are joined by &&: errexit is off there) and command_NAME (sets `commands`, one command line each).
# Every command leaves a JUnit file in $results_dir/NAME.

# Without being named, mutants is not run: a wrong version may survive a run by chance.
all_suites=(lint unit property pg fuzz api race clients web deploy chaos ha)
# A suite that takes longer hangs; the limits leave room for a cold cache and sanitizers on two slow cores.
declare -A limit_s=([lint]=1800 [unit]=300 [property]=600 [pg]=600 [fuzz]=300 [mutants]=1200 [api]=1500 [race]=900 [clients]=600 [web]=1800 [deploy]=1200 [chaos]=600 [ha]=600)
# shellcheck disable=SC2034  # ./test --help prints them
declare -A about=(
  [lint]="formats, clang-tidy, ruff, shellcheck, the rules of scripts/tidy.py, names in documents"
  [unit]="pure code, no I/O, with ASan and UBSan; what has threads once more with TSan"
  [property]="RapidCheck: rules and group commit against a model; the latter with TSan too"
  [pg]="against a private PostgreSQL"
  [fuzz]="libFuzzer on what strangers send: JSON, HTTP, forwarded addresses, answers of authenticators; --minutes N for longer"
  [mutants]="wrong versions that the tests must catch: two a day in turn, or those named"
  [api]="the three services from outside, by HTTP"
  [race]="ThreadSanitizer on the services: the API tests in which much happens at once, a short chaos"
  [clients]="clients that generators make from the served API document, in four languages"
  [web]="the wallet: types, units, a real browser"
  [deploy]="compose files, manifests, monitoring, edge, backups; --containers builds and runs it all"
  [chaos]="a bank under load while things are killed; --minutes N for longer, --seed N to replay"
  [ha]="three nodes of PostgreSQL: failover by Patroni in network namespaces; needs root"
)

suite_exists() {
  case "$1" in
    lint) true ;;
    mutants | race) true ;;
    web) [ -f "$root/web/package.json" ] ;;
    unit | property | pg | fuzz) compgen -G "$root/tests/$1/*.cpp" >/dev/null ;;
    *) compgen -G "$root/tests/$1/test_*.py" >/dev/null ;;
  esac
}

pytest_command() {
  local suite=$1
  shift
  printf '%q ' "$root/.venv/bin/python" -m pytest "$root/tests/$suite" --color=no \
    --junitxml="$results_dir/$suite/pytest.xml" "$@"
}

gtest_command() {
  local binary=$1 xml=$2
  shift 2
  printf '%q ' "$binary" "--gtest_output=xml:$xml" "$@"
}

# ---- lint
prepare_lint() {
  # The library, for the precompiled header and the generated ones that the sources include.
  ensure_packages build test && ensure_venv && ensure_built release instapay_lib
}
command_lint() {
  commands=("$(printf '%q ' "$root/scripts/lint" --junit "$results_dir/lint/lint.xml" --build "$root/build/release" "$@")")
}

# ---- GoogleTest
prepare_gtest() { ensure_packages build test && ensure_built "$test_preset" "$1"; }
prepare_gtest_with_tsan() { prepare_gtest "$1" && ensure_built tsan "$1"; }
prepare_property() { prepare_gtest_with_tsan property_tests; }
prepare_pg() { prepare_gtest pg_tests; }
prepare_unit() { prepare_gtest_with_tsan unit_tests; }
command_property() {
  commands=("$(gtest_command "build/$test_preset/tests/property_tests" "$results_dir/property/property.xml" "$@")")
  # What has threads; a filter of one's own replaces this one.
  commands+=("$(gtest_command build/tsan/tests/property_tests "$results_dir/property/tsan.xml" --gtest_filter='GroupCommit.*' "$@")")
}
command_pg() { commands=("$(gtest_command "build/$test_preset/tests/pg_tests" "$results_dir/pg/pg.xml" "$@")"); }
command_unit() {
  commands=("$(gtest_command "build/$test_preset/tests/unit_tests" "$results_dir/unit/unit.xml" "$@")")
  commands+=("$(gtest_command build/tsan/tests/unit_tests "$results_dir/unit/tsan.xml" "$@")")
}

# ---- fuzzers, with seeds from tests/fuzz/corpus
prepare_fuzz() { ensure_packages build test && ensure_built fuzz fuzz_targets; }
command_fuzz() {
  commands=("$(printf '%q ' python3 "$root/tests/fuzz/run.py" --build "$root/build/fuzz" --junit "$results_dir/fuzz/fuzz.xml" "$@")")
}

# ---- the tests' own test
prepare_mutants() { ensure_packages build; }
command_mutants() {
  local chosen=("$@")
  [ $# != 0 ] || chosen=(--rotating 2)
  commands=("$(printf '%q ' "$root/scripts/mutants" --junit "$results_dir/mutants/mutants.xml" "${chosen[@]}")")
}

# ---- pytest
prepare_pytest() {
  # The release executable is what people look for after ./test, whatever the tests themselves ran.
  ensure_packages build test && ensure_venv && ensure_built release instapay &&
    { [ "$api_preset" = release ] || ensure_built "$api_preset" instapay; }
}
prepare_api() { prepare_pytest; }
prepare_clients() { ensure_packages web clients && prepare_pytest && ensure_clients; }
prepare_chaos() { prepare_pytest; }
command_clients() { commands=("$(pytest_command clients "$@")"); }
prepare_ha() { prepare_pytest; }
# A browser looks at the installation too.
prepare_deploy() { prepare_pytest && ensure_packages web browser && ensure_web && ensure_browser_tests; }
# Each process has services and a database of its own; one test by name needs no second.
command_api() {
  local side_by_side=()
  [ $# != 0 ] || side_by_side=(-n "$(($(nproc) < 4 ? $(nproc) : 4))" --dist loadfile)
  commands=("$(pytest_command api "${side_by_side[@]}" "$@")")
  # Tests that set the clock skip a sanitized executable: libfaketime does not start with it.
  [ $# != 0 ] || [ "$api_preset" = release ] ||
    commands+=("INSTAPAY_BIN=$(printf '%q ' "$root/build/release/instapay" "$root/.venv/bin/python" -m pytest "$root"/tests/api/test_{clock,schedule_payments}.py --color=no "--junitxml=$results_dir/api/clock.xml" "${side_by_side[@]}")")
}
race_tests=(create_transfer_concurrency several_processes idempotency stream_entries start_and_stop tokens)
prepare_race() { ensure_packages build test && ensure_venv && ensure_built tsan instapay; }
command_race() {
  local files=() name side_by_side=()
  [ $# != 0 ] || side_by_side=(-n 2 --dist loadfile)
  local python="$root/.venv/bin/python" xml="$results_dir/race"
  for name in "${race_tests[@]}"; do files+=("$root/tests/api/test_$name.py"); done
  commands=("$(printf '%q ' "$python" -m pytest "${files[@]}" --color=no "--junitxml=$xml/api.xml" "${side_by_side[@]}" "$@")")
  # One test by name is one of the API's.
  [ $# != 0 ] ||
    commands+=("$(printf '%q ' "$python" -m pytest "$root/tests/chaos" --color=no "--junitxml=$xml/chaos.xml" --minutes 0.5)")
}
command_chaos() { commands=("$(pytest_command chaos "$@")"); }
command_deploy() { commands=("$(pytest_command deploy "$@")"); }
command_ha() { commands=("$(pytest_command ha "$@")"); }

# ---- web: types and style, units, then a browser against the real services
prepare_web() {
  ensure_packages build test web browser && ensure_venv && ensure_built release instapay && ensure_web
}
command_web() {
  local units browser
  units=$(printf '%q ' --reporter=default --reporter=junit "--outputFile.junit=$results_dir/web/unit.xml")
  browser=$(printf '%q ' --reporter=line,junit "$@")
  commands=("npm --prefix web run lint" "npm --prefix web test -- $units")
  [ ! -f "$root/tests/web/package.json" ] ||
    commands+=("PLAYWRIGHT_JUNIT_OUTPUT_NAME=$(printf '%q' "$results_dir/web/browser.xml") npm --prefix web run e2e -- $browser")
}

# The sanitizers say everything, stop at the first finding and know what libpq and libcrypto keep for ever.
export ASAN_OPTIONS="detect_stack_use_after_return=1:strict_string_checks=1${ASAN_OPTIONS:+:$ASAN_OPTIONS}"
export UBSAN_OPTIONS="print_stacktrace=1:halt_on_error=1${UBSAN_OPTIONS:+:$UBSAN_OPTIONS}"
export TSAN_OPTIONS="halt_on_error=1:second_deadlock_stack=1${TSAN_OPTIONS:+:$TSAN_OPTIONS}"

# Minutes asked for by `--minutes N` come on top of the suite's own limit; images and containers take their time.
extra_seconds() {
  local previous=
  for word in "$@"; do
    case "$word" in
      --minutes=*) previous=--minutes word=${word#*=} ;;
      --containers) echo 7200 && return ;;
    esac
    if [ "$previous" = --minutes ]; then awk -v minutes="$word" 'BEGIN { printf "%d\n", minutes * 60 }' && return; fi
    previous=$word
  done
  echo 0
}

run_suite() {
  local suite=$1 line commands=() status=0 limit
  shift
  limit=$((limit_s[$suite] + $(extra_seconds "$@")))
  "command_$suite" "$@"
  # All command lines run even when an earlier one failed; the first bad status counts.
  # shellcheck disable=SC2016  # the inner shell expands them
  line='status=0; for command; do eval "$command" || { s=$?; [ "$status" != 0 ] || status=$s; }; done; exit "$status"'
  export INSTAPAY_BIN="$root/build/$api_preset/instapay"
  # What is deployed is a release.
  case "$suite" in
    deploy | ha) INSTAPAY_BIN="$root/build/release/instapay" ;;
    race) INSTAPAY_BIN="$root/build/tsan/instapay" ;;
  esac
  if [ -n "$verbose" ]; then
    python3 scripts/supervise.py "$limit" bash -c "$line" _ "${commands[@]}" >&2 || status=$?
  else
    step "$suite" python3 scripts/supervise.py "$limit" bash -c "$line" _ "${commands[@]}" || status=$?
  fi
  return "$status"
}
