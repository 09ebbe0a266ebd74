#!/usr/bin/env bash
# Tests README's first command, ./install.sh, on fresh machines: roots that hold the base system, this machine's .NET SDK, and a clone of the
# last commit with what is changed since. One has no compiler, one gcc alone, one clang alone. With --tests the second command, scripts/test.sh,
# runs there, too, which takes half an hour each. Needs root and the network (apt); packages come from where this machine's apt has its base
# system. The last line is "N passed, N failed".
#
#   scripts/test-fresh.sh [--tests] [none|gcc|clang]...
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ ${1-} != --isolated ]]; then
  [[ $EUID -eq 0 ]] || { echo "test-fresh.sh: needs root: run it with sudo" >&2; exit 1; }
  work=$(mktemp -d -p /var/tmp cniplugin-fresh.XXXXXX)
  trap 'rm -rf -- "$work"' EXIT
  trap 'exit 1' INT TERM
  # Every mount of this test ends with its namespace, before the directories are removed, and every process with its first.
  unshare --mount --propagation private --pid --fork --kill-child --mount-proc "$0" --isolated "$work" "$@" &
  wait $!
  exit
fi
work=$2
shift 2
tests=''
[[ ${1-} != --tests ]] || { tests=yes && shift; }
cases=("$@")
((${#cases[@]})) || cases=(none gcc clang)
fail() { echo "test-fresh.sh: $*" >&2; exit 1; }

sdk=$(dirname "$(readlink -f "$(command -v dotnet || fail "the .NET SDK is not in PATH")")")
nuget=${NUGET_PACKAGES:-$HOME/.nuget/packages}
base=$work/base clone=$work/clone

# How the machine reaches its mirror is part of the machine: its list, keys, passwords and proxies.
make_base() {
  local suite
  mkdir "$work/sources"
  suite=$(scripts/apt-source.sh deb base-files "$work/sources")
  apt-config dump | grep -E '^Acquire::(https?|Check-Valid-Until|Check-Date|Retries)\b' >"$work/apt.conf" || true
  mmdebstrap --quiet --variant=minbase --include=ca-certificates --aptopt="$work/apt.conf" --dpkgopt=force-unsafe-io \
    --setup-hook='for kept in keyrings trusted.gpg.d auth.conf.d; do [ ! -d "/etc/apt/$kept" ] || cp -a "/etc/apt/$kept" "$1/etc/apt/"; done' \
    "$suite" "$base" "$work"/sources/*
}

make_clone() {
  git clone --quiet --no-hardlinks . "$clone"
  git diff --binary HEAD | git -C "$clone" apply --allow-empty
}

# What the machine gives is read only, copied, or below an overlay: nothing that happens in a root reaches the machine's own directories.
# No root is removed while its mounts are there; they end with this namespace, and what is outside never sees them.
make_root() {
  local root=$1
  cp -a "$base" "$root"
  cp -a "$clone" "$root/CniPlugin"
  mount --bind "$root" "$root" # the root of what is mounted below must be a mount itself, as on every machine
  mkdir -p "$root$sdk" "$root$nuget" "$nuget" "$root.upper" "$root.overlay"
  mount --bind "$sdk" "$root$sdk"
  mount -o remount,bind,ro "$root$sdk"
  # The machine's packages, so that they are not fetched once per root.
  mount -t overlay -o "lowerdir=$nuget,upperdir=$root.upper,workdir=$root.overlay" overlay "$root$nuget"
  if [[ -d $HOME/.nuget/NuGet ]]; then cp -a "$HOME/.nuget/NuGet" "$root$HOME/.nuget/"; fi
  # A proxy's certificates among them.
  if [[ -d /usr/local/share/ca-certificates ]]; then cp -a /usr/local/share/ca-certificates/. "$root/usr/local/share/ca-certificates/"; fi
  cat /etc/hosts >"$root/etc/hosts"
  cat /etc/resolv.conf >"$root/etc/resolv.conf"
  mount --rbind /dev "$root/dev"
  mount -t proc proc "$root/proc"
  mount -t sysfs sysfs "$root/sys"
  mount --rbind /sys/fs/cgroup "$root/sys/fs/cgroup"
  mount -t tmpfs -o mode=0755 tmpfs "$root/run"
  inside "$root" update-ca-certificates >/dev/null
}

# inside ROOT COMMAND... A container runtime must be able to change its root, which it may not in a chroot.
inside() {
  local root=$1
  shift
  env -u TMPDIR PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$sdk" DEBIAN_FRONTEND=noninteractive \
    unshare --mount bash -c 'cd "$0" && pivot_root . mnt && cd /CniPlugin && umount --lazy /mnt && exec "$@"' "$root" "$@"
}
has() { inside "$1" bash -c 'command -v "$0"' "$2" >/dev/null; }

# installs CASE: a root without compilers, then with that one, then ./install.sh.
installs() {
  local root=$work/$1 compiler other
  make_root "$root"
  for compiler in clang gcc cc; do ! has "$root" "$compiler" || { echo "the base system has $compiler"; return 1; }; done
  if [[ $1 != none ]]; then
    inside "$root" apt-get -qq update
    inside "$root" apt-get -qq install -y --no-install-recommends "$1" >"$work/$1.apt" 2>&1 || { cat "$work/$1.apt"; return 1; }
  fi
  inside "$root" ./install.sh || return 1
  [[ $(readlink "$root/opt/cni/bin/bridge") == cniplugin ]] || { echo "/opt/cni/bin/bridge is not ours"; return 1; }
  case $1 in gcc) other=clang ;; clang) other=gcc ;; *) other='' ;; esac
  [[ -z $other ]] || ! has "$root" "$other" || { echo "$other was installed, though $1 is there"; return 1; }
  [[ -z $tests ]] || inside "$root" scripts/test.sh
}

passed=0 failed=0
make_clone
make_base
for case in "${cases[@]}"; do
  # A subshell, so that the first command that fails ends the case and not the test.
  started=$SECONDS status=0
  (set -e; installs "$case") >"$work/$case.log" 2>&1 & wait $! || status=$?
  if ((status == 0)) && grep -q '^smoke check: two pods reached each other' "$work/$case.log"; then
    passed=$((passed + 1))
    echo "compiler $case: installed in $((SECONDS - started)) s$([[ -z $tests ]] || echo ", with all tests: $(tail -n 1 "$work/$case.log")")"
  else
    failed=$((failed + 1))
    cat "$work/$case.log"
    echo "FAILED: README's commands on a fresh machine, compiler: $case"
  fi
done
echo "$passed passed, $failed failed"
exit $((failed > 0))
