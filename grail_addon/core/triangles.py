# SPDX-License-Identifier: GPL-3.0-or-later
"""Distances to triangles in double precision."""

from __future__ import annotations

import numpy as np

from .mesh import Array


def distance_to_triangles(points: Array, a: Array, b: Array, c: Array) -> Array:
    """Distance (N,) from each point to its own triangle; points, a, b, c: (N, 3).

    The nearest point is the foot of the perpendicular where that falls inside, else it lies on the nearest edge.
    """
    normal = np.cross(b - a, c - a)
    length = np.linalg.norm(normal, axis=1)
    flat = length > 1e-300
    unit = normal / np.where(flat, length, 1.0)[:, None]
    inside = flat.copy()
    for start, end in ((a, b), (b, c), (c, a)):
        inside &= np.einsum("ij,ij->i", np.cross(end - start, points - start), unit) >= 0.0
    to_plane = np.abs(np.einsum("ij,ij->i", points - a, unit))
    to_edges = np.min([_to_segment(points, s, e) for s, e in ((a, b), (b, c), (c, a))], axis=0)
    return np.where(inside, to_plane, to_edges)


def _to_segment(points: Array, start: Array, end: Array) -> Array:
    along = end - start
    squared = np.einsum("ij,ij->i", along, along)
    share = np.einsum("ij,ij->i", points - start, along) / np.where(squared > 0, squared, 1.0)
    foot = start + np.clip(share, 0.0, 1.0)[:, None] * along
    return np.asarray(np.linalg.norm(points - foot, axis=1))
