# SPDX-License-Identifier: GPL-3.0-or-later
"""The data blocks that a stage, an import or a settle made: held by session uid, and removed without touching others.

Blender gives a session uid once while it runs. It stays with its block through renames, undo and redo, and no block of
a file that is opened later gets it. Names are numbered where taken, and references die with every undo, so neither is
held across ticks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import bpy

from ..steps.blender_calls import blender_call
from ..steps.port import StageLost

_OF_THE_WINDOW = frozenset({"window_managers", "screens", "workspaces"})
_NO_KIND = frozenset({"all_ids"})  # 5.2 lists the blocks of all kinds in it once more
_WINDOW_TYPES = frozenset({"WINDOWMANAGER", "SCREEN", "WORKSPACE"})


@dataclass(frozen=True)
class BlockRef:
    """A data block. kind: the collection of `bpy.data` it is in; name: what it was called when it was made."""

    kind: str
    name: str
    uid: int

    @classmethod
    def of(cls, block: bpy.types.ID) -> BlockRef:
        kind = next(kind for kind, name in _kinds().items() if isinstance(block, getattr(bpy.types, name)))
        return cls(kind, block.name, block.session_uid)

    def find(self) -> Any:
        """The block, None if it is no longer there. Not to be kept across ticks."""
        blocks = getattr(bpy.data, self.kind)
        named = blocks.get(self.name)
        if named is not None and named.session_uid == self.uid:
            return named
        return next((b for b in blocks if b.session_uid == self.uid), None)

    @property
    def block(self) -> Any:
        """The block. Raises StageLost if it is no longer there."""
        found = self.find()
        if found is None:
            raise StageLost
        return found


@cache
def _kinds() -> Mapping[str, str]:
    """Collection of `bpy.data` -> name of the type of its blocks, all but those of the window."""
    hidden = _OF_THE_WINDOW | _NO_KIND
    properties = (p for p in bpy.data.bl_rna.properties if p.type == "COLLECTION" and p.identifier not in hidden)
    return {p.identifier: p.fixed_type.identifier for p in properties}


def _all_blocks() -> Iterator[tuple[str, bpy.types.ID]]:
    """Kind and block of all data of the file but windows."""
    for kind in _kinds():
        for block in getattr(bpy.data, kind):
            yield kind, block


class OwnedData:
    """Data blocks of one maker. Empty at first; `recording` fills it, `remove` empties it.

    within: data that these blocks are put into and that is not the user's either (the stage that an object is on).
    """

    def __init__(self, within: OwnedData | None = None) -> None:
        self._kinds: dict[int, str] = {}
        self._within = within

    @contextmanager
    def recording(self) -> Iterator[frozenset[int]]:
        """What appears in the file meanwhile is ours; gives the session uids of what was there before. Only for code that
        does not pause: a user can make nothing within it. A fake user that a file brought is taken off, so that one seen
        later is a user's wish."""
        before = frozenset(block.session_uid for _, block in _all_blocks())
        try:
            yield before
        finally:
            for kind, block in list(_all_blocks()):
                if block.session_uid not in before:
                    self._kinds[block.session_uid] = kind
                    block.use_fake_user = False

    @property
    def uids(self) -> frozenset[int]:
        """Session uids of all that it owns, whether it is still there or not."""
        return frozenset(self._kinds)

    def of_kind(self, kind: str) -> list[Any]:
        """Those of one collection of `bpy.data` that are still there."""
        return [b for b in getattr(bpy.data, kind) if self._kinds.get(b.session_uid) == kind]

    def adopt(self, block: bpy.types.ID) -> None:
        """Own a block, too, that another maker has given up."""
        self._kinds[block.session_uid] = BlockRef.of(block).kind

    def forget(self, ref: BlockRef) -> None:
        """A block that its maker has removed itself is no longer owned."""
        self._kinds.pop(ref.uid, None)

    def take(self, other: OwnedData) -> None:
        """Own all that `other` owns, which then owns nothing."""
        self._kinds |= other._kinds
        other._kinds = {}

    @contextmanager
    def making(self) -> Iterator[OwnedData]:
        """For what is made over several ticks: what it gives records, and this owns it once all is made. Where that fails or
        is cancelled, it is removed."""
        made = OwnedData()
        try:
            yield made
        except BaseException:
            made._discard()
            raise
        self.take(made)

    def _discard(self) -> None:
        """Remove it, whatever uses it: nobody can want what was made by halves."""
        there = _existing(self._kinds)
        with blender_call("batch_remove"):
            bpy.data.batch_remove(list(there))
        _remove_after_undo(self._kinds)
        self._kinds = {}

    @property
    def intact(self) -> bool:
        """Whether all of it is still there, libraries apart: undo and redo lose one that nothing is linked from."""
        kinds = {uid: kind for uid, kind in self._kinds.items() if kind != "libraries"}
        return len(_existing(kinds)) == len(kinds)

    def leave(self, keep: Collection[int], heir: OwnedData) -> None:
        """As `remove`, and what stays is the heir's from now on."""
        kinds = self._kinds
        self.remove(keep)
        heir._kinds |= {block.session_uid: kind for block, kind in _existing(kinds).items()}

    def remove(self, keep: Collection[int] = ()) -> None:
        """Remove what is still there, except blocks with the session uids in `keep`, blocks that the user's own data
        uses or that have a fake user, and all that those use: they are the user's from now on.

        Data of the user that only ours used gets a fake user, so that it is not lost when the file is saved. Undo and
        redo, which bring removed blocks back, have them removed again.
        """
        removed = _remove(self._kinds, keep, self._within._kinds if self._within is not None else ())
        self._kinds = {}
        _remove_after_undo(removed)


def _existing(kinds: Mapping[int, str]) -> dict[bpy.types.ID, str]:
    """Block -> kind of those that are there."""
    found = {}
    for kind in set(kinds.values()):
        for block in getattr(bpy.data, kind):
            if kinds.get(block.session_uid) == kind:
                found[block] = kind
    return found


def _remove(kinds: Mapping[int, str], keep: Collection[int] = (), within: Collection[int] = ()) -> dict[int, str]:
    """Remove the blocks (session uid -> kind) as `OwnedData.remove` says; returns those that are gone now, also those
    that were gone before: redo can bring them back.

    within: session uids of blocks that may use them without being a user's.
    """
    ours = _existing(kinds)
    with blender_call("user_map"):
        all_users = bpy.data.user_map()

    def counted(using: Collection[bpy.types.ID]) -> Iterator[bpy.types.ID]:
        return (u for u in using if u.session_uid not in within and u.id_type not in _WINDOW_TYPES)

    users = {block: set(counted(all_users.get(block, ()))) for block in ours}
    handed = _handed_over(ours, users, keep)
    doomed = {block.session_uid: kind for block, kind in ours.items() if block not in handed}
    used = ours.keys()
    for block, using in all_users.items():
        if used.isdisjoint(using) or block in ours or block.id_type in _WINDOW_TYPES or block.library is not None:
            continue
        others = counted(using)
        if any(u.session_uid in doomed for u in using) and all(u.session_uid in doomed for u in others):
            block.use_fake_user = True
    stay = {block.session_uid for block in handed}
    gone = {uid: kind for uid, kind in kinds.items() if uid not in stay}
    scenes = [block for block, kind in ours.items() if kind == "scenes" and block not in handed]
    _leave(scenes)
    for scene in scenes:
        with blender_call("scenes.remove"):
            bpy.data.scenes.remove(scene)
    there = list(_existing(doomed))
    with blender_call("batch_remove"):
        bpy.data.batch_remove(there)
    return gone


def _handed_over(
    ours: Collection[bpy.types.ID], users: Mapping[bpy.types.ID, set[bpy.types.ID]], keep: Collection[int]
) -> set[bpy.types.ID]:
    """Those of our blocks that stay."""

    def is_users(block: bpy.types.ID) -> bool:
        others = any(u not in ours for u in users.get(block, ()))
        return others or block.use_fake_user or block.session_uid in keep

    handed = {block for block in ours if is_users(block)}
    new = handed
    while new:
        new = {block for block in ours if block not in handed and users.get(block, set()) & new}
        handed = handed | new
    # a library is not listed as used by the blocks that come from it
    from_files = [block for _, block in _all_blocks() if block.library is not None]
    of_others = {block.library for block in from_files if block not in ours or block in handed}
    return handed | {block for block in ours if block in of_others}


def _leave(scenes: Collection[bpy.types.Scene]) -> None:
    """Show another scene in windows that show one of these; a file without any other gets a new one."""
    others = [scene for scene in bpy.data.scenes if scene not in scenes]
    if scenes and not others:
        others = [bpy.data.scenes.new("Scene")]
    for manager in bpy.data.window_managers:
        for window in manager.windows:
            if window.scene in scenes:
                window.scene = others[0]


def _remove_after_undo(removed: Mapping[int, str]) -> None:
    """Have these blocks (session uid -> kind) removed whenever undo or redo brings them back. The handler keeps them,
    until another file is opened."""
    if not removed:
        return
    for handler in bpy.app.handlers.undo_post:
        if hasattr(handler, "removed_by_grail"):
            handler.removed_by_grail.update(removed)
            return
    known = dict(removed)

    def remove_again(*_: object) -> None:
        if _existing(known):
            _remove(known)

    remove_again.removed_by_grail = known  # type: ignore[attr-defined]
    bpy.app.handlers.undo_post.append(remove_again)
    bpy.app.handlers.redo_post.append(remove_again)
