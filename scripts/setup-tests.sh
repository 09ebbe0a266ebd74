#!/usr/bin/env bash
# Installs what building and testing need on Debian 12 beside the .NET SDK, and builds cnitool into
# artifacts/tools; with --qemu a kernel with WireGuard, too, and what runs it. Does nothing, in well under a second, when everything is there.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(
  clang lld gcc libc6-dev zlib1g-dev                     # native AOT and small C helpers
  iproute2 iputils-ping nftables iptables procps kmod strace    # what the tests compare with and look through
  containerd runc podman busybox-static                  # runtimes, and what their images are made of
  containernetworking-plugins                            # the reference's plugins
  firewalld dbus-daemon                                  # what the firewall plugin talks to
  dnsmasq-base kea-dhcp4-server kea-dhcp6-server         # DHCP servers
  etcd-server etcd-client                                # what nodes share
  groff-base zsh fish systemd                            # manual pages, completions and the unit are tried with these
  cmake libssl-dev                                       # what links OpenSSL into the node agent
  golang-go golang-github-appc-cni-dev dpkg-dev          # cnitool
  user-mode-linux                                        # a kernel with VLANs, dummy, ipvlan and vrf
  mmdebstrap git                                         # fresh machines, and clones to install there
  qemu-user-static jq curl                               # the arm64 binary, what its answers say, and etcd's gateway
)
# A machine whose kernel has WireGuard, and what looks at it, for scripts/test-qemu.sh.
if [[ ${1-} == --qemu ]]; then packages+=(qemu-system-x86 wireguard-tools tcpdump); fi
cnitool=artifacts/tools/cnitool
kernel=artifacts/tools/kernel
policy=/usr/sbin/policy-rc.d
network="Is the network there, and does the mirror answer that apt is told in /etc/apt? (apt-get update shows it.)"

fail() { printf 'setup-tests: %s\n' "$*" >&2; exit 1; }

missing() {
  local package
  for package in "${packages[@]}"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || echo "$package"
  done
}

as_root() {
  if [[ $EUID -eq 0 ]]; then "$@"; else sudo -- "$@"; fi
}

# containerd's, podman's and kea's packages would start their services; tests run their own instances.
install_packages() {
  local own_policy='' status=0
  if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' | as_root install -m 755 /dev/stdin "$policy"
    own_policy=yes
  fi
  { as_root apt-get -qq update &&
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$@"; } || status=$?
  [[ -z $own_policy ]] || as_root rm -f "$policy"
  ((status == 0)) || fail "apt-get cannot install $*: its messages above say why. $network"
}

# Debian ships cnitool's source only: fetched from where apt has its packages, with a source list of our own, so that the machine's stay
# as they are.
build_cnitool() {
  local work package=golang-github-appc-cni
  work=$(mktemp -d)
  # shellcheck disable=SC2064 # the directory of now
  trap "rm -rf '$work'" EXIT
  mkdir -p "$work/sources" "$work/lists/partial" "$work/go/src/github.com/containernetworking" artifacts/tools
  chmod 755 "$work"
  scripts/apt-source.sh deb-src "$package-dev" "$work/sources" >/dev/null 2>&1 ||
    { as_root apt-get -qq update && scripts/apt-source.sh deb-src "$package-dev" "$work/sources" >/dev/null; } ||
    fail "apt does not say where $package-dev comes from. $network"
  local apt=(apt-get -qq -o Dir::Etc::SourceList=/dev/null -o "Dir::Etc::SourceParts=$work/sources"
    -o "Dir::State::Lists=$work/lists" -o APT::Sandbox::User=root)
  { "${apt[@]}" update && (cd "$work" && "${apt[@]}" source "$package"); } ||
    fail "apt-get cannot fetch the source of $package, from which cnitool is built: its messages above say why. $network"
  mv "$work/$package"-*/ "$work/go/src/github.com/containernetworking/cni"
  GO111MODULE=off CGO_ENABLED=0 GOFLAGS=-mod=mod GOCACHE="$work/cache" GOPATH="$work/go:/usr/share/gocode" \
    go build -trimpath -o "$cnitool.new" github.com/containernetworking/cni/cnitool
  mv "$cnitool.new" "$cnitool"
}

# Debian's kernel for virtual machines, as it is in its package: installed, it would want to be this machine's.
unpack_kernel() {
  local work package
  work=$(mktemp -d)
  # shellcheck disable=SC2064 # the directory of now
  trap "rm -rf '$work'" EXIT
  package=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/.*Depends: \(linux-image-[^ ]*\)$/\1/p' | head -n 1)
  (cd "$work" && apt-get -qq -o APT::Sandbox::User=root download "${package:?}") ||
    { as_root apt-get -qq update && (cd "$work" && apt-get -qq -o APT::Sandbox::User=root download "$package"); } ||
    fail "apt-get cannot fetch the kernel ${package:-of linux-image-cloud-amd64}: its messages above say why. $network"
  dpkg -x "$work"/linux-image-*.deb "$work/kernel"
  mv "$work/kernel/usr/lib" "$work/kernel/lib" 2>/dev/null || true
  depmod --basedir "$work/kernel" "$(basename "$work/kernel"/lib/modules/*)"
  rm -rf "$kernel"
  mkdir -p artifacts/tools
  mv "$work/kernel" "$kernel"
}

mapfile -t absent < <(missing)
if ((${#absent[@]})); then
  echo "setup-tests: installing ${absent[*]}"
  install_packages "${absent[@]}"
fi
if [[ ! -x $cnitool ]]; then
  echo "setup-tests: building cnitool"
  build_cnitool
fi
if [[ ${1-} == --qemu && ! -d $kernel ]]; then
  echo "setup-tests: unpacking the kernel for qemu"
  unpack_kernel
fi
