#!/usr/bin/env bash
# Measures ADD, CHECK and DEL of our bridge + host-local, alone and at the head of a chain, against another set's, call by call in
# alternation, and prints the figures of docs/performance.md. Everything happens in network, mount and pid namespaces of its own.
set -euo pipefail

usage() {
    cat <<'TEXT'
usage: scripts/bench.sh [--ours DIR] [--pairs N] [--only NAME] [--markdown] [OTHER_BIN_DIR]

  OTHER_BIN_DIR  plugins to compare with (default /usr/lib/cni: apt-get install containernetworking-plugins iptables)
  --ours DIR     our plugins (default: built and installed into a temporary directory)
  --pairs N      measured pairs per series (default 100)
  --only NAME    one series: plain, masq, plain-5000, masq-5000, full, chain, chain-tcp, parallel, floor, ptp, macvlan, macvlan6, tap,
                 host-device, static, dhcp (default all), or vlan, ipvlan, dummy, for which see scripts/uml.sh
  --markdown     print table rows for docs/performance.md instead of the table for people
TEXT
}

fail() { printf 'bench.sh: %s\n' "$*" >&2; exit 1; }

pairs=100 ours='' other=/usr/lib/cni only='' markdown=false
while [ $# -gt 0 ]; do
    case $1 in
        --ours) ours=${2:?--ours needs a directory}; shift 2 ;;
        --pairs) pairs=${2:?--pairs needs a number}; shift 2 ;;
        --only) only=${2:?--only needs a series}; shift 2 ;;
        --markdown) markdown=true; shift ;;
        --help | -h) usage; exit 0 ;;
        -*) usage >&2; exit 2 ;;
        *) other=$1; shift ;;
    esac
done

repository=$(cd "$(dirname "$0")/.." && pwd)
[ "$(id -u)" = 0 ] || fail 'needs root for network namespaces: run it with sudo'
[[ $pairs =~ ^[1-9][0-9]*$ ]] || fail "--pairs $pairs is not a number above 0"
case $only in '' | plain | masq | plain-5000 | masq-5000 | full | chain | chain-tcp | parallel | floor | ptp | macvlan | macvlan6 | tap | host-device | static | dhcp | vlan | ipvlan | dummy) ;; *) fail "--only $only is no series; see --help" ;; esac
for tool in gcc ip unshare awk; do
    command -v "$tool" >/dev/null || fail "needs $tool: apt-get install gcc libc6-dev iproute2 util-linux mawk"
done
for plugin in bridge host-local; do
    [ -f "$other/$plugin" ] || fail "no $plugin in $other: apt-get install containernetworking-plugins, or name another directory"
done
command -v iptables >/dev/null || fail 'the other set needs iptables for ipMasq: apt-get install iptables'

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ -z "$ours" ]; then
    ours=$work/ours
    "$repository/install.sh" --bin-dir "$ours" --no-check >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
fi
[ -f "$ours/bridge" ] || fail "no bridge in $ours"
# Where the page cache has an executable decides a twentieth of its start: both sets are copies, made one behind the other.
cp -a "$ours/." "$work/set-ours"
cp -a "$other/." "$work/set-other"
ours_name=$ours other_name=$other ours=$work/set-ours other=$work/set-other

# Static: a small driver, because a vforked child's peak memory starts at its parent's.
gcc -O2 -Wall -static -o "$work/driver" "$repository/scripts/bench/driver.c"
mkdir "$work/floor" "$work/true"
gcc -O2 -Wall -static -o "$work/floor/bridge" "$repository/scripts/bench/floor.c"
ln -s /bin/true "$work/true/bridge"

# config SIDE KIND: one network configuration per side, alike but for name, interfaces, subnet and ports; a line per plugin. KIND is a main
# plugin or "static", or for bridge "plain" or "masq", or "chain" or "chain-tcp" for one of four plugins, or "macvlan6" for an IPv6 subnet.
config() {
    local side=$1 kind=$2 subnet port
    if [ "$side" = a ]; then subnet=10.81 port=8080; else subnet=10.82 port=9080; fi
    local all="\"cniVersion\":\"1.0.0\",\"name\":\"bench-$side\""
    local ipam="\"ipam\":{\"type\":\"host-local\",\"dataDir\":\"/run/bench-$side\",\"ranges\":[[{\"subnet\":\"$subnet.0.0/16\"}]],\"routes\":[{\"dst\":\"0.0.0.0/0\"}]}"
    {
        case $kind in
            plain | masq | chain | chain-tcp)
                local masq=true
                if [ "$kind" = plain ]; then masq=false; fi
                printf '{"type":"bridge",%s,"bridge":"bench-%s","isGateway":true,"ipMasq":%s,%s}\n' "$all" "$side" "$masq" "$ipam" ;;
            macvlan6)
                printf '{"type":"macvlan",%s,"master":"uplink",%s}\n' "$all" "${ipam/$subnet.0.0\/16/fd00:${subnet#10.}::/64}" | sed 's:0\.0\.0\.0/0:\:\:/0:' ;;
            macvlan | ipvlan) printf '{"type":"%s",%s,"master":"uplink",%s}\n' "$kind" "$all" "$ipam" ;;
            vlan) printf '{"type":"vlan",%s,"master":"uplink","vlanId":%s,%s}\n' "$all" "${port%80}" "$ipam" ;;
            tap) printf '{"type":"tap",%s,"owner":0,"group":0,%s}\n' "$all" "$ipam" ;;
            host-device) printf '{"type":"host-device",%s,"device":"device-%s",%s}\n' "$all" "$side" "$ipam" ;;
            static) printf '{"type":"static",%s,"ipam":{"type":"static","addresses":[{"address":"%s.0.2/16","gateway":"%s.0.1"}]}}\n' "$all" "$subnet" "$subnet" ;;
            dhcp) printf '{"type":"bridge",%s,"bridge":"lan0","ipam":{"type":"dhcp","daemonSocketPath":"/run/dhcp-%s.sock"}}\n' "$all" "$side" ;;
            *) printf '{"type":"%s",%s,%s}\n' "$kind" "$all" "$ipam" ;;
        esac
        if [[ $kind == chain* ]]; then
            local second=udp
            if [ "$kind" = chain-tcp ]; then second=tcp; fi
            printf '{"type":"portmap",%s,"runtimeConfig":{"portMappings":[' "$all"
            printf '{"hostPort":%d,"containerPort":80,"protocol":"tcp"},{"hostPort":%d,"containerPort":53,"protocol":"%s"}]}}\n' "$port" "$((port + 1))" "$second"
            printf '{"type":"firewall",%s}\n' "$all"
            printf '{"type":"bandwidth",%s,"ingressRate":80000000,"ingressBurst":8000000,"egressRate":80000000,"egressBurst":8000000}\n' "$all"
        fi
    } >"$work/$side.json"
}

# In the node: an empty /run and /var/lib/cni in memory, a /sys of the new network namespace, and per side HELD leases as
# host-local files, which are the other set's store and are imported by ours when its store is created.
cat >"$work/node.sh" <<'NODE'
set -euo pipefail
held_a=$1 held_b=$2 kind=$3 a=$4 b=$5; shift 5
mount -t tmpfs tmpfs /run
mkdir -p /var/lib/cni
mount -t tmpfs tmpfs /var/lib/cni
mount -t sysfs sysfs /sys
ip link set lo up
ip link add floor0 type bridge
ip addr add 10.83.0.1/16 dev floor0
ip link set floor0 up
ip link add uplink type veth peer name network
ip addr add 10.84.0.1/16 dev uplink
ip link set network up
ip link set uplink up
for side in a b; do ip link add "device-$side" type veth peer name "cable-$side"; done
hold() {
    mkdir -p "/run/bench-$1/bench-$1"
    cd "/run/bench-$1/bench-$1"
    awk -v held="$3" -v net="$2" 'BEGIN {
        for (i = 2; i < held + 2; i++) {
            address = net "." int(i / 256) "." i % 256
            printf "held%d\r\neth0", i > address
            close(address)
        }
        if (held) printf "%s", address > "last_reserved_ip.0"
    }'
    cd /
}
hold a 10.81 "$held_a"
hold b 10.82 "$held_b"
if [ "$kind" = dhcp ]; then
    mkdir /run/netns
    ip netns add server
    ip link add lan0 address 02:00:0a:55:00:01 type bridge
    ip link add port0 type veth peer name eth0 netns server
    ip link set port0 master lan0 up
    ip link set lan0 up
    ip -n server addr add 10.85.0.1/16 dev eth0
    ip -n server link set eth0 up
    ip netns exec server dnsmasq --keep-in-foreground --conf-file=/dev/null --port=0 --user=root --pid-file= --interface=eth0 --bind-interfaces --no-ping \
        --dhcp-authoritative --dhcp-lease-max=10000 --dhcp-leasefile=/run/leases --dhcp-range=10.85.1.0,10.85.99.255,255.255.0.0,1h &
    "$a/dhcp" daemon -socketpath /run/dhcp-a.sock >/dev/null 2>&1 &
    "$b/dhcp" daemon -socketpath /run/dhcp-b.sock >/dev/null 2>&1 &
    until [ -S /run/dhcp-a.sock ] && [ -S /run/dhcp-b.sock ] && ip netns exec server ss -lun | grep -q ':67 '; do sleep 0.05; done
fi
exec "$@"
NODE

# series HELD_A HELD_B KIND A_DIR B_DIR DRIVER_MODE...
series() {
    local held_a=$1 held_b=$2 kind=$3 a=$4 b=$5; shift 5
    config a "$kind"
    config b "$kind"
    unshare --net --mount --pid --fork --kill-child --propagation private --mount-proc \
        bash "$work/node.sh" "$held_a" "$held_b" "$kind" "$a" "$b" "$work/driver" "$@" "$a" "$work/a.json" "$b" "$work/b.json"
    sleep 1 # the kernel dismantles the series' namespaces in the background
}

wanted() { [ -z "$only" ] || [ "$only" = "$1" ]; }

# table TITLE A_LABEL B_LABEL: reads "SIDE VERB LOW MEDIAN HIGH [CPU RSS]".
table() {
    awk -v title="$1" -v a="$2" -v b="$3" -v high="${4:-p99}" -v markdown="$markdown" '
        { verb = $2; if (!(verb in seen)) { seen[verb] = 1; verbs[++count] = verb } for (i = 3; i <= NF; i++) v[$1, verb, i] = $i; fields = NF }
        function triple(side) { return sprintf("%.2f / %.2f / %.2f", v[side, verb, 3], v[side, verb, 4], v[side, verb, 5]) }
        function ratio(i) { return v["b", verb, i] > 0 ? sprintf("%.2f", v["a", verb, i] / v["b", verb, i]) : "-" }
        function ratios() { return ratio(3) " / " ratio(4) " / " ratio(5) }
        function cpu() { return fields < 7 ? "" : sprintf("%.1f : %.1f", v["a", verb, 6], v["b", verb, 6]) }
        function rss() { return fields < 7 ? "" : sprintf("%.1f : %.1f", v["a", verb, 7] / 1024, v["b", verb, 7] / 1024) }
        END {
            if (markdown == "false") {
                printf "\n%s\n%-6s %-26s %-26s %-20s %-14s %s\n", title, "", a " (ms)", b " (ms)", "ratio", "CPU (ms)", "memory (MiB)"
                printf "%-6s %-26s %-26s %-20s\n", "", "min / median / " high, "min / median / " high, "min / median / " high
            }
            for (n = 1; n <= count; n++) {
                verb = verbs[n]
                if (markdown == "true") printf "| %s | %s | %s | %s | %s | %s | %s |\n", title, verb, triple("a"), triple("b"), ratios(), cpu(), rss()
                else printf "%-6s %-26s %-26s %-20s %-14s %s\n", verb, triple("a"), triple("b"), ratios(), cpu(), rss()
            }
        }'
}

machine="$(awk -F': ' '/^model name/ { print $2; exit }' /proc/cpuinfo), $(nproc) cores, Linux $(uname -r)"
size=$(stat -L -c %s "$ours/bridge")
size=$(awk -v bytes="$size" 'BEGIN { printf "%.1f", bytes / 1e6 }')
if $markdown; then
    printf '%s, %s; %s pairs; our binary %s MB; the other set: %s\n\n' "$(date +%F)" "$machine" "$pairs" "$size" "$other_name"
    printf '| series | verb | ours, ms: min / median / p99 | other, ms | ratio | CPU, ms (ours : other) | memory, MiB |\n|---|---|---|---|---|---|---|\n'
else
    printf '%s\n%s pairs; ours: %s (%s MB); other: %s\n' "$machine" "$pairs" "$ours_name" "$size" "$other_name"
fi

if wanted plain; then series 0 0 plain "$ours" "$other" alternate "$pairs" | table 'bridge + host-local' ours other; fi
if wanted masq; then series 0 0 masq "$ours" "$other" alternate "$pairs" | table 'with ipMasq' ours other; fi
if wanted plain-5000; then series 5000 5000 plain "$ours" "$other" alternate "$pairs" | table '5,000 leases held' ours other; fi
if wanted masq-5000; then series 5000 5000 masq "$ours" "$other" alternate "$pairs" | table 'with ipMasq, 5,000 leases held' ours other; fi
if wanted full; then series 60000 0 plain "$ours" "$ours" alternate "$pairs" | table 'ours: 60,000 leases held against none' held none; fi
for kind in chain chain-tcp; do
    wanted "$kind" || continue
    for plugin in portmap firewall bandwidth; do
        [ -f "$other/$plugin" ] || fail "no $plugin in $other_name: --only plain compares the bridge alone"
    done
    ports='tcp and udp'
    if [ "$kind" = chain-tcp ]; then ports='tcp alone'; fi
    series 0 0 "$kind" "$ours" "$other" attach "$pairs" | table "bridge + portmap ($ports) + firewall + bandwidth" ours other
done
for kind in ptp macvlan macvlan6 tap host-device static; do
    wanted "$kind" || continue
    if [ ! -f "$other/${kind%6}" ]; then
        # The reference has tap since 1.2.
        printf 'no %s in %s: left out\n' "${kind%6}" "$other_name" >&2
        continue
    fi
    series 0 0 "$kind" "$ours" "$other" alternate "$pairs" | table "$kind" ours other
done
if wanted dhcp; then
    command -v dnsmasq >/dev/null || fail 'dhcp needs a server: apt-get install dnsmasq-base, or name another series by --only'
    series 0 0 dhcp "$ours" "$other" alternate "$pairs" | table 'bridge + dhcp' ours other
fi
for kind in vlan ipvlan dummy; do
    if [ "$only" = "$kind" ]; then series 0 0 "$kind" "$ours" "$other" alternate "$pairs" | table "$kind" ours other; fi
done
if wanted parallel; then
    series 0 0 plain "$ours" "$other" parallel 3 200 8 | table '200 calls, 8 at a time (total; 3 rounds)' ours other max
fi
if wanted floor; then series 0 0 plain "$work/floor" "$work/true" alternate "$pairs" | table 'baselines: floor.c against /bin/true' floor true; fi
