#!/usr/bin/env bash
# make_root.sh SUITE DIR: a Debian root folder (trixie or sid) with Debian's own Blender in it, made once.
# It is the only way to a real Blender where programs come from package registries alone. With it come an X server and
# what drives and photographs a window.
set -eu
suite=$1 dir=$2
stamp=$dir/.made-of
packages=blender,libgl1-mesa-dri,libegl1,python3-numpy,python3-requests,python3-zstandard,ca-certificates
packages=$packages,xvfb,libgl1,libglx-mesa0,xdotool,imagemagick
[ "$suite" = sid ] && packages=$packages,python3-cattr   # Debian forgot it: without it Blender's extension system fails
wanted="$suite $packages with Blender's languages"
[ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && exit 0

tools/system_packages.sh mmdebstrap
# the mirror that this machine's own apt uses
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m 1 '/debian/$' || true)
[ -n "$mirror" ] || { echo "error: apt here names no Debian mirror, so no Debian root can be made." >&2; exit 1; }
mkdir -p "$(dirname "$dir")"
exec 9>"$dir.lock"
flock 9
[ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && exit 0
echo "making $dir: Debian $suite with its Blender ..." >&2
part=$dir.part
# --one-file-system: never delete through a mount that an ended run may have left
rm -rf --one-file-system "$part" "$dir.old"
# sid's Release file often counts as expired on a mirror, hence Check-Valid-Until
mmdebstrap --quiet --variant=apt --include="$packages" \
    --aptopt='Acquire::Check-Valid-Until "false"' --aptopt='APT::Install-Recommends "false"' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-include=/usr/share/locale/languages' \
    --dpkgopt='path-include=/usr/share/locale/*/LC_MESSAGES/blender.mo' "$suite" "$part" "$mirror"
rm -rf "$part"/var/cache/apt/archives/*.deb
echo "$wanted" > "$part/.made-of"
[ -e "$dir" ] && mv "$dir" "$dir.old"
mv "$part" "$dir"
rm -rf --one-file-system "$dir.old"
