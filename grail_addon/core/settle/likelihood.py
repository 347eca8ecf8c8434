# SPDX-License-Identifier: GPL-3.0-or-later
"""How likely a pose is: the share of all start orientations that end in it, and whether wider drops come back to it.

The share is the quasi-static one of Goldberg et al. (Part pose statistics, IEEE Trans. Robot. Autom. 1999): a body in a
random orientation lands on the hull facet under its centre of mass, and rolls over the edge that does not hold it
until one does. Pure numpy; hulls about the centre of mass.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array, Faces
from .statics import facet_normals

MIN_SHARE = 0.05
MIN_TIP_DEG = 5.0
MIN_WIDE_SHARE = 0.8
"""A pose is in doubt that tips below `MIN_TIP_DEG` or that fewer than `MIN_SHARE` of all orientations end in. It is unlikely
unless this share of the drops with a wide tilt comes back to it: a bottle's foot is small, and a lumpy body tips onto the
next facet at a touch and back again."""
MOSTLY = 0.5
_SAME_PLANE_DEG = 0.1
_SAME_HEIGHT, _SAME_WAY_DEG = 0.01, 5.0  # of the size, and degrees, as `statics.same_rest` has them


@dataclass(frozen=True, eq=False)
class PoseShares:
    """The poses that a body can rest in. down (P, 3): unit direction in the body's frame that points down; height (P,):
    of the centre of mass, metres; share (P,): of all orientations that end in it, in sum 1."""

    down: Array
    height: Array
    share: Array

    def of_height(self, height: float, size: float) -> float:
        """Share of all poses whose centre of mass is as high: those that the body's symmetry makes alike count as one."""
        return float(self.share[np.abs(self.height - height) <= _SAME_HEIGHT * size].sum())

    def of_pose(self, height: float, down: Array, size: float) -> float:
        """Share of one pose; of all alike, where together they are what the body mostly comes to rest in (a die, a rod)."""
        alike = self.of_height(height, size)
        if alike >= MOSTLY:
            return alike
        same = np.abs(self.height - height) <= _SAME_HEIGHT * size
        same &= self.down @ down >= math.cos(math.radians(_SAME_WAY_DEG))
        return float(self.share[same].sum())

    def likeliest(self, near: Array, size: float) -> Array:
        """Down direction (3,) of the pose with the largest share; of those alike the one nearest to `near` (3,)."""
        totals = np.array([self.of_height(height, size) for height in self.height])
        best = np.flatnonzero(totals >= totals.max() - 1e-9)
        down: Array = self.down[best[int(np.argmax(self.down[best] @ near))]]
        return down


def pose_shares(vertices: Array, faces: Faces) -> PoseShares:
    """Poses of a convex hull (vertices (N, 3) about the centre of mass, triangles (M, 3) wound outwards)."""
    normals, areas = facet_normals(vertices, faces)
    solid = areas > 1e-12 * max(float(areas.max()), 1e-300)
    faces, normals = faces[solid], normals[solid]
    plane = _planes(normals)
    angle = _solid_angles(vertices, faces)
    target = _holds_or_next(vertices, faces, normals)
    # over triangles of one plane the body slides at no cost: what they lead to is found triangle by triangle
    end = _follow(target)
    heights = np.einsum("ij,ij->i", vertices[faces[:, 0]], normals)
    if float(angle.sum()) < math.pi:  # a sheet, which the origin lies in: it sees no inside
        angle = areas[solid]
    ends, inverse = np.unique(plane[end], return_inverse=True)
    share = np.bincount(inverse, weights=angle / float(angle.sum())).astype(np.float64)
    first = np.array([int(np.flatnonzero(plane == one)[0]) for one in ends])
    return PoseShares(normals[first], heights[first], share)


def _planes(normals: Array) -> NDArray[np.int64]:
    """Number of the plane of each facet; triangles that face one way on a convex body lie in one plane."""
    limit = math.cos(math.radians(_SAME_PLANE_DEG))
    plane = np.full(len(normals), -1, dtype=np.int64)
    for index in range(len(normals)):
        if plane[index] < 0:
            plane[(plane < 0) & (normals @ normals[index] >= limit)] = index
    return plane


def _solid_angles(vertices: Array, faces: Faces) -> Array:
    """Solid angle (M,) of each triangle seen from the origin (Van Oosterom and Strackee 1983)."""
    a, b, c = (vertices[faces[:, k]] for k in range(3))
    la, lb, lc = (np.linalg.norm(v, axis=1) for v in (a, b, c))
    above = np.einsum("ij,ij->i", a, np.cross(b, c))
    ab, bc, ca = (np.einsum("ij,ij->i", *pair) for pair in ((a, b), (b, c), (c, a)))
    angle: Array = np.abs(2.0 * np.arctan2(above, la * lb * lc + ab * lc + bc * la + ca * lb))
    return angle


def _holds_or_next(vertices: Array, faces: Faces, normals: Array) -> NDArray[np.int64]:
    """For each triangle itself where the centre of mass is over it, else the neighbour over the edge it lies beyond."""
    corners = vertices[faces]
    edges = np.roll(corners, -1, axis=1) - corners
    outward = np.cross(edges, normals[:, None, :])
    outward /= np.maximum(np.linalg.norm(outward, axis=2, keepdims=True), 1e-300)
    beyond = -np.einsum("ijk,ijk->ij", corners, outward)  # distance of the origin's foot outside each edge
    worst = np.argmax(beyond, axis=1)
    neighbour = _neighbours(faces)
    rows = np.arange(len(faces))
    falls = beyond[rows, worst] > 1e-9
    over = neighbour[rows, worst]
    return np.where(falls & (over >= 0), over, rows)


def _neighbours(faces: Faces) -> NDArray[np.int64]:
    """(M, 3) index of the triangle over edges 01, 12, 20 of each; -1 where there is none."""
    tails, heads = faces.astype(np.int64), np.roll(faces, -1, axis=1).astype(np.int64)
    span = int(faces.max()) + 1
    own, twin = (tails * span + heads).ravel(), (heads * span + tails).ravel()
    order = np.argsort(own)
    place = np.searchsorted(own[order], twin)
    found = order[np.minimum(place, len(order) - 1)]
    there = own[found] == twin
    return np.where(there, found // 3, -1).reshape(faces.shape)


def _follow(target: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each chain of targets ends; a body only ever rolls lower, so rounds stop where rounding makes a circle."""
    end = target
    for _ in range(int(math.log2(max(len(target), 1))) + 2):
        end = end[end]
    return end


def sideways_tip_deg(footprint: Array, com_height: float) -> float:
    """Tilt in degrees that tips a rolling body over an end of its footprint (K, 2), which is about the centre of mass:
    across the way it rolls."""
    if len(footprint) < 2:
        return 0.0
    _, _, axes = np.linalg.svd(footprint - footprint.mean(axis=0))
    along = footprint @ axes[0]
    return math.degrees(math.atan2(max(0.0, min(float(along.max()), -float(along.min()))), max(com_height, 1e-12)))


@dataclass(frozen=True)
class Likelihood:
    """share: of all orientations that end in a pose of this height. tip_deg: tilt that tips it over. wide: share of the
    drops with a wide tilt that came back to it, None where none was needed."""

    share: float
    tip_deg: float
    wide: float | None = None

    @property
    def is_doubtful(self) -> bool:
        """Whether the statics leave it open, so that drops with a wide tilt have to decide."""
        return self.share < MIN_SHARE or self.tip_deg < MIN_TIP_DEG

    @property
    def is_unlikely(self) -> bool:
        """Whether nobody would see the object stand like this."""
        return self.is_doubtful and (self.wide or 0.0) < MIN_WIDE_SHARE

    @property
    def words(self) -> str:
        """The figures, as the part of a sentence."""
        share = f"{100 * self.share:.2g} % of all orientations end in it, and it tips over when tilted by {self.tip_deg:.1f} degrees"
        return (
            share
            if self.wide is None
            else f"{share}; {100 * self.wide:.0f} % of drops with a wide tilt came back to it"
        )
