#!/usr/bin/env bash
# usage: scripts/test-release.sh
#
# Builds a release and tests what is in it; the arm64 binary runs in qemu-user-static. The last line is "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")/.."
passed=0 failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

check() {
    local name=$1
    shift
    if "$@" >"$work/output" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $name"
        cat "$work/output"
    fi
}

release=$work/release
version=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' Directory.Build.props)
check 'the release is built' scripts/release.sh --out "$release"
check 'the checksums are right' bash -c "cd '$release' && sha256sum --strict --check SHA256SUMS"

unpack() { mkdir -p "$work/$1" && tar -xzf "$release/cniplugin-$version-linux-$1.tar.gz" -C "$work/$1" --strip-components=1; }
is_static_for() { readelf --file-header --program-headers --wide "$work/$1/cniplugin" >"$work/elf" && grep -q "Machine:.*$2" "$work/elf" && ! grep INTERP "$work/elf"; }
for architecture in x64 arm64; do
    check "$architecture: the tarball unpacks" unpack "$architecture"
    check "$architecture: it has what an installation needs" test -x "$work/$architecture/install.sh" -a -f "$work/$architecture/netconf/containerd.conflist" -a -f "$work/$architecture/LICENSE"
done
check 'x64: static' is_static_for x64 X86-64
check 'arm64: static' is_static_for arm64 AArch64
check 'x64: runs' "$work/x64/cniplugin" version
check 'x64: installs from its tarball' "$work/x64/install.sh" --prebuilt "$work/x64/cniplugin" --bin-dir "$work/bin" --no-check

sbom=$release/cniplugin-$version.cdx.json
check 'the SBOM is CycloneDX' jq -e '.bomFormat == "CycloneDX" and .specVersion == "1.6" and .metadata.component.version != ""' "$sbom"
for package in LiteDB Tmds.LibC Microsoft.DotNet.ILCompiler; do
    check "the SBOM has $package" jq -e --arg name "$package" \
        '[.components[] | select((.name | ascii_downcase) == ($name | ascii_downcase)) | .hashes[0].content | length] == [128]' "$sbom"
done

# The program of the package's README, against the packages and in a network namespace of its own.
builds_sample() {
    NUGET_PACKAGES=$work/packages dotnet build samples/Netlink.QuickStart -c Release --artifacts-path "$work/sample" --nologo -v quiet \
        -p:NetlinkVersion="$version" -p:RestoreAdditionalProjectSources="$release"
}
promised() { sed -n '/^It prints:/,$p' src/Netlink/README.md | sed -n '/^```text/,/^```/p' | sed '1d;$d'; }
sample_keeps_its_promise() {
    unshare --net -- dotnet "$work/sample/bin/Netlink.QuickStart/release/Netlink.QuickStart.dll" >"$work/sample.txt" || return 1
    diff <(promised) "$work/sample.txt"
}
check 'the sample builds against the packages' builds_sample
check 'the packages were used, not the sources' test -d "$work/packages/cniplugin.netlink/$version" -a -d "$work/packages/cniplugin.linux/$version"
check 'the sample prints what the README says' sample_keeps_its_promise

# The arm64 binary. qemu-user translates no network namespaces and no new links, so what is tested is what needs none.
mkdir "$work/arm"
for plugin in bridge host-local; do cp "$work/arm64/cniplugin" "$work/arm/$plugin"; done
config() { printf '{"cniVersion":"1.1.0","name":"arm","type":"%s","ipam":{"type":"host-local","dataDir":"%s","subnet":"10.1.0.0/24"}}' "$1" "$work/data"; }
call() { # PLUGIN VERB CONTAINER
    config "$1" | env CNI_COMMAND="$2" CNI_CONTAINERID="$3" CNI_NETNS="$work/no-netns" CNI_IFNAME=eth0 CNI_PATH="$work/arm" qemu-aarch64-static "$work/arm/$1"
}
answers() { # EXPRESSION PLUGIN VERB CONTAINER: what is printed, and whether it should succeed, as jq sees it
    local expression=$1 answer status
    shift
    answer=$(call "$@")
    status=$?
    echo "$answer"
    jq -e --argjson status "$status" "$expression" <<<"${answer:-null}"
}
versions='["0.1.0","0.2.0","0.3.0","0.3.1","0.4.0","1.0.0","1.1.0"]'
check 'arm64: VERSION' answers "\$status == 0 and .supportedVersions == $versions" bridge VERSION ''
check 'arm64: ADD without a namespace is refused' answers '$status == 1 and .code == 8' bridge ADD one
check 'arm64: an address is given' answers '$status == 0 and .ips[0].address == "10.1.0.2/24"' host-local ADD one
check 'arm64: the next is given' answers '$status == 0 and .ips[0].address == "10.1.0.3/24"' host-local ADD two
check 'arm64: none is given twice' answers '$status == 1 and .code == 103' host-local ADD one
check 'arm64: CHECK' call host-local CHECK two
check 'arm64: an address is released' answers '$status == 0' host-local DEL one
check 'arm64: and again' answers '$status == 0' host-local DEL one
for file in "$work"/data/arm/leases-*[0-9a-f].db; do head -c 9000 /dev/urandom >"$file"; done
check 'arm64: a damaged store is rebuilt' answers '$status == 0 and (.ips | length == 1)' host-local ADD three

echo "$passed passed, $failed failed"
exit $((failed > 0))
