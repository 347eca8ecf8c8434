#!/usr/bin/env bash
# in_root.sh ROOT REPOSITORY WORK COMMAND...: runs a command inside a Debian root, with the repository read-only at
# /repository (where it starts) and the folder WORK at /scratch. All mounts and processes live in namespaces of this one
# process, so they end with it, and nothing can be deleted through a mount later. IN_ROOT_OFFLINE=1: without any network.
set -eu
root=$1 repository=$2 work=$3
shift 3
mkdir -p "$root/repository" "$root/scratch"
exec unshare --mount --pid --fork --kill-child ${IN_ROOT_OFFLINE:+--net} bash -c '
    set -eu
    root=$1 repository=$2 work=$3
    shift 3
    mount --bind /dev "$root/dev"
    mount --bind "$repository" "$root/repository"
    mount -o remount,bind,ro "$root/repository"
    mount --bind "$work" "$root/scratch"
    # no exec: the first process of a namespace cannot be killed from inside, a Blender must be
    chroot "$root" env -i HOME=/tmp PATH=/usr/bin:/bin LANG=C.UTF-8 LIBGL_ALWAYS_SOFTWARE=1 \
        sh -c "cd /repository && exec \"\$@\"" sh "$@"
    exit $?
' in_root "$root" "$repository" "$work" "$@"
