# SPDX-License-Identifier: GPL-3.0-or-later
"""Head, neck and hands: the only parts of the base body that are built, and their tint."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .garments import COLLAR_NORMAL, COLLAR_POINT, SIDES, arm_line
from .macros import Figure
from .paint import skin_tint
from .people import PersonSpec
from .surface import Sheet, compact, scatter_mean, subdivide

_INTO_COLLAR = 0.020
_FOREARM_PART = 0.86


@dataclass(frozen=True)
class Skin:
    """sheet: head, neck and hands; tint (N,3) multiplies the skin colour; ears (N,) mask of their vertices."""

    sheet: Sheet
    tint: np.ndarray
    ears: np.ndarray


def visible_vertices(figure: Figure) -> np.ndarray:
    """(V,) mask of base vertices above the collar or beyond the cuffs, with a margin that stays inside the cloth."""
    points = figure.vertices
    shown = (points - COLLAR_POINT) @ COLLAR_NORMAL > -_INTO_COLLAR
    for side in SIDES:
        line = arm_line(figure, side)
        forearm = line[2] - line[1]
        part = (points - line[1]) @ forearm / (forearm @ forearm)
        near = np.linalg.norm(points - line[2], axis=1) < 0.30
        shown |= near & (part > _FOREARM_PART)
    return shown


def _sample(mask: np.ndarray, uvs: np.ndarray) -> np.ndarray:
    """Values (N,) of a grey image (H,W), bottom row first, at uvs (N,2)."""
    high, wide = mask.shape
    column = np.clip((uvs[:, 0] * wide).astype(int), 0, wide - 1)
    row = np.clip((uvs[:, 1] * high).astype(int), 0, high - 1)
    return mask[row, column]


def _finer_uvs(corner_uvs: np.ndarray) -> np.ndarray:
    """UVs (4F,4,2) of the quads' corners after a subdivision, from those before it (F,4,2)."""
    middle = (corner_uvs + np.roll(corner_uvs, -1, axis=1)) / 2
    centre = np.broadcast_to(corner_uvs.mean(axis=1, keepdims=True), corner_uvs.shape)
    return np.stack([corner_uvs, middle, centre, np.roll(middle, 1, axis=1)], axis=2).reshape(-1, 4, 2)


def build_skin(figure: Figure, masks: dict[str, np.ndarray], spec: PersonSpec, look: np.ndarray) -> Skin:
    """Cut head and hands out of the body, subdivide and paint them.

    masks: grey images (H,W) in the body's UV, keys lips, ears, fingernails, eyelids; look as in `paint.skin_tint`.
    """
    faces = figure.base.faces["body"]
    shown = visible_vertices(figure)[faces].all(axis=1)
    faces, uvs = faces[shown], figure.base.uvs[figure.base.face_uvs["body"][shown]]
    whole = compact(Sheet(figure.vertices, faces, figure.weights, np.zeros(len(faces), np.int64)))
    sheet, uvs = subdivide(whole), _finer_uvs(uvs)
    # by corner, since a vertex on a seam has several places in the picture
    masked = {
        name: scatter_mean(sheet.faces.reshape(-1), _sample(mask, uvs.reshape(-1, 2))[:, None], len(sheet.vertices))[
            :, 0
        ]
        for name, mask in masks.items()
    }
    return Skin(sheet, skin_tint(figure, sheet, masked, spec, look), masked["ears"] > 0.3)
