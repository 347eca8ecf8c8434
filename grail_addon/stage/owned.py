# SPDX-License-Identifier: GPL-3.0-or-later
"""Datablocks that came in since a moment, and their removal: how a stage leaves a file as it found it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import bpy

_NEVER_OURS = frozenset({"window_managers", "screens", "workspaces", "all_ids"})  # 5.2 lists all blocks in the last


def all_blocks() -> Iterator[bpy.types.ID]:
    """Every datablock of the file."""
    for prop in bpy.data.bl_rna.properties:
        if prop.type == "COLLECTION" and prop.identifier not in _NEVER_OURS:
            yield from getattr(bpy.data, prop.identifier)


def snapshot() -> set[int]:
    """Session ids of all datablocks as of now; ids are never used twice in a session, unlike names and pointers."""
    return {block.session_uid for block in all_blocks()}


def remove_new(before: set[int], is_kept: Callable[[bpy.types.ID], bool] = lambda block: False) -> None:
    """Remove all datablocks that are not in `before`, unless kept or used by something kept or old."""

    def new() -> list[bpy.types.ID]:
        return [b for b in all_blocks() if b.session_uid not in before and not is_kept(b)]

    for block in new():
        block.use_fake_user = False
    ours = [b for b in new() if isinstance(b, bpy.types.Scene)]  # an importer may have made more of them
    contents = {c for scene in ours for c in (*scene.objects, *scene.collection.children_recursive)}
    bpy.data.batch_remove([*ours, *(c for c in contents if c.session_uid not in before and not is_kept(c))])
    # what lies in no scene is there because something uses it (instanced collections, targets of modifiers), or it goes;
    # asked anew instead of read from `users`, which 5.0's FBX importer counts too high
    while orphans := [b for b, users in bpy.data.user_map(subset=new()).items() if not users]:
        bpy.data.batch_remove(orphans)
