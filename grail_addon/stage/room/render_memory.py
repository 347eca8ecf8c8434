# SPDX-License-Identifier: GPL-3.0-or-later
"""What Cycles remembers of images between renders, and when it must not.

With persistent data, Cycles looks for an image among those of the last render, although they may be gone by now:
a packed or generated one by the address of its data block, others by their path. A new image at the old address got
the old one's pixels (19 of 24 objects with embedded textures, in 5.0.1), an edited file those before the edit. So an
image keeps its address, without its pixels, for as long as the stage lives, which costs 2 KB; and a file that has
changed makes Cycles start anew. Otherwise the room stays warm.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import bpy

from ..importers.textures import image_file
from ..owned import OwnedData


def forget_renders(scene: bpy.types.Scene) -> None:
    """Let Cycles start anew, and keep the room's geometry and shaders from then on.

    It keeps the noise pattern of the first render's number of samples, too, and the same variant must give the same
    pixels whatever was rendered before.
    """
    scene.render.use_persistent_data = False  # Blender frees what it kept when this is set
    scene.render.use_persistent_data = True


class FilesSeen:
    """Texture files of a stage as they were when it took them in."""

    def __init__(self) -> None:
        self._stats: dict[Path, tuple[int, int]] = {}

    def have_changed(self, images: Iterable[bpy.types.Image]) -> bool:
        """Whether one of the images' files was seen with another size or time; from now on as it is now."""
        changed = False
        for image in images:
            path = image_file(image)
            if image.packed_file is not None or image.source == "GENERATED" or not path.is_file():
                continue
            now = (path.stat().st_size, path.stat().st_mtime_ns)
            changed |= self._stats.setdefault(path, now) != now
            self._stats[path] = now
        return changed


def remove_but_images(owned: OwnedData, heir: OwnedData) -> None:
    """Remove data of an object from the file. Its images stay without pixels and pass to `heir`; those that the user's
    data uses, too, are the user's."""
    images = owned.of_kind("images")
    owned.remove(keep={image.session_uid for image in images})
    for image, users in bpy.data.user_map(subset=images).items() if images else ():
        if not users and not image.use_fake_user:
            _empty(image)
            heir.adopt(image)


def _empty(image: bpy.types.Image) -> None:
    if image.packed_file is not None:
        image.unpack(method="REMOVE")
    image.source = "GENERATED"
    image.generated_width = image.generated_height = 1
    image.buffers_free()
    image.filepath_raw = ""
    image.name = "spent"
