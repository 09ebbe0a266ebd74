#!/bin/bash
# The first process in user-mode-linux, started by uml.sh: mounts, loads modules, runs the command, powers off.
# What it says itself goes to the console, what the command says to the serial line.
set -u
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mountpoint -q /dev || mount -t devtmpfs devtmpfs /dev
ln -s /proc/self/fd /dev/fd
mkdir -p /dev/shm /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t devpts devpts /dev/pts
# The caller's directory stays, also where it lies below what is covered here.
directory=$(<"$UML_RUN/directory")
mount --bind "$directory" "$UML_RUN/tree"
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /tmp
chmod 1777 /tmp
mkdir -p "$directory"
mount --bind "$UML_RUN/tree" "$directory"
umount "$UML_RUN/tree"
stty -F /dev/ttyS0 raw -echo

# modprobe finds the modules through a link in our own /tmp: nothing is written to the host's /lib.
mkdir -p /tmp/.modules/lib/modules
ln -s "/usr/lib/uml/modules/$(uname -r)" /tmp/.modules/lib/modules/
printf '#!/bin/sh\nexec /sbin/modprobe -d /tmp/.modules "$@"\n' >/tmp/.modules/modprobe
chmod +x /tmp/.modules/modprobe
echo /tmp/.modules/modprobe >/proc/sys/kernel/modprobe
for module in 8021q bridge veth dummy ipvlan macvlan vrf; do
  /tmp/.modules/modprobe "$module"
done

ip link set lo up
mapfile -d '' -t command <"$UML_RUN/command"
(
  # shellcheck disable=SC1091 # written by uml.sh
  . "$UML_RUN/environment"
  exec "${command[@]}"
) </dev/null 2>&1 | cat >/dev/ttyS0 # a pipe, so that nobody takes the line for a terminal
echo "${PIPESTATUS[0]}" >"$UML_RUN/status"
stty -F /dev/ttyS0 raw # waits until the last line has gone out
echo o >/proc/sysrq-trigger
exec sleep infinity # the first process must not exit before the power is off
