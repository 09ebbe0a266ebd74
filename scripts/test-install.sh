#!/usr/bin/env bash
# Tests install.sh: every option, foreign plugins, uninstall, the runtimes' configuration. Needs root, because the runtimes'
# configuration is read from an /etc of the test's own, in a private mount namespace; the host's directories are not touched.
#
#   scripts/test-install.sh [CNIPLUGIN]    with a binary, the smoke check is run as well
set -euo pipefail

if [ "${1-}" != --isolated ]; then
    [ "$(id -u)" = 0 ] || { printf 'test-install.sh: needs root: run it with sudo\n' >&2; exit 1; }
    exec unshare --mount --propagation private "$0" --isolated "${1:+$(realpath "$1")}"
fi
binary=$2
repository=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$work/etc/containers" "$work/share" "$work/fake"
for needed in passwd group ld.so.cache alternatives; do cp -a "/etc/$needed" "$work/etc/"; done
mount --bind "$work/etc" /etc
mount --bind "$work/share" /usr/share
mkdir "$work/local"
mount --bind "$work/local" /usr/local/bin
# A systemd of the machine's own would be asked to start the agent.
if [ -d /run/systemd ]; then mount -t tmpfs tmpfs /run/systemd; fi

# Stands in for the binary where only its list of names matters; its plugins fail.
cat >"$work/fake/cniplugin" <<'FAKE'
#!/bin/bash
[ "${1-}" = plugins ] || { printf '{"code":100,"msg":"only a stand-in"}'; exit 1; }
printf '%s\n' bridge loopback host-local
FAKE
chmod +x "$work/fake/cniplugin"

passed=0 failed=0 output='' status=0
bin=$work/bin conf=$work/net.d

# run OPTION...: install.sh with the test's directories; sets output and status.
run() {
    status=0
    output=$("$repository/install.sh" --bin-dir "$bin" --conf-dir "$conf" "$@" 2>&1) || status=$?
}
install_fake() { run --prebuilt "$work/fake/cniplugin" --no-check "$@"; }

# expect WHAT COMMAND...: one test.
expect() {
    local what=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAILED: %s\n  status %s, output:\n%s\n' "$what" "$status" "$output"
    fi
}
succeeded() { [ "$status" = 0 ]; }
refused() { [ "$status" = 1 ] && [ "$(grep -c '^install.sh: ' <<<"$output")" = 1 ]; }
says() { grep -qF -- "$1" <<<"$output"; }
silent_on() { ! says "$1"; }
holds() { [ "$(cat "$1")" = "$2" ]; }
links() { [ "$(readlink "$bin/$1")" = cniplugin ]; }
absent() { [ ! -e "$1" ] && [ ! -L "$1" ]; }
only() { [ "$(find "$1" -mindepth 1 -printf '%P\n' | sort | paste -sd' ')" = "$2" ]; }
fresh() { rm -rf "$bin" "$conf"; mkdir "$bin"; }

fresh; rmdir "$bin"
install_fake
expect 'a first installation succeeds' succeeded
expect 'it makes the directory, the binary and one link each, and leaves nothing else' only "$bin" 'bridge cniplugin host-local loopback'
for name in bridge loopback host-local; do expect "$name is a relative link" links "$name"; done
expect 'the binary is executable by all' [ "$(stat -c %a "$bin/cniplugin")" = 755 ]
expect 'no configuration is written unasked' absent "$conf"
install_fake
expect 'a second installation succeeds' succeeded
expect 'it changes nothing' only "$bin" 'bridge cniplugin host-local loopback'
run --uninstall
expect 'uninstall succeeds' succeeded
expect 'it removes everything' only "$bin" ''
run --uninstall
expect 'uninstall of nothing succeeds' succeeded
expect 'and says so' says 'nothing of ours'

fresh
install_fake
exec 3<"$bin/cniplugin"
printf 'new binary' >>"$work/fake/cniplugin"
inode=$(stat -c %i "$bin/cniplugin")
install_fake
expect 'the binary is replaced by a rename' [ "$(stat -c %i "$bin/cniplugin")" != "$inode" ]
expect 'an open old binary stays whole' [ "$(tail -c 10 <&3)" != 'new binary' ]
exec 3<&-
sed -i 's/new binary$//' "$work/fake/cniplugin"

fresh
printf 'foreign bridge' >"$bin/bridge"
ln -s /elsewhere/host-local "$bin/host-local"
printf 'foreign ptp' >"$bin/ptp"
install_fake
expect 'foreign plugins are refused' refused
expect 'the refusal names them' says 'bridge host-local;'
expect 'the refusal names the remedy' says --replace
expect 'nothing is changed by a refusal' only "$bin" 'bridge host-local ptp'
install_fake --replace
expect '--replace succeeds' succeeded
expect 'a foreign plugin is kept aside' holds "$bin/bridge.replaced" 'foreign bridge'
expect 'a foreign link is kept as a link' [ "$(readlink "$bin/host-local.replaced")" = /elsewhere/host-local ]
expect 'the name is ours now' links bridge
expect 'plugins that we do not deliver stay' holds "$bin/ptp" 'foreign ptp'
install_fake --replace
expect '--replace twice keeps the foreign plugin' holds "$bin/bridge.replaced" 'foreign bridge'
install_fake
expect 'an update needs no --replace' succeeded
run --uninstall
expect 'uninstall puts a foreign plugin back' holds "$bin/bridge" 'foreign bridge'
expect 'uninstall puts a foreign link back' [ "$(readlink "$bin/host-local")" = /elsewhere/host-local ]
expect 'uninstall leaves the rest alone' only "$bin" 'bridge host-local ptp'
run --uninstall
expect 'a second uninstall leaves foreign plugins alone' holds "$bin/bridge" 'foreign bridge'

fresh
mkdir "$bin/loopback"
install_fake --replace
expect 'a directory in the way is refused' refused
expect 'and nothing is changed' only "$bin" loopback

fresh
install_fake --conf
expect '--conf writes the sample' cmp -s "$repository/netconf/containerd.conflist" "$conf/10-cniplugin.conflist"
expect 'readable by all' [ "$(stat -c %a "$conf/10-cniplugin.conflist")" = 644 ]
install_fake --conf
expect '--conf twice succeeds' succeeded
printf '{}' >"$conf/10-cniplugin.conflist"
install_fake --conf
expect 'an existing configuration is no error' succeeded
expect 'an existing configuration is kept' holds "$conf/10-cniplugin.conflist" '{}'
expect 'and it says so' says 'kept the existing'
run --uninstall
expect 'uninstall keeps a changed configuration' holds "$conf/10-cniplugin.conflist" '{}'
fresh
install_fake --conf
run --uninstall
expect 'uninstall removes an unchanged configuration' absent "$conf/10-cniplugin.conflist"
mkdir -p "$conf"
printf '{}' >"$conf/00-first.conflist"
install_fake --conf
expect 'a configuration that sorts before ours is named' says '00-first.conflist sorts before'

fresh
run --prebuilt "$work/absent" --no-check
expect 'an absent --prebuilt is refused' refused
run --prebuilt /bin/true --no-check
expect 'a binary that is not ours is refused' refused
expect 'and nothing is left of it' only "$bin" ''
run --frobnicate
expect 'an unknown option is refused' refused
run --prebuilt
expect 'an option without its value is refused' refused
run --help
expect '--help succeeds' succeeded
expect '--help names every option' [ "$(grep -c "^  --" <<<"$output")" = 10 ]
printf 'a file' >"$work/file"
output=$("$repository/install.sh" --bin-dir "$work/file/bin" --prebuilt "$work/fake/cniplugin" 2>&1) && status=0 || status=$?
expect 'a directory that cannot be made is refused' refused
run --prebuilt "$work/fake/cniplugin"
expect 'a plugin that fails fails the smoke check' refused
expect "the check shows the plugin's answer" says 'only a stand-in'

# From here on PATH has the host's programs without its runtimes, SDK and package installer.
host_path=$PATH
quiet_path=$work/tools
mkdir "$quiet_path" "$work/stubs"
for directory in /usr/bin /usr/sbin; do
    for program in "$directory"/*; do
        case ${program##*/} in podman | containerd | crio | dotnet | apt-get | ld.lld) ;; *) ln -sf "$program" "$quiet_path/" ;; esac
    done
done
PATH=$work/stubs:$quiet_path
stub() { cat >"$work/stubs/$1"; chmod +x "$work/stubs/$1"; }

fresh
run --no-check
expect 'without an SDK the build is refused' refused
expect 'and the SDK is asked for' says 'the .NET SDK 10 is missing'
stub dotnet <<<'exit 1'
run --no-check
expect 'an SDK that global.json does not accept is refused' says 'does not satisfy'
stub dotnet <<STUB
#!/bin/bash
[ "\$1" != --version ] || exit 0
while [ "\$1" != -o ]; do shift; done
mkdir -p "\$2" && cp "$work/fake/cniplugin" "\$2/"
STUB
run --no-check
expect 'without lld and apt-get the build is refused' refused
expect 'and lld is asked for' says "Debian's package is lld"
stub apt-get <<STUB
#!/bin/bash
[ "\$*" = 'install -y --no-install-recommends lld' ] && ln -s /bin/true "$work/stubs/ld.lld"
STUB
run --no-check
expect 'a missing tool is installed, and the build is installed' succeeded
expect 'it says what it installs' says 'installing lld'
expect 'the built binary is in place' cmp -s "$work/fake/cniplugin" "$bin/cniplugin"
stub dotnet <<'STUB'
#!/bin/bash
[ "$1" = --version ] || { echo 'error CS0000: no such thing'; exit 1; }
STUB
run --no-check
expect 'a failing build is refused' refused
expect 'with its messages' says 'error CS0000'

# The runtimes. The stand-in podman is found on PATH; containerd and CRI-O by their configuration.
fresh
install_fake
for runtime in containerd CRI-O podman; do expect "$runtime is not spoken of where it is absent" silent_on "$runtime"; done
mkdir -p "$work/etc/containerd" "$work/etc/crio/crio.conf.d"

containerd() { cat >"$work/etc/containerd/config.toml"; install_fake; }
containerd <<TOML
version = 2
[plugins]
  [plugins."io.containerd.grpc.v1.cri".cni]
    # bin_dir = "/commented/out"
    bin_dir = "$bin/" # the usual
TOML
expect 'containerd with our directory is fine' says "containerd looks in $bin"
containerd <<TOML
[other]
bin_dir = "$bin"
[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "/usr/lib/cni"
  conf_dir = "/etc/other"
TOML
expect 'containerd with another directory is warned of' says "warning: containerd does not look in $bin but in /usr/lib/cni"
expect 'the configuration directory matters only with --conf' silent_on /etc/other
install_fake --conf
expect 'with --conf another configuration directory is warned of' says 'containerd reads networks from /etc/other'
containerd <<<'version = 3'
expect "containerd's default directory is known" says 'but in /opt/cni/bin'
mkdir "$work/first"
printf x >"$work/first/bridge"
containerd <<TOML
[plugins.'io.containerd.cri.v1.runtime'.cni]
  bin_dirs = ['$work/first', '$bin']
TOML
expect 'plugins in an earlier directory are named' says "containerd finds bridge in $work/first before $bin"
rm "$work/first/bridge"
install_fake
expect 'an earlier directory without our names is fine' says "containerd looks in $bin"
rm -r "$work/etc/containerd"

cat >"$work/etc/crio/crio.conf" <<TOML
[crio.network]
plugin_dirs = [
	"/usr/libexec/cni", # the distribution's
	"$bin",
]
TOML
install_fake
expect 'CRI-O with our directory in a list is fine' says "CRI-O looks in $bin"
printf '[crio.network]\nplugin_dirs = ["/var/lib/cni/bin"]\n' >"$work/etc/crio/crio.conf.d/10-later.conf"
install_fake
expect "CRI-O's later file wins" says "CRI-O does not look in $bin but in /var/lib/cni/bin"
rm -r "$work/etc/crio"

mkdir "$work/share/containers"
stub podman <<<'exit 0'
install_fake
expect 'podman without the cni backend is told so' says 'network_backend = "cni"'
expect "podman's default directories are known" says "podman does not look in $bin but in /usr/local/libexec/cni"
printf '[network]\nnetwork_backend = "cni"\ncni_plugin_dirs = ["/nowhere"]\n' >"$work/share/containers/containers.conf"
printf '[network]\ncni_plugin_dirs = ["%s", "/usr/lib/cni"]\n' "$bin" >"$work/etc/containers/containers.conf"
install_fake
expect 'podman with the cni backend is not told' silent_on network_backend
expect 'podman with our directory first is fine' says "podman looks in $bin"
PATH=$host_path

write_fake_agent() {
    cat >"$work/fake/cniagent" <<'EOF'
#!/bin/bash
case ${1-} in
    --version) echo 1.0 ;;
    man) for page in cnictl.1 cniagent.8 agent.yaml.5; do echo "page $page" >"$2/$page"; done ;;
    completion) echo "completion of $2" ;;
esac
EOF
    chmod +x "$work/fake/cniagent"
}
write_fake_agent
install_agent() { install_fake --agent --prebuilt-agent "$work/fake/cniagent" "$@"; }
fresh
run --prebuilt "$work/fake/cniplugin" --no-check --etcd http://192.0.2.10:2379
expect '--etcd without --agent is refused' refused
install_agent --etcd http://192.0.2.10:2379 --etcd http://192.0.2.11:2379
expect 'the agent is installed' succeeded
expect 'with cnictl, a link to it' [ "$(readlink /usr/local/bin/cnictl)" = cniagent ]
expect 'and a unit' [ -s /etc/systemd/system/cniagent.service ]
expect 'and completion' holds /usr/local/share/bash-completion/completions/cnictl 'completion of bash'
expect 'and manual pages' holds /usr/local/share/man/man5/agent.yaml.5 'page agent.yaml.5'
expect 'and its configuration' holds /etc/cniagent/agent.yaml "$(printf 'store: etcd\netcd:\n- http://192.0.2.10:2379\n- http://192.0.2.11:2379')"
expect 'and says that systemd does not run' says 'systemd does not run here'
echo 'store: local' >/etc/cniagent/agent.yaml
install_agent --etcd http://192.0.2.12:2379
expect 'an agent.yaml that is there stays' holds /etc/cniagent/agent.yaml 'store: local'
expect 'and it says so' says 'kept the existing /etc/cniagent/agent.yaml'
printf '#!/bin/bash\nexit 1\n' >"$work/fake/cniagent"
install_agent
expect 'what is no cniagent is refused' refused
expect 'and the one before stays' grep -q version /usr/local/bin/cniagent
run --uninstall
expect 'the agent is uninstalled' absent /usr/local/bin/cniagent
expect 'with cnictl' absent /usr/local/bin/cnictl
expect 'and the unit' absent /etc/systemd/system/cniagent.service
expect 'and completion' absent /usr/local/share/zsh/site-functions/_cnictl
expect 'and manual pages' absent /usr/local/share/man/man8/cniagent.8
expect 'the configuration stays' holds /etc/cniagent/agent.yaml 'store: local'
rm -r /etc/cniagent
fresh
write_fake_agent
install_agent
expect 'without etcd the host stands alone' holds /etc/cniagent/agent.yaml 'store: local'
run --uninstall

if [ -n "$binary" ]; then
    fresh
    run --prebuilt "$binary"
    expect 'the binary passes the smoke check' succeeded
    expect 'and says so' says 'two pods reached each other'
    expect 'every link speaks CNI' [ "$(for name in "$bin"/*; do CNI_COMMAND=VERSION "$name" </dev/null; done | grep -c '"1.1.0"')" -ge 3 ]
fi

printf '%s passed, %s failed\n' "$passed" "$failed"
[ "$failed" = 0 ]
