# SPDX-License-Identifier: GPL-3.0-or-later
"""Datablocks that came in since a moment, and their removal: how a stage leaves a file as it found it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import bpy

_NEVER_OURS = frozenset({"window_managers", "screens", "workspaces"})


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
    # the scene first: an object's removal would otherwise touch its view layer once per object
    for kind in (bpy.types.Scene, bpy.types.Collection, bpy.types.Object):
        bpy.data.batch_remove([b for b in new() if isinstance(b, kind)])
    while orphans := [b for b in new() if b.users == 0]:
        bpy.data.batch_remove(orphans)
