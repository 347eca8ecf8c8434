# SPDX-License-Identifier: GPL-3.0-or-later
"""Exact vertical distances between a body and the uneven surface below it: vertex to face both ways, edge to edge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from mathutils import Vector
from mathutils.bvhtree import BVHTree

from ...core.arrays import Array
from ...core.mesh import MeshData
from ...core.settle.statics import convex_hull_2d, edge_margin
from ...core.settle.statics_split import crossings, edges_of
from ...core.settle.support import MeshSupport
from ..measure.posed_mesh import tree_of

LIFT = 0.05  # metres the body is raised before looking, so that parts that have sunk in count too
MANY = 5000  # points above which those that are surely too high are left out first
LOOKED_AT = 500  # lowest points that tell how near the body is at least
ROUNDING = 1e-4  # metres: the search tree counts in single precision
DOWN, UP = Vector((0.0, 0.0, -1.0)), Vector((0.0, 0.0, 1.0))


@dataclass(frozen=True, eq=False)
class Contacts:
    """Points (K, 2) where body and surface lie over each other and the vertical distance (K,) there, metres."""

    points: Array
    distance: Array

    @property
    def nearest(self) -> float:
        """Smallest distance; infinite where nothing lies below the body."""
        return float(self.distance.min()) if len(self.distance) else float("inf")

    def carrying_gap(self, com_xy: Array, at_most: float) -> float:
        """The smallest distance such that the points within it hold the centre of mass (2,) between them; infinite if
        more than `at_most` above the nearest would be needed. 0 for a body that truly stands on three points."""
        order = np.argsort(self.distance, kind="stable")
        order = order[self.distance[order] <= self.nearest + at_most]
        low, high = 0, len(order) + 1
        while low + 1 < high:  # the margin only grows with more points, so halve
            middle = (low + high) // 2
            held = edge_margin(convex_hull_2d(self.points[order[:middle]]), com_xy) > 0.0
            low, high = (low, middle) if held else (middle, high)
        return float(self.distance[order[high - 1]]) if high <= len(order) else float("inf")


class Ground:
    """An uneven support with its search tree and edges."""

    def __init__(self, support: MeshSupport) -> None:
        self.mesh = MeshData(support.vertices, support.faces)
        self.tree = tree_of(self.mesh)
        self._edges = self.mesh.vertices[edges_of(self.mesh.faces)]

    def height(self, x: float, y: float, start: float) -> float | None:
        """Height of the surface below (x, y, start), or None."""
        hit = self.tree.ray_cast(Vector((x, y, start)), DOWN)[0]
        return None if hit is None else float(hit.z)

    def top_under(self, points: Array) -> float | None:
        """Highest point of the surface inside the xy box of `points` (N, 3), edges included; None if there is none."""
        low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
        corners = self.mesh.vertices[self.mesh.faces]
        near = (corners[:, :, :2].max(axis=1) >= low).all(axis=1) & (corners[:, :, :2].min(axis=1) <= high).all(axis=1)
        return float(corners[near, :, 2].max()) if near.any() else None

    def contacts(self, body: MeshData, reach: float) -> Contacts:
        """Vertical distances of `body` (world) to the surface, those within `reach` above the smallest."""
        raised = body.transformed(np.eye(3), np.array([0.0, 0.0, LIFT]))
        low, high = raised.bounds
        inside = ((self.mesh.vertices[:, :2] >= low[:2]) & (self.mesh.vertices[:, :2] <= high[:2])).all(axis=1)
        vertices, raised = self._lower_side(raised, reach)
        down, first = self._cast(self.tree, vertices, DOWN, np.inf)
        up, second = self._cast(tree_of(raised.drawn()), self.mesh.vertices[inside], UP, first + reach)
        nearest = min(first, second)
        xy, height = crossings(raised.vertices[edges_of(raised.faces)], self._edges, min(nearest, 1e9) + reach)
        distance = np.concatenate([down[:, 2], up[:, 2], height])
        points = np.concatenate([down[:, :2], up[:, :2], xy])
        keep = distance <= (distance.min() if len(distance) else 0.0) + reach
        return Contacts(points[keep], distance[keep] - LIFT)

    def _lower_side(self, raised: MeshData, reach: float) -> tuple[Array, MeshData]:
        """Of a body of many points those that may lie within `reach` above the smallest distance, and its triangles that may:
        none lies nearer than by its height over the highest point below the body."""
        height = raised.vertices[:, 2]
        top = self.top_under(raised.vertices)
        if len(height) <= MANY or top is None:
            return raised.vertices, raised
        lowest = raised.vertices[np.argpartition(height, LOOKED_AT)[:LOOKED_AT]]
        limit = top + self._cast(self.tree, lowest, DOWN, np.inf)[1] + reach + ROUNDING
        near = raised.faces[(height <= limit)[raised.faces].any(axis=1)]
        return raised.vertices[height <= limit], MeshData(raised.vertices, near)

    @staticmethod
    def _cast(tree: BVHTree, points: Array, direction: Vector, limit: float) -> tuple[Array, float]:
        """x, y, distance (K, 3) of rays from `points` that hit within `limit`, and the smallest distance."""
        found = []
        for point in points.tolist():
            distance = tree.ray_cast(Vector(point), direction)[3]
            if distance is not None and distance <= limit:
                found.append((point[0], point[1], distance))
        rows = np.array(found, dtype=np.float64).reshape(-1, 3)
        return rows, float(rows[:, 2].min()) if len(rows) else float("inf")
