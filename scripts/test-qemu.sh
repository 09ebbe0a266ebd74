#!/usr/bin/env bash
# usage: scripts/test-qemu.sh [DIRECTORY]
#
# What needs a kernel with WireGuard, in one boot of qemu.sh's machine: two hosts, network namespaces that a switch joins, with etcd and an
# agent each, on a network of the backend wireguard. DIRECTORY has the built binaries (cniplugin, cniagent); artifacts/publish unless
# given. The last line is "N passed, N failed".
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ ${1-} != --inside ]]; then
  [[ $EUID -eq 0 ]] || { echo "test-qemu.sh: needs root: run it with sudo" >&2; exit 1; }
  binaries=$(realpath "${1:-artifacts/publish}")
  QEMU_TIMEOUT=2400 exec scripts/qemu.sh "$PWD/scripts/test-qemu.sh" --inside "$binaries"
fi
binaries=$2
work=/tmp/cluster
passed=0 failed=0
# In no packet that is encrypted.
pattern=434e492d706c61696e2d74657874

finish() {
  ((failed == 0)) || tail -n 30 "$work"/*.log
  echo "$passed passed, $failed failed"
}
trap finish EXIT
trap 'failed=$((failed + 1)); echo "FAILED: stopped in line $LINENO"' ERR

check() {
  local name=$1 output
  shift
  if output=$("$@" 2>&1); then
    passed=$((passed + 1))
    printf '%4d s  %s\n' "$SECONDS" "$name"
  else
    failed=$((failed + 1))
    printf 'FAILED: %s: %s\n%s\n' "$name" "$*" "$output"
  fi
}
not() { ! "$@"; }
# await COMMAND...: until it succeeds; how long that takes is the machine's affair, which is slow.
await() {
  local deadline=$((SECONDS + 300))
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < deadline)) || { echo "did not happen within 300 s: $*"; "$@"; return 1; }
    sleep 0.5
  done
}
declare -A hosts
on() {
  local host=$1
  shift
  nsenter --target "${hosts[$host]}" --net --mount -- "$@"
}
pings() { on "$1" ip netns exec pod ping -n -q -W 10 -c 1 "${@:2}"; }
log_of() { cat "$work/$1.log"; }

start_agent() {
  on "host$1" bash -c 'echo $$ >"$0/agent.pid"; exec "$@"' "$work/host$1" \
    "$work/bin/cniagent" run --store etcd --etcd http://192.0.2.1:2379 --node-name "host$1" --address "192.0.2.$1" \
    --address "2001:db8::$1" --state-dir "$work/host$1/lib" --network-dir "$work/host$1/net.d" >>"$work/host$1.log" 2>&1 &
}
kill_agent() {
  local pid
  pid=$(<"$work/host$1/agent.pid")
  kill -KILL "$pid"
  await not kill -0 "$pid"
}
# attach HOST: a pod by the name of pod, of the list's first plugin alone, which gives it interface, addresses and routes.
attach() {
  local host=$1
  on "$host" ip netns add pod
  jq -c '. as $list | .plugins[0] + {name: $list.name, cniVersion: $list.cniVersion}' "$work/$host/net.d/10-pods.conflist" |
    on "$host" env CNI_COMMAND=ADD CNI_CONTAINERID=pod CNI_NETNS=/run/netns/pod CNI_IFNAME=eth0 CNI_PATH="$work/bin" "$work/bin/ptp" |
    jq -r '.ips[].address | sub("/.*"; "")'
}
# capture COMMAND...: what passes the switch meanwhile, into $work/seen, without etcd's packets and those that find neighbours.
capture() {
  tcpdump -i switch --immediate-mode -U -w "$work/seen" \
    'not port 2379 and not arp and not (icmp6 and ip6[40] >= 130) and not (ip6[6] = 0)' >"$work/tcpdump.log" 2>&1 &
  local tcpdump=$! status=0
  await grep -q '^tcpdump: listening' "$work/tcpdump.log"
  "$@" || status=$?
  kill -INT "$tcpdump"
  wait "$tcpdump" || true
  return "$status"
}
seen() { tcpdump -n -r "$work/seen" "$@" 2>/dev/null; }
holds_pattern() { LC_ALL=C grep -qaP "$(sed 's/../\\x&/g' <<<"$pattern")" "$work/seen"; }
is_encrypted() {
  [[ -n $(seen udp port 51820) ]] || { echo "no packet of WireGuard passed"; return 1; }
  [[ -z $(seen not udp port 51820) ]] || { seen not udp port 51820; return 1; }
  not holds_pattern
}

mkdir -p "$work/bin"
ln -s "$binaries"/cni{plugin,agent} "$work/bin/"
ln -s cniagent "$work/bin/cnictl"
for plugin in ptp host-local; do ln -s cniplugin "$work/bin/$plugin"; done
export PATH=$work/bin:$PATH
modprobe() { /tmp/.modprobe "$@"; }
modprobe bridge && modprobe veth && modprobe af_packet || true

ip link add switch type bridge forward_delay 0
ip link set switch up
for i in 1 2; do
  host=host$i
  mkdir -p "$work/$host"/{lib,net.d}
  unshare --net --mount --propagation private bash -c \
    'mount -t tmpfs tmpfs /run && mount -t sysfs sysfs /sys && mkdir /run/netns && touch "$0/up" && exec sleep infinity' "$work/$host" &
  hosts[$host]=$!
  await test -e "$work/$host/up"
  ip link add "port$i" type veth peer name eth0 netns "${hosts[$host]}"
  ip link set "port$i" master switch up
  on "$host" bash -euc "ip link set lo up; ip link set eth0 up; ip address add 192.0.2.$i/24 dev eth0
    ip address add 2001:db8::$i/64 dev eth0 nodad; ip route add default via 192.0.2.254; ip -6 route add default via 2001:db8::fe"
done
# What would leave in clear would have a way.
ip address add 192.0.2.254/24 dev switch
ip address add 2001:db8::fe/64 dev switch nodad
on host1 etcd --data-dir "$work/etcd" --listen-client-urls http://192.0.2.1:2379 --advertise-client-urls http://192.0.2.1:2379 \
  --listen-peer-urls http://127.0.0.1:2380 >"$work/etcd.log" 2>&1 &
store() { on host1 env ETCDCTL_API=3 etcdctl --endpoints http://192.0.2.1:2379 "$@"; }
await store get /
for i in 1 2; do start_agent "$i"; done
all_is_well() { on "host$1" cnictl status | grep -q '^all is well'; }
for i in 1 2; do await all_is_well "$i"; done
check "network create --backend wireguard" \
  on host2 cnictl network create pods --pool 10.244.0.0/16 --pool fd00:244::/48 --backend wireguard
routes() { (($(on "$1" bash -c 'ip route show dev cni-wg0; ip -6 route show dev cni-wg0' | grep -c '^\(10.244\|fd00:244\).*proto') >= 2)); }
for i in 1 2; do
  check "host$i has its list" await test -s "$work/host$i/net.d/10-pods.conflist"
  check "host$i has routes by cni-wg0" await routes "host$i"
  check "host$i is well" await all_is_well "$i"
done
mapfile -t one < <(attach host1)
mapfile -t two < <(attach host2)

wg_peer() { on "$1" wg show cni-wg0 peers; }
key_of() { store get --print-value-only "/cniplugin/default/n/$1/node" | jq -r '.metadata.annotations["cniplugin.io/wireguard-key"]'; }
key1=$(key_of host1) key2=$(key_of host2)
check "the key that a node tells is the one that the kernel computes" test "$key1" = "$(on host1 wg show cni-wg0 public-key)"
check "the other node's key is the peer" test "$key2" = "$(wg_peer host1)"
check "the key file is root's alone" test "$(stat -c %a "$work/host1/lib/wg.key")" = 600

crossing() {
  for address in "${two[@]}"; do pings host1 -p "$pattern" "$address" || return; done
  for address in "${one[@]}"; do pings host2 -p "$pattern" "$address" || return; done
}
check "pods ping across, by both families" capture crossing
check "all that passes the switch is WireGuard's, and nothing in clear" is_encrypted
plain() { on host1 ping -n -q -c 1 -W 10 -p "$pattern" 192.0.2.2; }
capture plain
check "what is in clear would have been seen" holds_pattern
check "the host itself reaches a pod" capture on host1 ping -n -q -c 1 -W 10 -p "$pattern" "${two[0]}"
check "encrypted as well" is_encrypted

check "the MTU of the tunnel is the underlay's less 80" test "$(on host1 ip -o link show cni-wg0 | grep -o 'mtu [0-9]*')" = "mtu 1420"
check "that of pods is the same" test "$(on host1 ip -n pod -o link show eth0 | grep -o 'mtu [0-9]*')" = "mtu 1420"
check "the largest packet of IPv4 passes" pings host1 -M "do" -s 1392 "${two[0]}"
check "a larger one does not" not pings host1 -M "do" -s 1393 "${two[0]}"
check "the largest packet of IPv6 passes" pings host1 -M "do" -s 1372 "${two[1]}"
check "a larger one does not" not pings host1 -M "do" -s 1373 "${two[1]}"
check "TCP's segments are clamped on it" on host1 bash -c \
  'nft list chain inet cniplugin-overlay forward | grep -q "oifname \"cni-wg\*\".*maxseg"'
check "its port is open to peers alone" on host1 bash -c \
  'nft list set inet cniplugin-overlay wireguard | grep -q 51820 && nft list chain inet cniplugin-overlay input | grep -q "@wireguard drop"'

# heals NAME DEED CONDITION...
heals() {
  local name=$1 deed=$2
  shift 2
  on host1 sh -euc "$deed"
  check "$name comes back" await "$@"
}
has_peer() { [[ $(wg_peer host1) == "$key2" ]]; }
allowed() { on host1 wg show cni-wg0 allowed-ips | cut -f 2- | tr ' ' '\n' | sort; }
right=$(allowed)
is_right() { [[ $(allowed) == "$right" ]]; }
check "the allowed IPs are the node's blocks" test "$(on host1 cnictl blocks | awk '/host2/ {print $2}' | sort)" = "$right"
heals "a peer that was removed" "wg set cni-wg0 peer $key2 remove" has_peer
heals "what a peer may send" "wg set cni-wg0 peer $key2 allowed-ips 10.99.0.0/16" is_right
heals "a stranger goes; the peer" "wg set cni-wg0 peer $(wg genkey | wg pubkey) allowed-ips ${two[0]}/32" has_peer
shows() { [[ $(on host1 wg show cni-wg0 "$1") == "$2" ]]; }
heals "the private key" "umask 077; wg genkey >/run/key; wg set cni-wg0 private-key /run/key" shows public-key "$key1"
heals "the port" "wg set cni-wg0 listen-port 51999" shows listen-port 51820
heals "a device that was switched off" "ip link set cni-wg0 down" pings host1 "${two[0]}"
lose_the_device() {
  on host1 ip netns exec pod ping -n -q -i 0.01 -c 300 -p "$pattern" "${two[0]}" >"$work/ping" 2>&1 &
  local ping=$!
  on host1 ip link del cni-wg0
  await routes host1
  wait "$ping" || true
  await pings host1 "${two[0]}"
}
check "a device that was deleted comes back" capture lose_the_device
check "nothing went in clear meanwhile" is_encrypted
check "all is well again" await all_is_well 1

lines=$(log_of host1 | wc -l)
kill_agents() {
  on host1 ip netns exec pod ping -n -q -i 0.05 -c 200 -W 10 "${two[0]}" >"$work/ping" 2>&1 &
  local ping=$!
  for i in 1 2; do
    kill_agent "$i"
    start_agent "$i"
  done
  for i in 1 2; do await all_is_well "$i"; done
  wait "$ping"
  cat "$work/ping"
  grep -q ' 0% packet loss' "$work/ping"
}
check "agents that are killed and started again lose no packet" kill_agents
check "the new agent changes nothing" not grep -E 'overlay.*(peer|cni-wg0|route)' <(log_of host1 | tail -n +$((lines + 1)))

# Nodes that are only in the store, with three blocks each: a change and an answer of several messages. An agent that did not read what it
# has written would write it again.
put_all() {
  jq -cs '{success: map({requestPut: {key: (.key | @base64), value: (.value | @base64)}})}' |
    on host1 curl -sSf --data-binary @- http://192.0.2.1:2379/v3/kv/txn
}
node() {
  jq -cn --arg name "$1" --arg address "$2" --arg key "$3" '{key: "/cniplugin/default/n/\($name)/node", value: ({
    apiVersion: "v1", kind: "Node", metadata: {name: $name, annotations: {"cniplugin.io/wireguard-key": $key}},
    status: {addresses: [{type: "InternalIP", address: $address}]}} | tojson)}'
}
block() { printf '{"key": "/cniplugin/default/blocks/pods/%s", "value": "%s"}\n' "$1" "$2"; }
many=100
for ((n = 1; n <= many; n++)); do node "many$n" "198.51.100.$n" "$(printf '%032d' "$n" | base64)"; done | put_all >/dev/null
for ((n = 1; n <= many; n++)); do block "10.244.$((100 + n)).0-26" "many$n"; done | put_all >/dev/null
for ((n = 1; n <= many; n++)); do block "10.244.$((100 + n)).64-26" "many$n"; done | put_all >/dev/null
for ((n = 1; n <= many; n++)); do block "$(printf 'fd00:244:0:%x::' $((1000 + n)))-122" "many$n"; done | put_all >/dev/null
has_many() { (($(on host1 wg show cni-wg0 allowed-ips | tr ' \t' '\n\n' | grep -c /) == 3 * many + 2)); }
check "a hundred peers with three blocks each are there" await has_many
check "each has its address" test "$(on host1 wg show cni-wg0 endpoints | grep -c '198.51.100.[0-9]*:51820$')" = "$many"
settled() { on host1 bash -c "(( \$(ip route show dev cni-wg0 | wc -l) >= 2 * $many + 1 ))"; }
await settled
lines=$(log_of host1 | wc -l)
on host1 wg set cni-wg0 peer "$(printf '%032d' 77 | base64)" remove
check "one of them comes back" await has_many
check "and nothing else was wrong with any" \
  test "$(log_of host1 | tail -n +$((lines + 1)) | grep -c 'overlay.*peer')" = 1

node keyless 198.51.100.200 '' | put_all >/dev/null
block 10.244.90.0-26 keyless | put_all >/dev/null
names_it() { on host1 cnictl status | grep 'node keyless has told no WireGuard key, so no packet goes to its pods in 10.244.90.0/26'; }
check "a node without a key is named" await names_it
check "and not sent to in clear" not on host1 ip route get 10.244.90.5
check "the others are still reached" pings host1 "${two[0]}"

kill_agent 1
echo damaged >"$work/host1/lib/wg.key"
start_agent 1
damaged() { log_of host1 | grep -q "^cniagent: $work/host1/lib/wg.key has 8 bytes that are no WireGuard key"; }
check "a damaged key file is named" await damaged
check "pods do not care" pings host1 "${two[0]}"
check "it is left as it was" grep -qx damaged "$work/host1/lib/wg.key"
