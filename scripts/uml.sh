#!/usr/bin/env bash
# usage: scripts/uml.sh COMMAND [ARGS]
#
# Runs a command as root in Debian's user-mode-linux kernel (6.1), which has what test machines lack: 8021q, bridge
# VLAN filtering, dummy, ipvlan, vrf. It sees the host's own file system, the caller's environment and directory, a
# /run and a /tmp of its own, and no network. Output (stdout and stderr together) and exit status are the command's;
# 125 means that it did not finish. UML_TIMEOUT bounds it (seconds, 300 unless set), UML_MEMORY what it may use (1024M).
set -euo pipefail
(($#)) || { sed -n '2s/^# //p' "$0" >&2; exit 125; }
here=$(cd "$(dirname "$0")" && pwd)

# Not below /tmp, which the kernel inside covers.
run=$(mktemp -d /var/tmp/uml.XXXXXX)
trap 'rm -rf "$run"' EXIT
printf '%s\0' "$@" >"$run/command"
{ export -p; printf 'cd -- %q\n' "$PWD"; } >"$run/environment"
printf '%s' "$PWD" >"$run/directory"
mkdir "$run/tree"

# Its own pid namespace, so that nothing outlives the time limit; its own network namespace, so that it reaches nothing.
timeout --foreground --kill-after=5 "${UML_TIMEOUT:-300}" \
  unshare --mount --net --pid --fork --kill-child --mount-proc \
  linux.uml "mem=${UML_MEMORY:-1024M}" root=/dev/root rootfstype=hostfs rootflags=/ rw "init=$here/uml-init.sh" \
  "uml_dir=$run" "UML_RUN=$run" con=null con0=null,fd:3 ssl0=null,fd:1 quiet </dev/null 3>"$run/console" 2>&3 || true

if [[ ! -s $run/status ]]; then
  cat "$run/console" >&2
  echo "uml: the command did not finish within ${UML_TIMEOUT:-300} s" >&2
  exit 125
fi
exit "$(<"$run/status")"
