#!/usr/bin/env bash
# usage: scripts/qemu.sh COMMAND [ARGS]
#
# Runs a command as root in Debian's cloud kernel (6.1), which has what test machines and user-mode-linux lack: WireGuard. The machine is
# emulated instruction by instruction, so that no /dev/kvm is needed: ten to twenty times slower than the host. It sees the host's own file
# system, the caller's environment and directory, a /run and a /tmp of its own, and no network. Output (stdout and stderr together) and
# exit status are the command's; 125 means that it did not finish. QEMU_TIMEOUT bounds it (seconds, 600 unless set), QEMU_MEMORY is what it
# has (1G). setup-tests.sh installs the kernel.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

# The emulator and the server of the file system end with the namespaces that they are started in.
if [[ ${1-} == --isolated ]]; then
  run=$2 kernel=$3 memory=${QEMU_MEMORY:-1G}
  /usr/lib/qemu/virtiofsd --socket-path="$run/socket" -o source=/ -o sandbox=chroot -o cache=always >"$run/virtiofsd" 2>&1 &
  until [[ -S $run/socket ]]; do
    kill -0 $! || { cat "$run/virtiofsd" >&2; exit 1; }
    sleep 0.05
  done
  exec qemu-system-x86_64 -M q35 -accel tcg,thread=multi -cpu max -smp 2 -m "$memory" -nodefaults -no-user-config -display none -no-reboot \
    -object "memory-backend-memfd,id=memory,size=$memory,share=on" -numa node,memdev=memory \
    -chardev "socket,id=host,path=$run/socket" -device vhost-user-fs-pci,chardev=host,tag=host \
    -serial "file:$run/console" -serial stdio \
    -kernel "$kernel"/boot/vmlinuz-* -initrd "$run/initrd" -append "console=ttyS0 panic=-1 quiet QEMU_RUN=$run"
fi

(($#)) || { sed -n '2s/^# //p' "$0" >&2; exit 125; }
kernel=$here/../artifacts/tools/kernel
[[ -d $kernel ]] || { echo "qemu: $kernel is missing: run scripts/setup-tests.sh" >&2; exit 125; }
kernel=$(cd "$kernel" && pwd)
version=$(basename "$kernel"/lib/modules/*)

# Not below /tmp, which the kernel inside covers.
run=$(mktemp -d /var/tmp/qemu.XXXXXX)
trap 'rm -rf "$run"' EXIT
printf '%s\0' "$@" >"$run/command"
{ export -p; printf 'cd -- %q\n' "$PWD"; } >"$run/environment"
printf '%s' "$PWD" >"$run/directory"
printf '%s' "$kernel" >"$run/kernel"

# All that is needed until the host's file system is there: busybox and the modules that mount it.
mkdir -p "$run"/initial/{bin,modules,proc,host} "$run/tree"
cp /bin/busybox "$run/initial/bin/"
for module in virtio_pci virtiofs; do
  while read -r _ file; do
    [[ -e $run/initial/modules/${file##*/} ]] || echo "${file##*/}" >>"$run/initial/modules/order"
    cp "$file" "$run/initial/modules/"
  done < <(modprobe --dirname "$kernel" --set-version "$version" --show-depends "$module" | grep ^insmod)
done
cat >"$run/initial/init" <<EOF
#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
while read -r module; do /bin/busybox insmod "/modules/\$module"; done </modules/order
/bin/busybox mount -t virtiofs host /host
export QEMU_RUN='$run'
exec /bin/busybox switch_root /host '$here/qemu-init.sh'
EOF
chmod +x "$run/initial/init"
(cd "$run/initial" && find . | busybox cpio -o -H newc 2>/dev/null) >"$run/initrd"

timeout --foreground --kill-after=5 "${QEMU_TIMEOUT:-600}" \
  unshare --mount --net --pid --fork --kill-child --mount-proc "$0" --isolated "$run" "$kernel" </dev/null 2>"$run/errors" || true

if [[ ! -s $run/status ]]; then
  cat "$run/console" "$run/errors" >&2
  echo "qemu: the command did not finish within ${QEMU_TIMEOUT:-600} s" >&2
  exit 125
fi
exit "$(<"$run/status")"
