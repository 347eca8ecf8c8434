# SPDX-License-Identifier: GPL-3.0-or-later
"""A frame at full size with what its sidecars hold drawn over it: masks, depth, joints."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from ..core.files import atomic_path
from ..core.gate.facts import PART_JOINTS
from .collect import role_file
from .pictures import depth_preview, read_picture

KINDS = ("mask", "depth", "joints")
_MASKS = (("human_mask", (64, 156, 255)), ("object_mask", (255, 60, 90)), ("object_visible_mask", (255, 148, 38)))
_JOINTS = {"visible": (90, 230, 130), "hidden": (255, 190, 60)}
_SHARE = 0.55


def draw_overlay(manifest: Mapping[str, Any], results_dir: Path, kinds: Collection[str], path: Path) -> bool:
    """Write the frame with these of KINDS over it to `path`, as PNG; False where the frame's picture cannot be read.

    Masks: person blue, object orange, what hides of it red. Depth: near is light, far is dark. Joints: green where they
    are seen, yellow where something hides them.
    """
    found = {
        role: role_file(dict(manifest), role, results_dir) for role in ("frame", "depth_png", *(r for r, _ in _MASKS))
    }
    stored = read_picture(found["frame"])
    if stored is None:
        return False
    picture = stored.convert("RGB")
    depth = read_picture(found["depth_png"]) if "depth" in kinds else None
    if depth is not None:
        picture = Image.blend(picture, depth_preview(depth)[0].resize(picture.size, Image.Resampling.BILINEAR), 0.8)
    if "mask" in kinds:
        for role, colour in _MASKS:
            picture = _tinted(picture, read_picture(found[role]), colour)
    if "joints" in kinds:
        _draw_joints(picture, (manifest.get("overlay") or {}).get("joints") or {})
    with atomic_path(path) as temp:
        picture.save(temp, format="PNG", compress_level=1)
    return True


def _tinted(picture: Image.Image, mask: Image.Image | None, colour: tuple[int, int, int]) -> Image.Image:
    if mask is None:
        return picture
    inside = np.asarray(mask.convert("L").resize(picture.size, Image.Resampling.NEAREST)) > 127
    pixels = np.asarray(picture).astype(np.float32)
    pixels[inside] = pixels[inside] * (1 - _SHARE) + np.array(colour, np.float32) * _SHARE
    return Image.fromarray(pixels.astype(np.uint8))


def _draw_joints(picture: Image.Image, joints: Mapping[str, Mapping[str, Any]]) -> None:
    draw = ImageDraw.Draw(picture)
    width = max(1, picture.width // 400)
    at = {name: tuple(joint["px"]) for name, joint in joints.items() if joint.get("px")}
    for chain in PART_JOINTS.values():
        known = [name for name in chain if name in at]
        for start, end in pairwise(known):
            draw.line([at[start], at[end]], fill=(255, 255, 255), width=width)
    radius = 2 * width
    for name, (x, y) in at.items():
        colour = _JOINTS.get(str(joints[name]["state"]))
        if colour is not None:
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour, outline=(0, 0, 0))
