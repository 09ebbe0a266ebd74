#!/usr/bin/env bash
# usage: scripts/apt-source.sh deb|deb-src PACKAGE DIRECTORY
#
# Copies the source list from which this machine's apt takes PACKAGE into DIRECTORY, with entries of the given type alone: mirror, suite,
# options and keys are the machine's own. Prints the suite.
set -euo pipefail

type=$1 package=$2 directory=$3
fail() { printf 'apt-source: %s\n' "$*" >&2; exit 1; }

# The last line is the archive itself: versions descend, and updates come from elsewhere.
index=$(apt-cache madison "$package" | awk -F ' *[|] *' '$3 ~ / Packages$/ { last = $3 } END { print last }')
[[ -n $index ]] || fail "no archive that apt knows has $package: look at /etc/apt/sources.list.d, run apt-get update and repeat this"
read -r entry suite < <(apt-get indextargets --format '$(SOURCESENTRY) $(RELEASE)' "Description: $index" || true) ||
  fail "apt-get indextargets does not name the source list of '$index'"
list=${entry%:*}
case $list in
  *.sources) sed -E "s/^Types:.*/Types: $type/I" "$list" ;;
  *) sed -nE "s/^[[:space:]]*deb[[:space:]]/$type /p" "$list" ;;
esac >"$directory/${list##*/}"
echo "$suite"
