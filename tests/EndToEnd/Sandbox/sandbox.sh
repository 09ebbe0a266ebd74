#!/bin/bash
# usage: sandbox.sh PLUGIN_DIRECTORY
#
# The first process of a RuntimeSandbox, in new network, mount and pid namespaces: hides the host behind fresh mounts,
# says its pid as the host sees it, and stays until the tests close its standard input.
set -euo pipefail
plugins=$1
read -r host_pid _ </proc/self/stat # the old /proc still shows the outer pid namespace

# A fresh sysfs shows this network namespace; the machine's cgroups are put back under it.
mount -t tmpfs tmpfs /run
mkdir /run/cgroup
mount --rbind /sys/fs/cgroup /run/cgroup
mount -t sysfs sysfs /sys
mount --rbind /run/cgroup /sys/fs/cgroup
umount --lazy /run/cgroup
rmdir /run/cgroup
mount -t proc proc /proc

# State of runtimes and plugins: empty, and gone with the sandbox.
mkdir -p /run/netns /run/lock
mount --bind /run/netns /run/netns
mount --make-shared /run/netns
for state in /var/lib/cni /var/lib/containers /etc/cni; do
  [[ ! -d $state ]] || mount -t tmpfs -o mode=755 tmpfs "$state"
done

# No plugin directory but ours exists here: whatever a runtime runs, it took it from ours.
for directory in /opt /usr/lib/cni /usr/libexec/cni; do
  [[ ! -d $directory ]] || mount -t tmpfs -o mode=755 tmpfs "$directory"
done
mkdir -p /opt/cni/bin /etc/cni/net.d /var/lib/cni
mount --bind "$plugins" /opt/cni/bin

ip link set lo up
echo 1 >/proc/sys/net/ipv4/ip_forward
echo 1 >/proc/sys/net/ipv6/conf/all/forwarding

echo "$host_pid"
# Reaps what runtimes orphan, and ends with the tests however they end; everything here ends with it.
while read -r _; do :; done
