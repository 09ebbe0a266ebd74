#!/usr/bin/env bash
# Builds cniplugin and installs it with a link per plugin, then proves it with two pods that ping each other.
set -euo pipefail
shopt -s inherit_errexit

usage() {
    cat <<'TEXT'
usage: sudo ./install.sh [OPTION]...

  --bin-dir DIR    where the runtimes look for plugins (default /opt/cni/bin)
  --prebuilt FILE  install this cniplugin binary instead of building one
  --replace        put foreign plugins of the same names aside as NAME.replaced instead of refusing
  --conf           also write a sample network, 10-cniplugin.conflist, unless a file of that name exists
  --conf-dir DIR   where --conf writes (default /etc/cni/net.d)
  --no-check       skip the smoke check
  --agent          also install the node agent, cniagent, which joins the pods of many hosts, and start it
  --etcd URL       with --agent: an endpoint of the cluster's etcd; may be given several times. Without it the host stands alone
  --prebuilt-agent FILE
                   with --agent: install this cniagent binary instead of building one
  --uninstall      remove what was installed and put back what --replace kept
TEXT
}

say() { printf '%s\n' "$*"; }
fail() { printf 'install.sh: %s\n' "$*" >&2; exit 1; }

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin_dir=/opt/cni/bin conf_dir=/etc/cni/net.d prebuilt='' prebuilt_agent='' etcd=()
replace=false conf=false check=true agent=false uninstall=false

while [ $# -gt 0 ]; do
    case $1 in
        --bin-dir | --conf-dir | --prebuilt | --prebuilt-agent | --etcd)
            [ -n "${2-}" ] || fail "$1 needs a value; see --help"
            case $1 in
                --bin-dir) bin_dir=$2 ;;
                --conf-dir) conf_dir=$2 ;;
                --prebuilt) prebuilt=$2 ;;
                --prebuilt-agent) prebuilt_agent=$2 ;;
                --etcd) etcd+=("$2") ;;
            esac
            shift ;;
        --agent) agent=true ;;
        --replace) replace=true ;;
        --conf) conf=true ;;
        --no-check) check=false ;;
        --uninstall) uninstall=true ;;
        --help | -h) usage; exit 0 ;;
        *) fail "unknown option $1; see --help" ;;
    esac
    shift
done

if ! $agent && [ ${#etcd[@]} -gt 0 ]; then fail '--etcd is for the agent: give --agent, too'; fi

bin_dir=$(realpath -m -- "$bin_dir") conf_dir=$(realpath -m -- "$conf_dir")
sample=$repository/netconf/containerd.conflist
installed_conf=$conf_dir/10-cniplugin.conflist
agent_dir=/usr/local/bin agent_config=/etc/cniagent/agent.yaml agent_unit=/etc/systemd/system/cniagent.service

# New files are written under these names beside their destination and renamed: a runtime sees the old file or the new one.
staged=$bin_dir/.cniplugin.$$
staged_conf=$conf_dir/.cniplugin.$$
staged_agent=$agent_dir/.cniagent.$$
build=''
trap 'rm -rf -- "$staged" "$staged_conf" "$staged_agent" ${build:+"$build"}' EXIT

# Ours is a link to the binary beside it; everything else belongs to somebody.
is_ours() { [ -L "$bin_dir/$1" ] && [ "$(readlink -- "$bin_dir/$1")" = cniplugin ]; }
exists() { [ -e "$1" ] || [ -L "$1" ]; }

demand_writable() {
    [ -d "$bin_dir" ] && [ -w "$bin_dir" ] && return
    fail "$bin_dir cannot be written: run this with sudo, or choose another --bin-dir"
}

remove_installation() {
    local link name removed=''
    if [ -e "$bin_dir" ]; then demand_writable; fi
    for link in "$bin_dir"/*; do
        name=${link##*/}
        is_ours "$name" || continue
        if exists "$link.replaced"; then
            mv -fT -- "$link.replaced" "$link"
            say "restored $link"
        else
            rm -- "$link"
        fi
        removed+=" $name"
    done
    if exists "$bin_dir/cniplugin"; then
        rm -- "$bin_dir/cniplugin"
        removed+=' cniplugin'
    fi
    if [ -n "$removed" ]; then say "removed from $bin_dir:$removed"; else say "nothing of ours in $bin_dir"; fi

    if cmp -s -- "$sample" "$installed_conf"; then
        rm -- "$installed_conf"
        say "removed $installed_conf"
    elif [ -e "$installed_conf" ]; then
        say "kept $installed_conf: it was changed after it was written"
    fi
}

# need WHAT DEBIAN_PACKAGE: installs the package on Debian and its kin, else says what is missing.
need() {
    if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
        say "installing $2, for $1"
        export DEBIAN_FRONTEND=noninteractive
        local log
        log=$({ apt-get install -y --no-install-recommends "$2" || { apt-get update && apt-get install -y --no-install-recommends "$2"; }; } 2>&1) ||
            { tail -n 5 <<<"$log" >&2; fail "apt-get could not install $2, which gives $1: install it and run this again"; }
    else
        fail "$1 is missing: install it (Debian's package is $2) and run this again"
    fi
}

# publish PROJECT: builds it; `published` is where the executables lie.
publish() {
    local machine log
    case $(uname -m) in
        x86_64) machine=linux-x64 ;;
        aarch64) machine=linux-arm64 ;;
        *) fail "$(uname -m) is not supported: x86_64 and aarch64 are" ;;
    esac
    export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 # the SDK would end without an ICU library, which building does not need
    command -v dotnet >/dev/null || fail "the .NET SDK 10 is missing from $(id -un)'s PATH: install it from https://dot.net, or use --prebuilt FILE"
    log=$(cd "$repository" && dotnet --version 2>&1) ||
        fail "the installed .NET SDK does not satisfy $repository/global.json: install SDK 10 from https://dot.net, or use --prebuilt FILE; it says: $log"
    command -v clang >/dev/null || command -v gcc >/dev/null || need 'a C compiler' clang
    command -v ld.lld >/dev/null || need 'the linker lld' lld
    command -v objcopy >/dev/null || need objcopy binutils
    [ -f "$("$(command -v clang || command -v gcc)" -print-file-name=libc.a)" ] || need 'the static libc' libc6-dev

    if [ "$1" = CniAgent ]; then
        command -v cmake >/dev/null || need cmake cmake
        [ -f /usr/include/openssl/ssl.h ] || need "OpenSSL's static libraries" libssl-dev
    fi

    [ -n "$build" ] || build=$(mktemp -d)
    log=$build/log published=$build/out
    say "building ${1,,} for $machine"
    # Analysis is for those who change the sources; a newer SDK that warns of more than the tested one must not end an installation.
    (cd "$repository" && dotnet publish "src/$1" -c Release -r "$machine" -o "$published" --artifacts-path "$build" --nologo -v quiet \
        -p:RunAnalyzers=false -p:TreatWarningsAsErrors=false -p:NuGetAudit=false) >"$log" 2>&1 ||
        { cat "$log" >&2; fail 'the build failed: the messages above say why'; }
}

# Fills `plugins`, the names to link. The binary is the one place that knows them.
ask_for_plugins() {
    [ -f "$prebuilt" ] || fail "$prebuilt does not exist"
    install -m 0755 -- "$prebuilt" "$staged"
    local name
    mapfile -t plugins < <("$staged" plugins 2>/dev/null || true)
    [ ${#plugins[@]} -gt 0 ] || fail "$prebuilt is no cniplugin binary for this machine ($(uname -m)): \`cniplugin plugins\` names no plugin"
    for name in "${plugins[@]}"; do
        [[ $name =~ ^[a-z][a-z0-9-]*$ && $name != cniplugin ]] || fail "$prebuilt is no cniplugin binary: it names a plugin '$name'"
    done
}

install_binary() {
    local name foreign=()
    for name in cniplugin "${plugins[@]}"; do
        [ ! -d "$bin_dir/$name" ] || fail "$bin_dir/$name is a directory: remove it or choose another --bin-dir"
    done
    for name in "${plugins[@]}"; do
        if exists "$bin_dir/$name" && ! is_ours "$name"; then foreign+=("$name"); fi
    done
    if [ ${#foreign[@]} -gt 0 ] && ! $replace; then
        fail "$bin_dir holds other plugins: ${foreign[*]}; --replace keeps them aside as NAME.replaced, --bin-dir installs elsewhere"
    fi

    mv -fT -- "$staged" "$bin_dir/cniplugin"
    for name in ${foreign[@]+"${foreign[@]}"}; do
        cp -a -- "$bin_dir/$name" "$staged"
        mv -fT -- "$staged" "$bin_dir/$name.replaced"
        say "kept $bin_dir/$name as $name.replaced"
    done
    for name in "${plugins[@]}"; do
        if is_ours "$name"; then continue; fi
        ln -s cniplugin "$staged" # relative: the directory is often mounted elsewhere
        mv -fT -- "$staged" "$bin_dir/$name"
    done
    say "installed cniplugin in $bin_dir: ${plugins[*]}"
}

write_conf() {
    mkdir -p -- "$conf_dir"
    if [ -e "$installed_conf" ]; then
        cmp -s -- "$sample" "$installed_conf" || say "kept the existing $installed_conf"
        return
    fi
    install -m 0644 -- "$sample" "$staged_conf"
    mv -nT -- "$staged_conf" "$installed_conf"
    say "wrote $installed_conf"
    local other
    for other in "$conf_dir"/*.conf "$conf_dir"/*.conflist "$conf_dir"/*.json; do
        if [ ! -e "$other" ] || [[ ! $other < $installed_conf ]]; then continue; fi
        say "note: ${other##*/} sorts before ${installed_conf##*/}, and containerd uses the first file"
    done
}

# toml_strings FILE TABLE KEY: the strings of KEY = "a" or KEY = ["a", "b"] in [TABLE], one a line. TABLE is a regular expression.
toml_strings() {
    [ -r "$1" ] || return 0
    awk -v table="$2" -v key="$3" '
        { sub(/^[ \t]+/, ""); sub(/^#.*/, ""); sub(/[ \t]#[^"]*$/, "") }
        !open && /^\[/ { inside = $0 ~ "^\\[" table "\\]"; next }
        inside && !open && $0 ~ "^" key "[ \t]*=" { sub(/^[^=]*=[ \t]*/, ""); open = 1; array = /^\[/ }
        open {
            rest = $0
            while (match(rest, /"[^"]*"|\047[^\047]*\047/)) {
                print substr(rest, RSTART + 1, RLENGTH - 2)
                rest = substr(rest, RSTART + RLENGTH)
            }
            if (!array || $0 ~ /\][ \t]*$/) open = 0
        }' "$1"
}

# last_strings TABLE KEY FILE...: the strings of KEY in the last file that sets it.
last_strings() {
    local table=$1 key=$2 file strings result=''
    shift 2
    for file in "$@"; do
        strings=$(toml_strings "$file" "$table" "$key")
        [ -z "$strings" ] || result=$strings
    done
    printf '%s\n' "$result"
}

# report RUNTIME DIRS SETTING: says where RUNTIME, which searches DIRS (one a line), will find the plugins.
report() {
    local runtime=$1 setting=$3 directory before='' name found
    while IFS= read -r directory; do
        directory=$(realpath -m -- "$directory")
        if [ "$directory" = "$bin_dir" ]; then
            if [ -z "$before" ]; then
                say "$runtime looks in $bin_dir"
            else
                say "warning: $runtime finds$before before $bin_dir: put $bin_dir first in $setting"
            fi
            return
        fi
        found=''
        for name in "${plugins[@]}"; do
            if [ -f "$directory/$name" ]; then found+=" $name"; fi
        done
        [ -z "$found" ] || before+="$found in $directory"
    done <<<"$2"
    say "warning: $runtime does not look in $bin_dir but in $(paste -sd' ' <<<"$2"): name $bin_dir in $setting, or use --bin-dir"
}

# report_conf RUNTIME DIR SETTING: with --conf, says when RUNTIME reads its networks elsewhere.
report_conf() {
    if $conf && [ "$(realpath -m -- "$2")" != "$conf_dir" ]; then
        say "warning: $1 reads networks from $2, not from $conf_dir: change $3, or use --conf-dir"
    fi
}

report_containerd() {
    local file=/etc/containerd/config.toml table='plugins[.].*[.]cni' directories
    command -v containerd >/dev/null || [ -e "$file" ] || return 0
    directories=$(last_strings "$table" 'bin_dirs' "$file")
    [ -n "$directories" ] || directories=$(last_strings "$table" 'bin_dir' "$file")
    report containerd "${directories:-/opt/cni/bin}" "bin_dir of $file"
    directories=$(last_strings "$table" conf_dir "$file")
    report_conf containerd "${directories:-/etc/cni/net.d}" "conf_dir of $file"
}

report_crio() {
    local files=(/etc/crio/crio.conf /etc/crio/crio.conf.d/*) directories
    command -v crio >/dev/null || [ -e /etc/crio ] || return 0
    directories=$(last_strings 'crio[.]network' plugin_dirs "${files[@]}")
    report CRI-O "${directories:-/opt/cni/bin}" 'plugin_dirs of /etc/crio/crio.conf, table crio.network'
    directories=$(last_strings 'crio[.]network' network_dir "${files[@]}")
    report_conf CRI-O "${directories:-/etc/cni/net.d}" 'network_dir of /etc/crio/crio.conf, table crio.network'
}

report_podman() {
    local files=(/usr/share/containers/containers.conf /etc/containers/containers.conf /etc/containers/containers.conf.d/*.conf)
    local directories backend
    command -v podman >/dev/null || return 0
    backend=$(last_strings network network_backend "${files[@]}")
    if [ "$backend" != cni ]; then
        say 'note: podman uses CNI only with network_backend = "cni" in /etc/containers/containers.conf, table network'
    fi
    directories=$(last_strings network cni_plugin_dirs "${files[@]}")
    report podman "${directories:-$(printf '%s\n' /usr/local/libexec/cni /usr/libexec/cni /usr/local/lib/cni /usr/lib/cni /opt/cni/bin)}" \
        'cni_plugin_dirs of /etc/containers/containers.conf, table network'
    directories=$(last_strings network network_config_dir "${files[@]}")
    report_conf podman "${directories:-/etc/cni/net.d}" 'network_config_dir of /etc/containers/containers.conf, table network'
}

# Completion and manual pages, where shells and man look for what was not packaged; the binary writes them itself.
share=/usr/local/share
man_pages=("$share/man/man1/cnictl.1" "$share/man/man8/cniagent.8" "$share/man/man5/agent.yaml.5")
declare -A completions=(
    [bash]=$share/bash-completion/completions/cnictl
    [zsh]=$share/zsh/site-functions/_cnictl
    [fish]=$share/fish/vendor_completions.d/cnictl.fish
)
install_documentation() {
    local written shell page
    written=$(mktemp -d)
    "$agent_dir/cniagent" man "$written" || fail "$agent_dir/cniagent cannot write its manual pages: see above"
    for page in "${man_pages[@]}"; do
        install -D -m 0644 -- "$written/${page##*/}" "$page"
    done
    for shell in "${!completions[@]}"; do
        "$agent_dir/cnictl" completion "$shell" >"$written/$shell" || fail "$agent_dir/cnictl cannot write the completion of $shell: see above"
        install -D -m 0644 -- "$written/$shell" "${completions[$shell]}"
    done
    rm -r -- "$written"
    say "installed manual pages and completion below $share"
}

# The agent's files; an agent.yaml that is there stays as it is.
install_agent() {
    local endpoint
    [ -f "$prebuilt_agent" ] || fail "$prebuilt_agent does not exist"
    mkdir -p -- "$agent_dir" "${agent_config%/*}" "${agent_unit%/*}" "$conf_dir" 2>/dev/null ||
        fail "$agent_dir, ${agent_config%/*} and ${agent_unit%/*} cannot be written: run this with sudo"
    install -m 0755 -- "$prebuilt_agent" "$staged_agent"
    "$staged_agent" --version >/dev/null 2>&1 || fail "$prebuilt_agent is no cniagent binary for this machine ($(uname -m))"
    mv -fT -- "$staged_agent" "$agent_dir/cniagent"
    ln -sfn cniagent "$agent_dir/cnictl"
    if [ -e "$agent_config" ]; then
        say "kept the existing $agent_config"
    else
        if [ ${#etcd[@]} -gt 0 ]; then
            printf 'store: etcd\netcd:\n'
            for endpoint in "${etcd[@]}"; do printf -- '- %s\n' "$endpoint"; done
        else
            printf 'store: local\n'
        fi >"$agent_config"
        say "wrote $agent_config"
    fi
    install -m 0644 -- "$repository/scripts/systemd/cniagent.service" "$agent_unit"
    say "installed cniagent and cnictl in $agent_dir"
    install_documentation
    if [ -d /run/systemd/system ]; then
        systemctl daemon-reload
        systemctl enable --quiet cniagent
        systemctl restart cniagent
        say "started cniagent: cnictl status shows how it does, journalctl -u cniagent what it says"
    else
        say "note: systemd does not run here; start $agent_dir/cniagent run yourself"
    fi
}

# State and configuration stay: what pods have must not be lost by an uninstallation that is followed by another installation.
remove_agent() {
    [ -e "$agent_dir/cniagent" ] || return 0
    if [ -d /run/systemd/system ]; then systemctl disable --quiet --now cniagent || true; fi
    rm -f -- "$agent_dir/cniagent" "$agent_dir/cnictl" "$agent_unit" "${man_pages[@]}" "${completions[@]}"
    say "removed cniagent and cnictl from $agent_dir; ${agent_config%/*} and /var/lib/cniagent stay, and so do the kernel's routes"
}

# Two pods in a node of their own: its network, its mounts and its processes are private, so the host sees nothing of them.
smoke_check() {
    [ "$(id -u)" = 0 ] || fail "installed, but the smoke check needs root: run it with sudo, or pass --no-check"
    command -v ip >/dev/null || need 'the ip program for the smoke check' iproute2
    command -v ping >/dev/null || need 'the ping program for the smoke check' iputils-ping
    unshare --net --mount --pid --fork --kill-child --propagation private --mount-proc \
        bash "$repository/scripts/smoke-check.sh" "$bin_dir" ||
        fail "installed, but the smoke check failed: the message above says where; docs/troubleshooting.md helps"
}

if $uninstall; then
    remove_agent
    remove_installation
    exit 0
fi

if [ -z "$prebuilt" ]; then
    publish CniPlugin
    prebuilt=$published/cniplugin
fi
if $agent && [ -z "$prebuilt_agent" ]; then
    publish CniAgent
    prebuilt_agent=$published/cniagent
fi
mkdir -p -- "$bin_dir" 2>/dev/null || demand_writable
demand_writable
ask_for_plugins
install_binary
if $conf; then write_conf; fi
report_containerd
report_crio
report_podman
if $check; then smoke_check; fi
if $agent; then install_agent; fi
