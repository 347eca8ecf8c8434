#!/usr/bin/env bash
# system_packages.sh NAME...: Debian packages that must be there. Installs what is missing where that is possible
# (apt, as root), else says what to install.
set -eu
command -v dpkg-query >/dev/null 2>&1 || exit 0   # another system: what is missing shows when it is used
installed() { dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q "ok installed"; }
missing=""
for name in "$@"; do
    installed "$name" || missing="$missing $name"
done
[ -z "$missing" ] && exit 0
if [ "$(id -u)" != 0 ]; then
    echo "error: system packages are missing; please run: sudo apt-get install$missing" >&2
    exit 1
fi
echo "installing$missing ..." >&2
export DEBIAN_FRONTEND=noninteractive
install() { apt-get install -y -qq --no-install-recommends $missing; }
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# the package lists may be too old to fetch from, or not there at all: refresh them only then
install >"$log" 2>&1 || { apt-get update -qq && install; } >"$log" 2>&1 ||
    { tail -n 5 "$log" >&2; echo "error: apt could not install$missing" >&2; exit 1; }
