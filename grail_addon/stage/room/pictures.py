# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures and further files that a room's .blend file brings: textures, a sky, libraries that it is linked from."""

from __future__ import annotations

from pathlib import Path

import bpy

from ...steps.effects import Steps
from ..importers.lost import Textures, mend_images
from ..importers.textures import library_file
from ..owned import BlockRef, OwnedData

_WITH_FILES = ("fonts", "volumes", "cache_files", "movieclips", "sounds")


def room_textures(owned: OwnedData, scene_file: Path) -> Steps[Textures]:
    """Find what the room's pictures are that are not where its file says, and whether all can be shown."""
    images = [image for image in owned.of_kind("images") if image.users and image.type != "RENDER_RESULT"]
    refs = [BlockRef.of(image) for image in images]
    others = [library_file(library) for library in owned.of_kind("libraries")]
    for kind in _WITH_FILES:
        blocks = [block for block in owned.of_kind(kind) if getattr(block, "packed_file", None) is None]
        paths = [bpy.path.abspath(block.filepath, library=block.library) for block in blocks]
        others += [Path(path) for path in paths if path and not path.startswith("<")]
    found = yield from mend_images(refs, scene_file, owned.recording)
    return Textures(files=tuple(others)).added(found)
