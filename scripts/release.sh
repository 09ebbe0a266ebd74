#!/usr/bin/env bash
# Builds a release: a static tarball for x64 and for arm64, a CycloneDX SBOM of what went in, the packages of the libraries, checksums.
set -euo pipefail
shopt -s inherit_errexit

usage() {
    cat <<'TEXT'
usage: scripts/release.sh [--out DIR]

  --out DIR   where the files go (default artifacts/release)

  cniplugin-VERSION-linux-x64.tar.gz     binary, install.sh, samples, documentation
  cniplugin-VERSION-linux-arm64.tar.gz   the same, cross-compiled
  cniplugin-VERSION.cdx.json             CycloneDX 1.6
  CniPlugin.Netlink.VERSION.nupkg        the netlink library for other programs, with its symbols (.snupkg)
  CniPlugin.Linux.VERSION.nupkg          what it stands on
  SHA256SUMS                             of all of them
TEXT
}

fail() { printf 'release.sh: %s\n' "$*" >&2; exit 1; }

repository=$(cd "$(dirname "$0")/.." && pwd)
out=$repository/artifacts/release
while [ $# -gt 0 ]; do
    case $1 in
        --out) out=${2:?--out needs a directory}; shift 2 ;;
        --help | -h) usage; exit 0 ;;
        *) usage >&2; exit 2 ;;
    esac
done
cd "$repository"
[ "$(uname -m)" = x86_64 ] || fail "builds on x86_64, and this is $(uname -m)"
command -v dotnet >/dev/null || fail 'the .NET SDK 10 is missing from PATH: install it from https://dot.net'

# The cross compiler is clang; of the cross packages only the C library, the start files and objcopy are used.
packages=(clang lld binutils libc6-dev zlib1g-dev libc6-dev-arm64-cross libgcc-12-dev-arm64-cross binutils-aarch64-linux-gnu jq)
mapfile -t absent < <(for package in "${packages[@]}"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
done)
if [ ${#absent[@]} -gt 0 ]; then
    [ "$(id -u)" = 0 ] || fail "needs ${absent[*]}: run it with sudo, or apt-get install them"
    apt-get -qq update
    DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${absent[@]}" >/dev/null
fi

version=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' Directory.Build.props)
time=$(git log -1 --format=%ct 2>/dev/null || date +%s)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out"

# publish ARCHITECTURE [PROPERTY]...
publish() {
    local architecture=$1 log=$work/$1.log
    shift
    dotnet publish src/CniPlugin -c Release -r "linux-$architecture" -o "$work/$architecture" --artifacts-path "$work/build-$architecture" \
        --nologo -v quiet "$@" >"$log" 2>&1 || { cat "$log" >&2; fail "the build for $architecture failed"; }
}

# The tree of a tarball: what install.sh --prebuilt cniplugin needs, and what an operator reads. Its bytes depend on the commit alone.
pack() {
    local name=cniplugin-$version-linux-$1 tree
    tree=$work/$name
    mkdir -p "$tree/scripts"
    install -m 755 "$work/$1/cniplugin" "$tree/cniplugin"
    cp -R LICENSE README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md install.sh docs netconf "$tree"
    cp scripts/smoke-check.sh "$tree/scripts"
    tar --sort=name --mtime="@$time" --owner=0 --group=0 --numeric-owner -C "$work" -cf - "$name" | gzip -n9 >"$out/$name.tar.gz"
}

# components: one JSON object a line for every package in the restored graphs, those that the SDK adds (compiler, runtime) included.
components() {
    local folder name_version directory license hash
    folder=$(dotnet nuget locals global-packages --list | sed 's/^[^/]*//')
    for architecture in x64 arm64; do
        # The file lies where --artifacts-path put the project's intermediate files.
        jq -r '(.libraries | to_entries[] | select(.value.type == "package") | .key),
               (.project.frameworks[].downloadDependencies // [] | .[] | "\(.name)/\(.version | split("[,\\]]"; "")[0] | ltrimstr("["))")' \
            "$work/build-$architecture/obj/CniPlugin/project.assets.json"
    done | sort -u | while read -r name_version; do
        directory=${folder%/}/${name_version,,}
        # What was restored but is not used is not there.
        [ -d "$directory" ] || continue
        license=$(sed -n 's:.*<license type="expression">\(.*\)</license>.*:\1:p' "$directory"/*.nuspec | head -n 1)
        hash=$(base64 -d <"$(printf '%s\n' "$directory"/*.nupkg.sha512 | head -n 1)" | od -An -v -tx1 | tr -d ' \n')
        jq -n --arg name "${name_version%/*}" --arg version "${name_version#*/}" --arg license "$license" --arg hash "$hash" '{
            type: "library", "bom-ref": "pkg:nuget/\($name)@\($version)", name: $name, version: $version, purl: "pkg:nuget/\($name)@\($version)",
            hashes: [{alg: "SHA-512", content: $hash}],
            licenses: (if $license == "" then [] else [{expression: $license}] end)
        }'
    done
}

publish x64
publish arm64 -p:ObjCopyName=aarch64-linux-gnu-objcopy
pack x64
pack arm64
components | jq -s --arg version "$version" --arg time "$(date -u -d "@$time" +%FT%TZ)" '{
    bomFormat: "CycloneDX", specVersion: "1.6", version: 1,
    metadata: {timestamp: $time, component: {
        type: "application", "bom-ref": "cniplugin", name: "cniplugin", version: $version, licenses: [{license: {id: "MIT"}}]}},
    components: .,
    dependencies: [{ref: "cniplugin", dependsOn: [.[]["bom-ref"]]}]
}' >"$out/cniplugin-$version.cdx.json"
for library in Linux Netlink; do
    dotnet pack "src/$library" -c Release -o "$out" --artifacts-path "$work/build-packages" --nologo -v quiet \
        -p:ContinuousIntegrationBuild=true >"$work/pack.log" 2>&1 || { cat "$work/pack.log" >&2; fail "the package of $library failed"; }
done
(cd "$out" && sha256sum "cniplugin-$version-linux-x64.tar.gz" "cniplugin-$version-linux-arm64.tar.gz" "cniplugin-$version.cdx.json" \
    CniPlugin.{Linux,Netlink}."$version".{nupkg,snupkg} >SHA256SUMS)
printf 'release.sh: %s\n' "$out"/*"$version"* "$out/SHA256SUMS"
