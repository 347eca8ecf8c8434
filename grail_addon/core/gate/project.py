# SPDX-License-Identifier: GPL-3.0-or-later
"""World points seen through the frame's camera: where they land, and what stands before them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array
from ..camera import Camera
from .facts import GeometryFacts

BEHIND = 1e-6  # metres along the axis: nearer than this has no place in the picture


@dataclass(frozen=True, eq=False)
class ProjectedPoints:
    """Points in the picture. px: (N, 2) u, v, NaN behind the camera; depth: (N,) metres along the axis.

    inside: (N,) bool, in the frame and before the camera. surface: (N,) depth of what is seen at that pixel, infinity
    where it is unknown or the point is outside. ids: (N,) int32 thing seen there, 0 = nothing or outside.
    """

    px: Array
    depth: Array
    inside: NDArray[np.bool_]
    surface: Array
    ids: NDArray[np.int32]

    def hidden(self, slack: float | Array) -> NDArray[np.bool_]:
        """(N,) bool: something is nearer than the point by more than `slack` metres (N,) or scalar."""
        return np.asarray(self.inside & (self.surface < self.depth - slack))


def pixels(points: Array, camera: Camera) -> tuple[Array, Array]:
    """Pixels (N, 2), NaN behind the camera, and depth (N,) in metres of world points (N, 3)."""
    px, depth = camera.project(points)
    px[depth <= BEHIND] = np.nan
    return px, depth


def project_points(points: Array, facts: GeometryFacts) -> ProjectedPoints:
    """Project `points` (N, 3) and read depth and ids of the pixels they land on."""
    px, depth = pixels(points, facts.camera.camera)
    width, height = facts.size
    with np.errstate(invalid="ignore"):
        inside = (px[:, 0] >= 0) & (px[:, 0] < width) & (px[:, 1] >= 0) & (px[:, 1] < height)
    surface = np.full(len(px), np.inf)
    ids = np.zeros(len(px), dtype=np.int32)
    column, row = np.floor(px[inside]).astype(np.int64).T
    there = facts.depth[row, column].astype(np.float64)
    surface[inside] = np.where(there > 0, there, np.inf)
    ids[inside] = facts.id_map[row, column]
    return ProjectedPoints(px, depth, inside, surface, ids)


def edge_distance(seen: ProjectedPoints, size: tuple[int, int]) -> float:
    """Pixels from the nearest frame edge to the point that is closest to it or farthest outside (then negative).

    Points behind the camera count as outside by the frame's longer side.
    """
    width, height = size
    u, v = seen.px[:, 0], seen.px[:, 1]
    nearest = np.minimum(np.minimum(u, width - u), np.minimum(v, height - v))
    return float(np.where(np.isnan(nearest), -float(max(size)), nearest).min())


def near_mask(seen: ProjectedPoints, mask: NDArray[np.bool_], radius: int = 2) -> NDArray[np.bool_]:
    """(N,) bool: the mask is set within `radius` pixels of the point; False outside the frame."""
    height, width = mask.shape
    found = np.zeros(len(seen.px), dtype=np.bool_)
    column, row = np.floor(seen.px[seen.inside]).astype(np.int64).T
    hit = np.zeros(len(column), dtype=np.bool_)
    for dy in range(-radius, radius + 1):
        for dx in range(-radius, radius + 1):
            hit |= mask[np.clip(row + dy, 0, height - 1), np.clip(column + dx, 0, width - 1)]
    found[seen.inside] = hit
    return found


def name_of(ids: Iterable[int], facts: GeometryFacts, own: frozenset[int] = frozenset()) -> str:
    """The most frequent of `ids` in the user's words; empty when there is none but `own` and nothing.

    The character is called so whatever its parts are named.
    """
    counts = Counter(int(i) for i in ids if int(i) != 0 and int(i) not in own)
    if not counts:
        return ""
    winner = counts.most_common(1)[0][0]
    if winner in facts.character_ids:
        return "the character"
    if winner in facts.object_ids:
        return "the object"
    return facts.names.get(winner, f"thing {winner}")
