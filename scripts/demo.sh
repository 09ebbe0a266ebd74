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

# on HOST COMMAND...: as that host, with its network and its /run.
declare -A hosts
on() {
  local host=$1
  shift
  nsenter --target "${hosts[$host]}" --net --mount -- "$@"
}

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
export PATH=$work/bin:$PATH

say 'Three hosts on one switch: 192.0.2.1 to 192.0.2.3, 2001:db8::1 to 2001:db8::3. etcd runs on the first.'
ip link add switch type bridge
ip link set switch up
for i in 1 2 3; do
  host=host$i
  mkdir -p "$work/$host"/{lib,net.d}
  unshare --net --mount --propagation private bash -c \
    'mount -t tmpfs tmpfs /run && mount -t sysfs sysfs /sys && mkdir /run/netns && touch "$0/up" && exec sleep infinity' "$work/$host" &
  hosts[$host]=$!
  await "$host" test -e "$work/$host/up"
  ip link add "port$i" type veth peer name eth0 netns "${hosts[$host]}"
  ip link set "port$i" master switch up
  on "$host" ip link set lo up
  on "$host" ip link set eth0 up
  on "$host" ip address add "192.0.2.$i/24" dev eth0
  on "$host" ip address add "2001:db8::$i/64" dev eth0 nodad
done
on host1 etcd --data-dir "$work/etcd" --listen-client-urls http://192.0.2.1:2379 --advertise-client-urls http://192.0.2.1:2379 \
  --listen-peer-urls http://127.0.0.1:2380 >"$work/etcd.log" 2>&1 &
for i in 1 2 3; do
  on "host$i" cniagent run --store etcd --etcd http://192.0.2.1:2379 --node-name "host$i" --address "192.0.2.$i" --address "2001:db8::$i" \
    --state-dir "$work/host$i/lib" --network-dir "$work/host$i/net.d" >"$work/host$i/log" 2>&1 &
done
for i in 1 2 3; do
  await "the agent of host$i" on "host$i" bash -c 'cnictl status | grep -q "^all is well"'
done

say 'cnictl network create pods --pool 10.244.0.0/16 --pool fd00:244::/48'
on host2 cnictl network create pods --pool 10.244.0.0/16 --pool fd00:244::/48
for i in 1 2 3; do await "the list of host$i" test -s "$work/host$i/net.d/10-pods.conflist"; done
on host3 cnictl nodes
on host3 cnictl blocks

say 'A pod on each host'
declare -A addresses
for i in 1 2 3; do
  addresses[pod$i]=$(attach "host$i" "pod$i")
  echo "pod$i on host$i: ${addresses[pod$i]//$'\n'/, }"
done

say 'Each pod pings the pods of the other hosts'
for i in 1 2 3; do
  for j in 1 2 3; do
    ((i != j)) || continue
    for address in ${addresses[pod$j]}; do
      await "pod$i to pod$j" on "host$i" ip netns exec "pod$i" ping -n -c 1 -W 1 "$address"
      echo "pod$i -> pod$j $address"
    done
  done
done
on host1 cnictl status
if [[ $keep == --keep ]]; then
  say "All runs. Enter removes it; until then, for example: nsenter --target ${hosts[host1]} --net --mount -- $work/bin/cnictl status"
  read -r
fi
for i in 1 2 3; do detach "host$i" "pod$i"; done
say 'Pods of three hosts reached each other; all of it is removed.'
