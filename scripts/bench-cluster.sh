#!/usr/bin/env bash
# usage: sudo scripts/bench-cluster.sh [--pairs N] [--nodes N]
#
# What an agent costs. First an ADD and a DEL with the list of a cluster network, on a host with an agent against a host without one, call by
# call in alternation, with etcd and with etcd stopped. Then a cluster of many nodes, which are keys in etcd alone: how long an agent takes to
# know all of them and to have its ways to them, and how much memory it has then. Everything happens in namespaces of its own.
# $CNIPLUGIN_BIN_DIR has built binaries (cniplugin, cniagent); otherwise they are built into artifacts/publish. Needs gcc, etcd and jq.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() { echo "bench-cluster.sh: $*" >&2; exit 1; }

if [[ ${1-} != --isolated ]]; then
  pairs=100 nodes=1000
  while (($#)); do
    [[ ${2-} =~ ^[1-9][0-9]*$ ]] || { sed -n 's/^# usage/usage/p' "$0" >&2; exit 2; }
    case $1 in --pairs) pairs=$2 ;; --nodes) nodes=$2 ;; *) sed -n 's/^# usage/usage/p' "$0" >&2; exit 2 ;; esac
    shift 2
  done
  [[ $EUID -eq 0 ]] || fail "needs root: run it with sudo"
  for tool in gcc ip etcd etcdctl jq; do
    command -v "$tool" >/dev/null || fail "$tool is missing: install it (Debian's packages are gcc, iproute2, etcd-server, etcd-client, jq)"
  done
  binaries=${CNIPLUGIN_BIN_DIR:-$PWD/artifacts/publish}
  for project in CniPlugin CniAgent; do
    [[ -x $binaries/${project,,} ]] || dotnet publish "src/$project" -c Release -o "$binaries" -v quiet
  done
  work=$(mktemp -d)
  trap 'rm -rf -- "$work"' EXIT
  trap 'exit 1' INT TERM
  gcc -O2 -Wall -static -o "$work/driver" scripts/bench/driver.c
  unshare --net --mount --propagation private --pid --fork --kill-child --mount-proc \
    "$0" --isolated "$work" "$binaries" "$pairs" "$nodes"
  exit
fi
work=$2 binaries=$3 pairs=$4 nodes=$5
etcd=http://192.0.2.1:2379
export ETCDCTL_API=3

mkdir "$work/bin"
cp "$binaries/cniplugin" "$binaries/cniagent" "$work/bin/"
ln -s cniagent "$work/bin/cnictl"
for plugin in $("$work/bin/cniplugin" plugins); do ln -s cniplugin "$work/bin/$plugin"; done
export PATH=$work/bin:$PATH

declare -A hosts
on() { nsenter --target "${hosts[$1]}" --net --mount -- "${@:2}"; }
# The process that runs beside is the command itself: it gets the signals.
start() { exec nsenter --target "${hosts[$1]}" --net --mount -- "${@:2}"; }

ip link add switch type bridge
ip link set switch up
i=0
for host in with without; do
  i=$((i + 1))
  mkfifo "$work/$host.up"
  unshare --net --mount --propagation private bash -c \
    'mount -t tmpfs tmpfs /run && mount -t sysfs sysfs /sys && mkdir -p /run/netns && echo >"$0" && exec sleep infinity' "$work/$host.up" &
  hosts[$host]=$!
  read -r <"$work/$host.up"
  ip link add "port$i" type veth peer name eth0 netns "${hosts[$host]}"
  ip link set "port$i" master switch up
  on "$host" ip link set lo up
  on "$host" ip link set eth0 up
  on "$host" ip address add "192.0.2.$i/24" dev eth0
  on "$host" sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
done
start with etcd --data-dir "$work/etcd" --listen-client-urls $etcd --advertise-client-urls $etcd --listen-peer-urls http://127.0.0.1:2380 \
  --unsafe-no-fsync >"$work/etcd.log" 2>&1 &
etcd_pid=$!
start_agent() {
  start with cniagent run --store etcd --etcd $etcd --node-name with --address 192.0.2.1 --state-dir "$work/lib" --network-dir "$work/net.d" \
    >>"$work/agent.log" 2>&1 &
  agent_pid=$!
}
await() {
  local deadline=$((SECONDS + 60))
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < deadline)) || { tail -n 5 "$work/agent.log" >&2; fail "$* did not succeed within 60 s"; }
    sleep 0.02
  done
}
is_well() { on with cnictl status | grep -q '^all is well'; }
start_agent
await is_well
on with cnictl network create pods --pool 10.244.0.0/14 --pool fd00:244::/48 >/dev/null
list=$work/net.d/10-pods.conflist
await test -s "$list"
jq -c '. as $list | .plugins[] | . + {name: $list.name, cniVersion: $list.cniVersion} | {type} + .' "$list" >"$work/list"

compare() {
  "$work/driver" hosts "$pairs" "${hosts[with]}" "${hosts[without]}" "$work/bin" "$work/list" "$work/bin" "$work/list" \
    | awk -v title="$1" '{ median[$1, $2] = $4 }
        END { for (i = split("ADD DEL", verbs); i > 0; i--)
          printf "%s: %s %.2f ms with an agent, %.2f without: %.2f\n", title, verbs[i], median["a", verbs[i]], median["b", verbs[i]],
            median["a", verbs[i]] / median["b", verbs[i]] }'
}
compare 'etcd runs'
kill -STOP "$etcd_pid"
compare 'etcd is stopped'
kill -CONT "$etcd_pid"
await is_well

# A node has a key of its own, and a block of each family; 40 nodes are one transaction: no comparison, the changes, nothing otherwise.
awk -v nodes="$nodes" -v root=/cniplugin/default -v prefix="$work/part" 'BEGIN {
  for (i = 0; i < nodes; i++) {
    file = prefix int(i / 40)
    if (i % 40 == 0) print "" >file
    printf "put %s/n/node%d/node {\"kind\":\"Node\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"node%d\"},\"status\":{\"addresses\":" \
      "[{\"type\":\"InternalIP\",\"address\":\"198.18.%d.%d\"}]}}\n", root, i, i, i / 250, 1 + i % 250 >file
    printf "put %s/blocks/pods/10.246.%d.%d-26 node%d\n", root, i / 4, i % 4 * 64, i >file
    printf "put %s/blocks/pods/fd00:244:0:1::%x-122 node%d\n", root, i * 64, i >file
    if (i % 40 == 39 || i == nodes - 1) { printf "\n\n\n" >file; close(file) }
  }
}'
for part in "$work"/part*; do on with etcdctl --endpoints $etcd txn <"$part" >/dev/null; done

ways() { [[ $(on with ip -4 route show dev cni-vx0 | grep -c onlink) -ge $nodes ]]; }
await ways
kill -KILL "$agent_pid"
wait "$agent_pid" 2>/dev/null || true
on with ip link delete cni-vx0
began=$(date +%s%N)
start_agent
await ways
ended=$(date +%s%N)
printf '%d nodes: all ways %d ms behind the start of the agent, %d MB resident\n' \
  "$nodes" $(((ended - began) / 1000000)) $(($(awk '/^VmRSS/ { print $2 }' "/proc/$agent_pid/status") * 1024 / 1000000))
