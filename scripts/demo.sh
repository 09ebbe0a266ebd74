#!/usr/bin/env bash
# usage: sudo scripts/demo.sh [--keep]
#
# Three hosts on this machine: network namespaces that a switch joins, with etcd on the first, an agent on each, and a pod on each that
# pings the others. Shows what the agents say, then removes everything; --keep waits for Enter before. Nothing of the machine's own network
# is touched. $CNIPLUGIN_BIN_DIR has built binaries (cniplugin, cniagent); otherwise they are built into artifacts/publish.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() { echo "demo.sh: $*" >&2; exit 1; }
say() { printf '\n== %s\n' "$*"; }

if [[ ${1-} != --isolated ]]; then
  [[ $EUID -eq 0 ]] || fail "needs root: run it with sudo"
  [[ ${1-} == '' || ${1-} == --keep ]] || { sed -n 's/^# usage/usage/p' "$0" >&2; exit 2; }
  for tool in ip ping etcd jq; do
    command -v "$tool" >/dev/null || fail "$tool is missing: install it (Debian's packages are iproute2, iputils-ping, etcd-server, jq)"
  done
  binaries=${CNIPLUGIN_BIN_DIR:-$PWD/artifacts/publish}
  for project in CniPlugin CniAgent; do
    [[ -x $binaries/${project,,} ]] || dotnet publish "src/$project" -c Release -o "$binaries" -v quiet
  done
  work=$(mktemp -d)
  trap 'rm -rf -- "$work"' EXIT
  trap 'exit 1' INT TERM
  # Every process and mount of the demonstration ends with these namespaces.
  unshare --net --mount --propagation private --pid --fork --kill-child --mount-proc "$0" --isolated "$work" "$binaries" "${1-}"
  exit
fi
work=$2 binaries=$3 keep=${4-}
hosts=(host1 host2 host3)

# on HOST COMMAND...: with the host's network and its directories of its own.
on() {
  local host=$1
  shift
  ip netns exec "$host" "$@"
}
control() { on "$1" "$work/bin/cnictl" --runtime-dir "$work/$1/run" "${@:2}"; }

# attach HOST POD: what a runtime does with the list that the agent has written: ADD of each plugin, with the result of the one before.
attach() {
  local host=$1 pod=$2 list=$work/$1/net.d/10-pods.conflist result='' config type
  on "$host" ip netns add "$pod"
  while read -r config; do
    type=$(jq -r .type <<<"$config")
    [[ -z $result ]] || config=$(jq -c --argjson result "$result" '. + {prevResult: $result}' <<<"$config")
    result=$(call "$host" ADD "$pod" "$type" <<<"$config") || fail "$type in $pod: $result"
  done < <(jq -c '. as $list | .plugins[] | . + {name: $list.name, cniVersion: $list.cniVersion}' "$list")
  jq -r '.ips[].address' <<<"$result" | sed 's|/.*||'
}
# detach HOST POD: DEL of each plugin, from the last to the first.
detach() {
  local host=$1 pod=$2 list=$work/$1/net.d/10-pods.conflist config
  while read -r config; do
    call "$host" DEL "$pod" "$(jq -r .type <<<"$config")" <<<"$config"
  done < <(jq -c '. as $list | .plugins | reverse[] | . + {name: $list.name, cniVersion: $list.cniVersion}' "$list")
  on "$host" ip netns delete "$pod"
}
call() {
  on "$1" env CNI_COMMAND="$2" CNI_CONTAINERID="$3" CNI_NETNS="/run/netns/$3" CNI_IFNAME=eth0 CNI_PATH="$work/bin" \
    CNI_ARGS="IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=$3" "$work/bin/$4"
}

# await WHAT COMMAND...: until it succeeds; everything here is a matter of moments.
await() {
  local what=$1 deadline=$((SECONDS + 20))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < deadline)) || { tail -n 5 "$work"/*/log >&2; fail "$what did not happen within 20 s"; }
    sleep 0.1
  done
}

mkdir "$work/bin"
cp "$binaries/cniplugin" "$binaries/cniagent" "$work/bin/"
ln -s cniagent "$work/bin/cnictl"
for plugin in $("$work/bin/cniplugin" plugins); do ln -s cniplugin "$work/bin/$plugin"; done
mount -t tmpfs tmpfs /run
mount -t sysfs sysfs /sys
mkdir /run/netns

say "Three hosts on one switch, 192.0.2.1 to 192.0.2.3 and 2001:db8::1 to 2001:db8::3; etcd on the first"
ip link add switch type bridge
ip link set switch up
for i in 1 2 3; do
  host=host$i
  ip netns add "$host"
  ip link add "port$i" type veth peer name eth0 netns "$host"
  ip link set "port$i" master switch up
  ip -n "$host" link set lo up
  ip -n "$host" link set eth0 up
  ip -n "$host" address add "192.0.2.$i/24" dev eth0
  ip -n "$host" address add "2001:db8::$i/64" dev eth0 nodad
  mkdir -p "$work/$host"/{run,lib,net.d}
done
on host1 etcd --data-dir "$work/etcd" --listen-client-urls http://192.0.2.1:2379 --advertise-client-urls http://192.0.2.1:2379 \
  --listen-peer-urls http://127.0.0.1:2380 >"$work/host1/etcd.log" 2>&1 &
for i in 1 2 3; do
  host=host$i
  # Each host has its own /run, as every machine has: leases and endpoints lie there.
  on "$host" unshare --mount --propagation slave bash -c 'mkdir "$0/cni" "$0/locks" && mount --bind "$0/cni" "$0/cni" && exec "$@"' "$work/$host" \
    "$work/bin/cniagent" run --store etcd --etcd http://192.0.2.1:2379 --node-name "$host" --address "192.0.2.$i" --address "2001:db8::$i" \
    --runtime-dir "$work/$host/run" --state-dir "$work/$host/lib" --network-dir "$work/$host/net.d" >"$work/$host/log" 2>&1 &
done
