#!/usr/bin/env bash
# make_env.sh DIR BPY_VERSION REQUIREMENTS: a virtual environment with the bpy module and our libraries, made once, made
# again for another bpy, and brought up to date when only the requirements change.
set -eu
dir=$1 bpy=$2 requirements=$3
stamp=$dir/.made-of
wanted="$bpy $(cat requirements/*.txt | cksum)"
current() { [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && "$dir/bin/python" -c '' 2>/dev/null; }
current && exit 0

mkdir -p "$dir"
# two checkouts may share a cache: one makes, the other waits and finds it made
if command -v flock >/dev/null; then
    exec 9>"$dir.lock"
    flock 9
    current && exit 0
fi
case $bpy in 4.* | 5.0.*) version=3.11 ;; *) version=3.13 ;; esac   # each bpy is built for one Python
numpy=""
case $bpy in 4.2.*) numpy="numpy<2" ;; esac                          # 4.2 was built against numpy 1 and does not say so
if [ "$(cut -d' ' -f1 "$stamp" 2>/dev/null)" = "$bpy" ] && "$dir/bin/python" -c '' 2>/dev/null; then
    echo "updating $dir ..." >&2
else
    python=$(tools/find_python.sh $version --get)
    echo "making $dir: bpy $bpy on Python $version ..." >&2
    rm -rf "$dir"
    "$python" -m venv "$dir"
fi
"$dir/bin/python" -m pip install -qq "bpy==$bpy" $numpy -r "$requirements" ||
    { echo "error: the libraries for $dir could not be installed; the lines above say why." >&2; exit 1; }
"$dir/bin/python" -c 'import bpy' ||
    { echo "error: bpy $bpy does not load here; a system library is missing (see tools/system_packages.sh)." >&2; exit 1; }
echo "$wanted" > "$stamp"
