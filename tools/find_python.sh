#!/usr/bin/env bash
# find_python.sh VERSION [--get]: prints the path of a Python VERSION (3.11 or 3.13) that can make virtual environments,
# nothing if there is none. Looks on PATH and in pyenv; with --get it then asks the system's package manager and uv for one.
set -u
version=$1

find_it() {
    local candidate path
    for candidate in "python$version" python3 /usr/bin/"python$version" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$version".*/bin/python; do
        path=$(command -v "$candidate" 2>/dev/null) || continue
        # a pyenv shim answers only where its version is switched on, so each candidate is really run
        "$path" -c "import ensurepip, sys, venv
if '%d.%d' % sys.version_info[:2] != '$version': sys.exit(1)
print(sys.executable)" 2>/dev/null && return 0
    done
    return 1
}

find_with_uv() {
    local uv
    uv=$(command -v uv || command -v "$HOME/.local/bin/uv")
    if [ -z "$uv" ]; then
        uv=build/uv/bin/uv
        [ -x $uv ] || { python3 -m venv build/uv && build/uv/bin/pip install -q uv; } >/dev/null 2>&1 || return 1
    fi
    "$uv" python find --no-project "$version" 2>/dev/null && return 0
    "$uv" python install -q "$version" >/dev/null 2>&1 && "$uv" python find --no-project "$version"
}

find_it && exit 0
[ "${2:-}" = --get ] || exit 1
echo "no Python $version found, getting one ..." >&2
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    tools/system_packages.sh "python$version" "python$version-venv" 2>/dev/null && find_it && exit 0
fi
find_with_uv && exit 0
echo "error: no Python $version (with venv) was found and none could be fetched; please install one." >&2
exit 1
