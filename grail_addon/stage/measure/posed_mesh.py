# SPDX-License-Identifier: GPL-3.0-or-later
"""The surfaces of things on a stage as search trees: distances, overlaps, containment, silhouettes.

A tree is built when it is first needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from mathutils import Vector
from mathutils.bvhtree import BVHTree
from numpy.typing import NDArray

from ...core.arrays import Array
from ...core.camera import Camera
from ...core.mesh import MeshData, distance_to_triangles

# Not along any axis or diagonal, so that a ray does not run through the edges that modelled things are full of.
_INSIDE_RAYS = tuple(Vector(d).normalized() for d in ((0.31, 0.17, 0.935), (-0.61, 0.43, 0.27), (0.23, -0.79, -0.41)))
_MOST_CROSSINGS = 64
_MOST_EXACT_FACES = 20000  # of meshes this fine no triangle is long
_PAIRS_AT_ONCE = 500_000  # points times triangles looked at in one go: some tens of megabytes


def tree_of(mesh: MeshData) -> BVHTree:
    """Search tree of a mesh, in the frame of its vertices."""
    return BVHTree.FromPolygons(mesh.vertices.tolist(), mesh.faces.tolist(), all_triangles=True)


@dataclass(frozen=True, eq=False)
class PosedMesh:
    """A mesh of the stage in world coordinates. name: as users know it; number: its id in the id map."""

    name: str
    number: int
    world: MeshData

    @cached_property
    def tree(self) -> BVHTree:
        """Search tree of the surface, in the world."""
        return tree_of(self.world)

    def distance(self, points: Array) -> Array:
        """World points (N, 3) -> distance (N,) in metres to the surface; infinite where it has none.

        The tree works in single precision and misses the nearest of long thin triangles by millimetres. So where it
        finds more than a tenth of one and less than a centimetre, the faces whose boxes reach that near are measured
        again in double.
        """
        nearest = (self.tree.find_nearest(Vector(p))[3] for p in points)
        out = np.array([np.inf if d is None else d for d in nearest], dtype=np.float64)
        doubtful = np.flatnonzero((out > 1e-4) & (out < 0.01))
        if not len(doubtful) or len(self.world.faces) > _MOST_EXACT_FACES:
            return out
        corners, low, high = self._corners_and_boxes
        together = max(1, _PAIRS_AT_ONCE // max(len(corners), 1))
        for start in range(0, len(doubtful), together):
            some = doubtful[start : start + together]
            reach = (out[some] + 1e-4)[:, None, None]  # far more than the tree rounds: its own find is among them
            near = ((low <= points[some, None] + reach) & (high >= points[some, None] - reach)).all(axis=2)
            which, face = np.nonzero(near)
            exact = distance_to_triangles(points[some[which]], *corners[face].transpose(1, 0, 2))
            out[some] = np.inf
            np.minimum.at(out, some[which], exact)
        return out

    @cached_property
    def _corners_and_boxes(self) -> tuple[Array, Array, Array]:
        """Corners of each triangle (M, 3, 3), and lowest and highest of each (M, 3)."""
        corners = self.world.vertices[self.world.faces]
        return corners, corners.min(axis=1), corners.max(axis=1)

    def contains(self, points: Array) -> NDArray[np.bool_]:
        """World points (N, 3) -> inside? By the winding along three rays, two of which must agree.

        Winding, not parity: things are made of closed parts that run into each other, where parity would call the
        common volume outside.
        """
        low, high = self.world.bounds
        inside = np.zeros(len(points), dtype=bool)
        for i in np.flatnonzero(((points > low) & (points < high)).all(axis=1)):
            origin = Vector(points[i])
            inside[i] = sum(self._winding(origin, ray) != 0 for ray in _INSIDE_RAYS) >= 2
        return inside

    def _winding(self, origin: Vector, direction: Vector) -> int:
        """Surfaces left minus surfaces entered along a ray."""
        total, start = 0, origin
        for _ in range(_MOST_CROSSINGS):
            hit, normal, _index, _distance = self.tree.ray_cast(start, direction)
            if hit is None:
                return total
            total += 1 if normal.dot(direction) > 0 else -1
            start = hit + direction * 1e-6
        return total

    @cached_property
    def closed(self) -> bool:
        """Whether every edge has exactly two triangles, so that inside and outside mean something.

        Corners at the same place count as one: formats split vertices at texture seams.
        """
        _, corners = np.unique(np.round(self.world.vertices, 6), axis=0, return_inverse=True)
        faces = corners.reshape(-1)[self.world.faces]
        edges = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)
        edges = edges[edges[:, 0] != edges[:, 1]]
        return bool((np.unique(edges, axis=0, return_counts=True)[1] % 2 == 0).all())


def boxes_overlap(a: MeshData, b: MeshData, margin: float = 0.0) -> bool:
    """Whether the axis-aligned boxes of two world meshes come within `margin` metres of each other."""
    (a_low, a_high), (b_low, b_high) = a.bounds, b.bounds
    return bool((a_low - margin <= b_high).all() and (b_low - margin <= a_high).all())


def silhouette(posed: PosedMesh, camera: Camera) -> NDArray[np.bool_]:
    """(H, W) bool: pixel centres whose ray meets the posed, whatever stands before it."""
    mask = np.zeros((camera.height, camera.width), dtype=bool)
    pixels, depth = camera.project(posed.world.vertices)
    if (depth <= 0).all():
        return mask
    if (depth <= 0).any():  # partly behind the camera: the projected box means nothing
        low, high = np.zeros(2, dtype=int), np.array([camera.width, camera.height])
    else:
        limits = [camera.width, camera.height]
        low = np.clip(np.floor(pixels.min(axis=0)), 0, limits).astype(int)
        high = np.clip(np.ceil(pixels.max(axis=0)), 0, limits).astype(int)
    u, v = np.meshgrid(np.arange(low[0], high[0]), np.arange(low[1], high[1]))
    if u.size == 0:
        return mask
    centres = np.column_stack([u.ravel() + 0.5, v.ravel() + 0.5])
    directions = camera.unproject(centres, np.ones(len(centres))) - camera.position
    origin, cast = Vector(camera.position), posed.tree.ray_cast
    hits = np.fromiter((cast(origin, Vector(d))[0] is not None for d in directions.tolist()), bool, len(directions))
    mask[v.ravel(), u.ravel()] = hits
    return mask
