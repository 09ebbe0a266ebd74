#!/usr/bin/env bash
# usage: scripts/reliability.sh kills|held|storm|fuzz|chaos [--seed N] [--count N]
#
# The long runs of docs/reliability.md: kills at exact system calls, ADDs that are held there, a storm on a full range, mutated inputs, a cluster
# in which all breaks. Every run of the tests has a bounded part of each; here COUNT is how many kills (shared among networks and verbs, and a
# tenth more during rebuilds), held ADDs (shared among networks; all instants unless it says fewer), calls, inputs or events, and another SEED
# tries others. Builds what is missing; $CNIPLUGIN_BIN_DIR names another binaries' directory, and $RELIABILITY_OTHER_AGENT a cniagent of another
# version that takes turns with it. The last line is "N passed, N failed".
set -euo pipefail
cd "$(dirname "$0")/.."

fail() { echo "reliability.sh: $*" >&2; exit 1; }

classes=() count='' seed=''
case ${1-} in
  kills) classes=('*KillInstantTests' '*RebuildKillTests') count=20000 ;;
  held) classes=('*HeldAddTests') count=20000 ;;
  storm) classes=('*FullRangeStormTests') count=5000 ;;
  chaos) classes=('*ChaosTests') count=300 ;;
  fuzz) classes=('*FuzzTests') count=20000 ;;
  *) sed -n 's/^# usage/usage/p' "$0" >&2; exit 2 ;;
esac

shift
while (($#)); do
  [[ ${2-} =~ ^[0-9]+$ ]] || fail "$1 needs a number"
  case $1 in --seed) seed=$2 ;; --count) count=$2 ;; *) fail "unknown option $1" ;; esac
  shift 2
done
[[ $EUID -eq 0 ]] || fail "needs root: run it with sudo"

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
if [[ -z ${CNIPLUGIN_BIN_DIR:-} ]]; then
  export CNIPLUGIN_BIN_DIR=$PWD/artifacts/publish
  for project in CniPlugin CniAgent; do
    [[ $project == CniPlugin || ${classes[0]} == '*ChaosTests' ]] || continue
    dotnet publish "src/$project" -c Release -o "$CNIPLUGIN_BIN_DIR" -v quiet
  done
fi
dotnet build tests/EndToEnd -c Release -v quiet -clp:NoSummary
export RELIABILITY_COUNT=$count RELIABILITY_SEED=${seed:-$((RANDOM * 32768 + RANDOM))}
RELIABILITY_REPORT=$(mktemp)
export RELIABILITY_REPORT
trap 'rm -f "$RELIABILITY_REPORT"' EXIT

filters=()
for class in "${classes[@]}"; do filters+=(--filter-class "$class"); done
unshare --net --mount -- tests/EndToEnd/bin/Release/net10.0/EndToEnd --no-ansi --progress off --max-threads 1 "${filters[@]}" >/dev/null &
wait $! || true
cat "$RELIABILITY_REPORT"
awk '/^[^ ].*, 0 failures$/ { passed++ } /^[^ ].*, [1-9][0-9]* failures$/ { failed++ }
  END { printf "%d passed, %d failed\n", passed, failed; exit failed > 0 || !passed }' "$RELIABILITY_REPORT"
