# SPDX-License-Identifier: GPL-3.0-or-later
"""Eyebrows of thin ribbons on the face."""

from __future__ import annotations

import numpy as np

from .macros import Figure
from .strands import Head, facing, on_head, ribbons
from .surface import Sheet, unit

_COUNT, _POINTS = 230, 4


def build_brow(figure: Figure, head: Head, side: str, rng: np.random.Generator, slot: int) -> Sheet:
    """Short hairs over one eye: upright at the nose, lying down outward, thinning at both ends."""
    sign = 1.0 if side == "l" else -1.0
    eye = figure.joint(f"{side}-eye")
    place = rng.beta(1.25, 1.35, _COUNT)
    arch = 0.0185 + 0.0048 * np.sin(np.pi * (0.08 + 0.78 * place))
    thick = 0.0029 * (1 - 0.65 * place**1.5) * np.clip(rng.normal(scale=0.5, size=_COUNT), -1.1, 1.1)
    x = eye[0] + sign * (-0.0165 + 0.037 * place)
    roots = np.column_stack([x, np.full(_COUNT, eye[1] - 0.05), eye[2] + arch + thick])
    rise = 1.25 - 1.75 * place - 60 * thick * place + rng.normal(scale=0.22, size=_COUNT)
    out = unit(np.column_stack([np.full(_COUNT, sign), np.zeros(_COUNT), rise]))
    length = 0.0078 * rng.uniform(0.65, 1.1, _COUNT) * (1 - 0.25 * place)
    along = np.linspace(0, 1, _POINTS)
    paths = roots[:, None] + out[:, None] * (length[:, None] * along)[:, :, None]
    flat = paths.reshape(-1, 3)
    flat[:, 1] = _face_depth(head, flat)
    normals = head.normals[head.nearest(flat)]
    lift = 0.0004 + 0.0006 * np.tile(along, _COUNT)
    paths = (flat + lift[:, None] * normals).reshape(paths.shape)
    return on_head(figure, *ribbons(paths, facing(paths, normals.reshape(paths.shape)), 0.00062, 0.0002), slot)


def _face_depth(head: Head, places: np.ndarray) -> np.ndarray:
    """(N,) y of the front of the face at the places' x and z: tangent planes of the nearest vertices, blended."""
    front = (head.normals[:, 1] < -0.25) & (np.abs(head.points[:, 2] - places[:, 2].mean()) < 0.03)
    points, normals = head.points[front], head.normals[front]
    across = places[:, None, [0, 2]] - points[None][:, :, [0, 2]]
    nearness = 1 / (np.linalg.norm(across, axis=2) + 0.0005) ** 5
    planes = points[:, 1] - (across * normals[None][:, :, [0, 2]]).sum(axis=2) / normals[:, 1]
    return (nearness * planes).sum(axis=1) / nearness.sum(axis=1)
