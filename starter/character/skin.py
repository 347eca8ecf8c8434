# SPDX-License-Identifier: GPL-3.0-or-later
"""Head, neck and hands: the only parts of the base body that are built, and their tint."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .cloth import ramp
from .data import read_target
from .garments import COLLAR_NORMAL, COLLAR_POINT, SIDES, arm_line
from .macros import Figure
from .surface import Sheet, compact, scatter_mean

_INTO_COLLAR = 0.020
_FOREARM_PART = 0.86


@dataclass(frozen=True)
class Skin:
    """sheet: head, neck and hands; source (N,) their base mesh vertices; tint (N,3) multiplies the skin colour."""

    sheet: Sheet
    source: np.ndarray
    tint: np.ndarray


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


def _tint(figure: Figure, vertex_uvs: np.ndarray, points: np.ndarray, masks: dict[str, np.ndarray]) -> np.ndarray:
    """(N,3) factors: lips, ears and nails from the masks, a little blush on cheeks and nose."""
    tint = np.ones((len(points), 3))
    for name, colour, strength in (
        ("lips", (0.80, 0.52, 0.52), 0.75),
        ("ears", (1.0, 0.82, 0.80), 0.6),
        ("fingernails", (1.08, 0.92, 0.90), 0.7),
    ):
        share = strength * _sample(masks[name], vertex_uvs)[:, None]
        tint *= 1 + share * (np.array(colour) - 1)
    eye = figure.joint("l-eye")
    cheek = eye + np.array([0.012, -0.012, -0.042])
    blush = np.array([0.96, 0.84, 0.83])
    for centre, reach in (
        (cheek, 0.030),
        (cheek * [-1, 1, 1], 0.030),
        (np.array([0.0, eye[1] - 0.045, eye[2] - 0.038]), 0.020),
    ):
        share = 0.8 * ramp(np.linalg.norm(points - centre, axis=1), reach, 0.0)[:, None]
        tint *= 1 + share * (blush - 1)
    return tint


def build_skin(figure: Figure, masks: dict[str, np.ndarray]) -> Skin:
    """Cut head and hands out of the body; masks: grey images (H,W) in the body's UV, keys lips, ears, fingernails."""
    faces = figure.base.faces["body"]
    shown = visible_vertices(figure)[faces].all(axis=1)
    faces, face_uvs = faces[shown], figure.base.face_uvs["body"][shown]
    source = np.unique(faces)
    uvs = scatter_mean(faces.reshape(-1), figure.base.uvs[face_uvs.reshape(-1)], len(figure.vertices))[source]
    whole = Sheet(figure.vertices, faces, figure.weights, np.zeros(len(faces), np.int64))
    return Skin(compact(whole), source, _tint(figure, uvs, figure.vertices[source], masks))


def ear_vertices(folder: Path, figure: Figure) -> np.ndarray:
    """(V,) mask of the base vertices of the ears: what an ear target moves, and the canal between."""
    points = figure.vertices
    ears = np.zeros(len(points), bool)
    for side in SIDES:
        target = read_target(folder / "targets" / "ears" / f"{side}-ear-scale-incr.target.gz", len(points))
        moved = points[np.linalg.norm(target, axis=1) > 0.002]
        low, high = moved.min(axis=0), moved.max(axis=0)
        # the canal lies within the ear's outline seen from the side, on the same half of the head
        beside = ((points[:, 1:] >= low[1:]) & (points[:, 1:] <= high[1:])).all(axis=1)
        ears |= beside & (points[:, 0] * moved[0, 0] > 0) & (np.abs(points[:, 0]) > 0.03)
    return ears
