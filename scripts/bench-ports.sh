#!/usr/bin/env bash
# Measures new TCP connections per second through a published port while the node publishes 1, 100 and 5,000 ports: ours, and the
# rules of the reference's portmap in its two backends. Everything happens in namespaces of its own.
#
# The reference makes its rules one process at a time and needs minutes for 5,000 ports, so they are loaded here at once, in the form that its
# plugin leaves behind: iptables, an entry rule and a chain of three rules per port; nftables, a rule per port.
set -euo pipefail

usage() {
    cat <<'TEXT'
usage: scripts/bench-ports.sh [--ours DIR] [--rounds N] [--seconds S] [--markdown]

  --ours DIR     our plugins (default: built and installed into a temporary directory)
  --rounds N     measurements per row, of all backends in turn (default 5; the median is printed)
  --seconds S    length of one measurement (default 2)
  --markdown     print table rows for docs/performance.md
TEXT
}

fail() { printf 'bench-ports.sh: %s\n' "$*" >&2; exit 1; }

rounds=5 seconds=2 ours='' markdown=false
while [ $# -gt 0 ]; do
    case $1 in
        --ours) ours=${2:?--ours needs a directory}; shift 2 ;;
        --rounds) rounds=${2:?--rounds needs a number}; shift 2 ;;
        --seconds) seconds=${2:?--seconds needs a number}; shift 2 ;;
        --markdown) markdown=true; shift ;;
        --help | -h) usage; exit 0 ;;
        *) usage >&2; exit 2 ;;
    esac
done
repository=$(cd "$(dirname "$0")/.." && pwd)
[ "$(id -u)" = 0 ] || fail 'needs root for network namespaces: run it with sudo'
for tool in gcc ip unshare nft iptables-restore; do
    command -v "$tool" >/dev/null || fail "needs $tool: apt-get install gcc libc6-dev iproute2 util-linux nftables iptables"
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ -z "$ours" ]; then
    ours=$work/ours
    "$repository/install.sh" --bin-dir "$ours" --no-check >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
fi
[ -f "$ours/portmap" ] || fail "no portmap in $ours"
gcc -O2 -Wall -static -o "$work/connect" "$repository/scripts/bench/connect.c"

# The node: a pod behind our bridge, and a client outside. Its argument is a backend, then how many ports; the last one is measured.
cat >"$work/node.sh" <<'NODE'
set -euo pipefail
work=$1 ours=$2 seconds=$3 backend=$4 count=$5
mount -t tmpfs tmpfs /run
mount -t sysfs sysfs /sys
mkdir /run/netns
ip link set lo up
ip netns add client
ip netns add pod
ip link add outside type veth peer name eth0 netns client
ip address add 192.0.2.1/24 dev outside
ip link set outside up
ip -n client address add 192.0.2.2/24 dev eth0
ip -n client link set eth0 up
sysctl -qw net.ipv4.ip_forward=1
export CNI_COMMAND=ADD CNI_CONTAINERID=pod CNI_NETNS=/run/netns/pod CNI_IFNAME=eth0 CNI_PATH=$ours
head='"cniVersion":"1.0.0","name":"ports"'
previous=$("$ours/bridge" <<<"{$head,\"type\":\"bridge\",\"isDefaultGateway\":true,\"ipam\":{\"type\":\"host-local\",\"subnet\":\"10.83.0.0/16\"}}")
pod=10.83.0.2 first=10001 last=$((10000 + count))
ports() { seq "$first" "$last"; }
case $backend in
    ours)
        mappings=$(ports | awk '{ printf "%s{\"hostPort\":%d,\"containerPort\":80,\"protocol\":\"tcp\"}", (NR > 1 ? "," : ""), $1 }')
        "$ours/portmap" <<<"{$head,\"type\":\"portmap\",\"runtimeConfig\":{\"portMappings\":[$mappings]},\"prevResult\":$previous}" >/dev/null ;;
    iptables)
        {
            echo '*nat'
            echo ':CNI-HOSTPORT-DNAT -'
            echo ':CNI-HOSTPORT-MASQ -'
            echo ':CNI-HOSTPORT-SETMARK -'
            ports | awk '{ printf ":CNI-DN-%021d -\n", $1 }'
            echo '-A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT'
            echo '-A OUTPUT -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT'
            echo '-A POSTROUTING -m comment --comment "CNI portfwd requiring masquerade" -j CNI-HOSTPORT-MASQ'
            echo '-A CNI-HOSTPORT-MASQ -m mark --mark 0x2000/0x2000 -j MASQUERADE'
            echo '-A CNI-HOSTPORT-SETMARK -m comment --comment "CNI portfwd masquerade mark" -j MARK --set-xmark 0x2000/0x2000'
            ports | awk -v pod="$pod" '{
                chain = sprintf("CNI-DN-%021d", $1)
                printf "-A CNI-HOSTPORT-DNAT -p tcp -m comment --comment \"dnat name: \\\"ports\\\" id: \\\"%d\\\"\" -m multiport --dports %d -j %s\n", $1, $1, chain
                printf "-A %s -s 10.83.0.0/16 -p tcp -m tcp --dport %d -j CNI-HOSTPORT-SETMARK\n", chain, $1
                printf "-A %s -s 127.0.0.1/32 -p tcp -m tcp --dport %d -j CNI-HOSTPORT-SETMARK\n", chain, $1
                printf "-A %s -p tcp -m tcp --dport %d -j DNAT --to-destination %s:80\n", chain, $1, pod
            }'
            echo COMMIT
        } | iptables-restore ;;
    nftables)
        {
            echo 'table ip cni_hostport {'
            echo ' chain hostports {'
            ports | awk -v pod="$pod" '{ printf "  tcp dport %d dnat to %s:80 comment \"%d\"\n", $1, pod, $1 }'
            echo ' }'
            echo ' chain hostip_hostports { }'
            echo ' chain hostports_all { jump hostip_hostports; jump hostports; }'
            echo ' chain prerouting { type nat hook prerouting priority -100; fib daddr type local jump hostports_all; }'
            echo ' chain output { type nat hook output priority -100; fib daddr type local jump hostports_all; }'
            echo '}'
        } | nft -f - ;;
esac
coproc server { exec ip netns exec pod "$work/connect" serve 80; }
read -r _ <&"${server[0]}"
exec ip netns exec client "$work/connect" count 192.0.2.1 "$last" "$seconds"
NODE

measure() {
    unshare --net --mount --pid --fork --kill-child --propagation private --mount-proc \
        bash "$work/node.sh" "$work" "$ours" "$seconds" "$@"
}

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

backends=(ours iptables nftables)
if $markdown; then
    printf '| ports published | ours, connections/s | reference, iptables | reference, nftables |\n|---|---|---|---|\n'
else
    printf '%16s %10s %10s %10s   connections/s\n' 'ports published' "${backends[@]}"
fi
for count in 1 100 5000; do
    for ((round = 0; round < rounds; round++)); do
        for backend in "${backends[@]}"; do
            measure "$backend" "$count" >>"$work/$backend-$count"
        done
    done
    medians=()
    for backend in "${backends[@]}"; do medians+=("$(median <"$work/$backend-$count")"); done
    if $markdown; then
        printf '| %s | %s | %s | %s |\n' "$count" "${medians[@]}"
    else
        printf '%16s %10s %10s %10s\n' "$count" "${medians[@]}"
    fi
done
