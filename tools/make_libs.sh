#!/usr/bin/env bash
# make_libs.sh PIP: build/libs/cp311, cp313, cp314: the libraries for each Python that a Blender carries (official 4.2 to
# 5.0: 3.11, official 5.1 and later: 3.13, Debian's: 3.13 and 3.14). numpy is not among them, Blender brings its own.
set -eu
pip=$1
wanted=$(cksum < requirements/runtime.txt)
for version in 3.11 3.13 3.14; do
    dir=build/libs/cp${version/./}
    [ "$(cat "$dir/.made-of" 2>/dev/null)" = "$wanted" ] && continue
    echo "fetching libraries for Blender's Python $version ..." >&2
    rm -rf "$dir"
    $pip install -qq --no-compile --no-deps --only-binary=:all: --python-version "$version" --target "$dir" -r requirements/runtime.txt
    echo "$wanted" > "$dir/.made-of"
done
