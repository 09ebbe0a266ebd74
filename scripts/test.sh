#!/usr/bin/env bash
# usage: scripts/test.sh
#
# Everything that must hold: format, build, pure and kernel tests, the published binary's shape, real runtimes, and the
# tests that need user-mode-linux. Installs what Debian 12 lacks first. Needs root for all but the pure tests; without
# it they are skipped, which is a failure where CI is set. The last line is "N passed, N failed".
set -euo pipefail
cd "$(dirname "$0")/.."

results=$PWD/artifacts/test-results
publish=$PWD/artifacts/publish
declare -A limits=([cniplugin]=$((12 * 1024 * 1024)) [cniagent]=25000000) # bytes of the binaries
passed=0 failed=0 skipped=0

step() { printf '== %4d s  %s\n' "$SECONDS" "$*"; }

# The last line, however this ends; a step that could not be finished is a failure.
finish() {
  local status=$?
  ((status == 0)) || { failed=$((failed + 1)) && echo "FAILED: stopped with status $status"; }
  [[ -z ${CI:-} ]] || { failed=$((failed + skipped)) skipped=0; }
  step "done"
  echo "$passed passed, $failed failed$( ((skipped == 0)) || echo ", $skipped skipped")"
  exit $((failed > 0))
}
trap finish EXIT

# check NAME COMMAND...: one test that is a command.
check() {
  local name=$1
  shift
  step "$name"
  if "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED: $name"
  fi
}

# Adds up what xunit itself reported; a report that is missing or counts no test is a failure, for its run crashed.
count() {
  local report=$results/$1.xml totals value
  totals=$(grep -o '<assembly [^>]*>' "$report" 2>/dev/null || true)
  attribute() {
    value=$(sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p" <<<"$totals")
    value=${value:-0}
  }
  attribute total
  if ((value == 0)); then
    failed=$((failed + 1))
    echo "FAILED: $1 ran no test"
    return
  fi
  attribute passed && passed=$((passed + value))
  attribute failed && failed=$((failed + value))
  attribute errors && failed=$((failed + value))
  attribute skipped && skipped=$((skipped + value))
}

# arguments_of REPORT: what every run of a test executable is given; the array "arguments" is the answer.
arguments_of() {
  arguments=(--no-ansi --progress off --show-stdout Failed --results-directory "$results"
    --report-xunit-xml --report-xunit-xml-filename "$1.xml")
  [[ -z ${CI:-} ]] || arguments+=(--fail-skips on)
}

executable() { echo "tests/$1/bin/Release/net10.0/$1"; }

# Kernel tests make their own namespaces; this one keeps what a faulty test does from the host.
run_tests() {
  local project=$1 isolate=()
  [[ $EUID -ne 0 ]] || isolate=(unshare --net --mount --)
  step "$project"
  arguments_of "$project"
  "${isolate[@]}" "$(executable "$project")" "${arguments[@]}" --filter-not-trait Kernel=uml || true
  count "$project"
}

# publishes_without_warnings PROJECT
publishes_without_warnings() {
  local log=$results/publish-$1.log warnings
  rm -rf "src/$1/obj/Release" # what is up to date would not warn again
  dotnet publish "src/$1" -c Release -o "$publish" -v minimal >"$log" 2>&1 || { tail -40 "$log"; return 1; }
  # LiteDB's two summary warnings are about its mapper, which works by reflection (litedb issue 2338) and is never called. What clang and
  # cmake say of the runtime's own sources, which are compiled for OpenSSL, is not ours.
  warnings=$(grep -E '(warning|error) ' "$log" | grep -vE "IL(2104|3053): Assembly .LiteDB.|CMake|/System\.Security\.Cryptography\.Native/" |
    sort -u || true)
  [[ -z $warnings ]] || { echo "$warnings"; return 1; }
}

# is_static_and_small NAME
is_static_and_small() {
  local size
  size=$(stat -c %s "$publish/$1")
  if readelf --wide --program-headers --dynamic "$publish/$1" | grep -E 'INTERP|NEEDED'; then
    echo "$1 is not static"
    return 1
  fi
  echo "$1 has $size bytes, ${limits[$1]} allowed"
  ((size <= limits[$1]))
}

# Tests with [Trait("Kernel", "uml")], beside all others, which leave a half of the machine idle. One boot for all; the file system inside
# is this one, so the reports are here afterwards. The kernel inside is slow; on a machine that is slow itself it needs 25 minutes.
start_uml() {
  local project runs=''
  step "user-mode-linux begins"
  mapfile -t uml_projects < <(grep -rl --include=*.cs 'Trait("Kernel", "uml")' tests | cut -d/ -f2 | sort -u)
  for project in "${uml_projects[@]}"; do
    arguments_of "uml-$project"
    runs+="$(printf '%q ' "$(executable "$project")" "${arguments[@]}" --filter-trait Kernel=uml) || true;"
  done
  UML_TIMEOUT=2700 scripts/uml.sh bash -c "$runs" >"$results/uml.log" 2>&1 &
  uml=$!
}

finish_uml() {
  local project
  step "user-mode-linux"
  wait "$uml" || true
  cat "$results/uml.log"
  for project in "${uml_projects[@]}"; do
    count "uml-$project"
  done
}

# run_script NAME COMMAND...: a test script of its own, whose last line is "N passed, N failed".
run_script() {
  local name=$1 last
  shift
  step "$name"
  "$@" 2>&1 | tee "$results/$name.log" || true
  last=$(tail -n 1 "$results/$name.log")
  if [[ $last =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
    passed=$((passed + BASH_REMATCH[1])) failed=$((failed + BASH_REMATCH[2]))
  else
    failed=$((failed + 1))
    echo "FAILED: $name did not finish"
  fi
}

step "setup"
scripts/setup-tests.sh
rm -rf "$results"
mkdir -p "$results"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 # the SDK would end on a machine without an ICU library

step "build"
dotnet build CniPlugin.sln -c Release -v quiet
check "format" dotnet format CniPlugin.sln --verify-no-changes --no-restore
rm -rf "$publish"
check "publish" publishes_without_warnings CniPlugin
check "binary" is_static_and_small cniplugin
check "publish the agent" publishes_without_warnings CniAgent
check "the agent's binary" is_static_and_small cniagent

export CNIPLUGIN_BIN_DIR=$publish
[[ $EUID -ne 0 ]] || start_uml
for project in tests/*.Tests; do
  run_tests "${project#tests/}"
done
if [[ $EUID -eq 0 ]]; then
  run_tests EndToEnd
  run_script install scripts/test-install.sh "$publish/cniplugin"
  run_script release scripts/test-release.sh
  run_script fresh scripts/test-fresh.sh
  finish_uml
else
  echo "End-to-end tests need root."
  skipped=$((skipped + 1))
fi
