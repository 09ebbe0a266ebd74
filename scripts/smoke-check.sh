#!/usr/bin/env bash
# smoke-check.sh BIN_DIR: gives two pods a network with the plugins of BIN_DIR, lets them ping each other and their gateway, and
# removes it all. install.sh runs it in network, mount and pid namespaces of its own.
set -euo pipefail

bin_dir=$1
fail() { printf 'smoke check: %s\n' "$*" >&2; exit 1; }

mount -t tmpfs tmpfs /run
mount -t sysfs sysfs /sys
mkdir -p /run/netns
ip link set lo up

network='"cniVersion":"1.0.0","name":"smoke","type":"bridge","bridge":"smoke0","isGateway":true,"ipMasq":true,
    "ipam":{"type":"host-local","dataDir":"/run/leases","ranges":[[{"subnet":"10.254.0.0/24"}]],"routes":[{"dst":"0.0.0.0/0"}]}'

# cni VERB POD [PREVRESULT]: prints the plugin's answer.
cni() {
    local answer
    answer=$(CNI_COMMAND=$1 CNI_CONTAINERID=$2 CNI_NETNS=/run/netns/$2 CNI_IFNAME=eth0 CNI_PATH=$bin_dir \
        "$bin_dir/bridge" <<<"{$network${3:+,\"prevResult\":$3}}") || fail "bridge $1 for $2: ${answer:-no answer}"
    printf '%s' "$answer"
}

# ping_from POD ADDRESS WHAT
ping_from() {
    ip netns exec "$1" ping -c 1 -W 5 -q "$2" >/dev/null || fail "$1 cannot ping $3, $2"
}

declare -A address result
for pod in pod1 pod2; do
    ip netns add "$pod"
    result[$pod]=$(cni ADD "$pod")
    address[$pod]=$(ip -n "$pod" -4 -o addr show dev eth0 | awk '{ sub(/\/.*/, "", $4); print $4 }')
    [ -n "${address[$pod]}" ] || fail "eth0 of $pod has no address"
    cni CHECK "$pod" "${result[$pod]}"
done
ping_from pod1 "${address[pod2]}" pod2
ping_from pod2 "${address[pod1]}" pod1
for pod in pod1 pod2; do ping_from "$pod" 10.254.0.1 'its gateway'; done
for pod in pod1 pod2; do cni DEL "$pod" "${result[$pod]}"; done
left=$(ip -o link show type veth)
[ -z "$left" ] || fail "DEL left a link behind: $left"
printf 'smoke check: two pods reached each other and their gateway, and nothing was left\n'
