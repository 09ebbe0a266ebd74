#!/bin/bash
# The first process in qemu.sh's machine: mounts, runs the command, powers off. What it says itself goes to the console, what the command
# says to the second serial line.
set -u
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
ln -s /proc/self/fd /dev/fd
mkdir -p /dev/shm /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t devpts devpts /dev/pts
# The caller's directory stays, also where it lies below what is covered here.
directory=$(<"$QEMU_RUN/directory")
mount --bind "$directory" "$QEMU_RUN/tree"
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /tmp
chmod 1777 /tmp
mkdir -p "$directory"
mount --bind "$QEMU_RUN/tree" "$directory"
umount "$QEMU_RUN/tree"
stty -F /dev/ttyS1 raw -echo

# The kernel loads modules from where they were unpacked: nothing is written to the host's /lib.
printf '#!/bin/sh\nexec /sbin/modprobe -d %q "$@"\n' "$(<"$QEMU_RUN/kernel")" >/tmp/.modprobe
chmod +x /tmp/.modprobe
echo /tmp/.modprobe >/proc/sys/kernel/modprobe

ip link set lo up
mapfile -d '' -t command <"$QEMU_RUN/command"
(
  # shellcheck disable=SC1091 # written by qemu.sh
  . "$QEMU_RUN/environment"
  exec "${command[@]}"
) </dev/null 2>&1 | cat >/dev/ttyS1 # a pipe, so that nobody takes the line for a terminal
echo "${PIPESTATUS[0]}" >"$QEMU_RUN/status"
stty -F /dev/ttyS1 raw # waits until the last line has gone out
sync
echo o >/proc/sysrq-trigger
exec sleep infinity # the first process must not exit before the power is off
