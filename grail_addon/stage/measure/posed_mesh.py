# SPDX-License-Identifier: GPL-3.0-or-later
"""The surfaces of things on a stage as search trees: distances, overlaps, containment, silhouettes.

A tree is built when it is first needed. Building one of a fine mesh (a person) takes longer than all that is asked of it,
and it moves with every variant; so there a tree is built of those triangles alone that an answer can depend on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
from typing import Any

import numpy as np
from mathutils import Matrix, Vector
from mathutils.bvhtree import BVHTree
from numpy.typing import NDArray

from ...core.arrays import Array, Ints
from ...core.camera import Camera
from ...core.face_boxes import FaceBoxes
from ...core.mesh import MeshData, distance_to_triangles, thin_faces
from ...steps.blender_calls import blender_call

# Not along any axis or diagonal, so that a ray does not run through the edges that modelled things are full of.
_INSIDE_RAYS = tuple(Vector(d).normalized() for d in ((0.31, 0.17, 0.935), (-0.61, 0.43, 0.27), (0.23, -0.79, -0.41)))
_MOST_CROSSINGS = 64
_MANY_FACES = 20000  # a tree of more is costly
_PAIRS_AT_ONCE = 500_000  # points times triangles measured in one go: some hundred megabytes
_THIN = 300.0  # 1/metres: longest side cubed over height squared, from where on single precision is off by 0.01 mm
_FIRST_LOOK = 64  # points
_ROUNDING = 1e-4  # metres that a search tree's distance may be too small, and more
_NEAR = 0.003  # metres: a surface that was rendered is rarely farther from where its depth says


def rows(values: NDArray[Any]) -> Iterable[tuple[Any, ...]]:
    """The rows of an array (N, 3) as tuples: of thousands of lists, Python's garbage collector would look through each, and
    then through all that Blender holds, which takes 40 ms."""
    return zip(*values.T.tolist(), strict=True)


def tree_of(mesh: MeshData) -> BVHTree:
    """Search tree of a mesh, in the frame of its vertices."""
    vertices, faces = list(rows(mesh.vertices)), list(rows(mesh.faces))
    with blender_call("BVHTree.FromPolygons"):
        return BVHTree.FromPolygons(vertices, faces, all_triangles=True)


class OwnFrame:
    """A mesh in its own frame, metres; its search tree serves every pose of it."""

    def __init__(self, mesh: MeshData) -> None:
        self.mesh = mesh

    @cached_property
    def tree(self) -> BVHTree:
        return tree_of(self.mesh)


@dataclass(frozen=True, eq=False)
class _ThinFaces:
    """Faces that a search tree measures wrongly by more than a hundredth of a millimetre, and their boxes."""

    faces: Ints
    boxes: FaceBoxes

    @classmethod
    def of(cls, mesh: MeshData, among: Ints | None = None) -> _ThinFaces:
        """Of a mesh's faces, or of those named."""
        some = mesh if among is None else MeshData(mesh.vertices, mesh.faces[among])
        thin = thin_faces(some, _THIN)
        boxes = FaceBoxes.of(MeshData(mesh.vertices, some.faces[thin]))
        return cls(thin if among is None else among[thin], boxes)


@dataclass(frozen=True, eq=False)
class PosedMesh:
    """A mesh of the stage in world coordinates. name: as users know it; number: its id in the id map.

    own, to_own: the same before it was posed, where that is kept from pose to pose, and the way there from the world.
    """

    name: str
    number: int
    world: MeshData
    own: OwnFrame | None = None
    to_own: Matrix | None = None

    @cached_property
    def tree(self) -> BVHTree:
        """Search tree of the surface, in the world."""
        return tree_of(self.world)

    @property
    def _has_costly_tree(self) -> bool:
        return len(self.world.faces) > _MANY_FACES and "tree" not in self.__dict__

    @cached_property
    def _boxes(self) -> FaceBoxes:
        return FaceBoxes.of(self.world)

    def _tree_of_faces(self, faces: Ints) -> BVHTree:
        return tree_of(MeshData(self.world.vertices, self.world.faces[faces]).drawn())

    def distance(self, points: Array) -> Array:
        """World points (N, 3) -> distance (N,) in metres to the surface; infinite where it has none.

        The tree works in single precision and places the foot of a perpendicular on a long thin triangle centimetres
        from where it is, always too far away. So those are measured again in double.
        """
        found, thin = self._found(points)
        return self._corrected(points, found, thin)

    def _corrected(self, points: Array, found: Array, thin: _ThinFaces, below: float = np.inf) -> Array:
        """What the tree found (N,) for points (N, 3), or what a thin face that it places farther off is really at; faces that
        are `below` away or more may be left out."""
        doubtful = np.flatnonzero(found > 1e-4)
        together = max(1, _PAIRS_AT_ONCE // max(len(thin.faces), 1))
        for start in range(0, len(doubtful) if len(thin.faces) else 0, together):
            some = doubtful[start : start + together]
            which, face = thin.boxes.near(points[some], np.minimum(found[some], below))
            corners = self.world.vertices[self.world.faces[thin.faces[face]]]
            exact = distance_to_triangles(points[some[which]], *corners.transpose(1, 0, 2))
            np.minimum.at(found, some[which], exact)
        return found

    @cached_property
    def _thin(self) -> _ThinFaces:
        return _ThinFaces.of(self.world)

    def _found(self, points: Array) -> tuple[Array, _ThinFaces]:
        """Distance (N,) from each point as a search tree finds it, and the thin faces that may be nearer."""
        if not self._has_costly_tree:
            return _nearest(self.tree, points), self._thin
        found, thin = self._found_within(points, _NEAR)
        far = np.flatnonzero(found >= _NEAR)
        if not len(far):
            return found, thin
        found[far] = _nearest(self.tree, points[far])
        return found, self._thin

    def _found_within(self, points: Array, reach: float) -> tuple[Array, _ThinFaces]:
        """As `_found`; where a distance is `reach` or more, any number from `reach` on."""
        is_near = np.zeros(len(self.world.faces), dtype=bool)
        is_near[self._boxes.near(points, np.full(len(points), reach))[1]] = True
        faces = np.flatnonzero(is_near)
        thin = _ThinFaces.of(self.world, faces)
        if not len(faces):
            return np.full(len(points), np.inf), thin
        return _nearest(self._tree_of_faces(faces), points), thin

    def least_distance(self, points: Array, below: float = np.inf) -> float:
        """The least distance in metres of any of the points; at least `below` where none is nearer than that.

        Points are taken in the order of their distance to the box of the surface, as long as one may be nearer yet.
        """
        low, high = self.world.bounds
        away = np.linalg.norm(np.maximum(np.maximum(low - points, points - high), 0.0), axis=1) - _ROUNDING
        order = np.argsort(away, kind="stable")
        points, away = points[order], away[order]
        least, start, count = np.inf, 0, _FIRST_LOOK
        while start < len(points) and away[start] < min(least, below):
            least = min(least, self._least_distance(points[start : start + count], min(least, below)))
            start, count = start + count, count * 4
        return least

    def _least_distance(self, points: Array, below: float) -> float:
        """`least_distance`, of all the points."""
        if self._has_costly_tree and np.isfinite(below):
            found, thin = self._found_within(points, below)
            found = np.minimum(found, below)
        else:
            found, thin = self._found(points)
        # no thin face farther than the least that was found changes it
        return float(self._corrected(points, found, thin, below=float(found.min())).min())

    def crossings(self, other: PosedMesh) -> list[tuple[int, int]]:
        """Pairs of a triangle of this and one of the other that cross."""
        if not self._has_costly_tree:
            return list(self.tree.overlap(other.tree))
        faces = self._boxes.close_to(other._boxes, _NEAR)
        if not len(faces):
            return []
        found = self._tree_of_faces(faces).overlap(other.tree)
        return [(int(faces[mine]), theirs) for mine, theirs in found]

    def contains(self, points: Array) -> NDArray[np.bool_]:
        """World points (N, 3) -> inside? By the winding along three rays, two of which must agree.

        Winding, not parity: things are made of closed parts that run into each other, where parity would call the
        common volume outside.
        """
        low, high = self.world.bounds
        inside = np.zeros(len(points), dtype=bool)
        candidates = np.flatnonzero(((points > low) & (points < high)).all(axis=1))
        if not len(candidates):
            return inside
        tree, rays, origins = self._tree_and_rays(points[candidates])
        for i, origin in zip(candidates, origins, strict=True):
            first, second = (_winding(tree, origin, ray) != 0 for ray in rays[:2])
            inside[i] = first if first == second else _winding(tree, origin, rays[2]) != 0
        return inside

    def _tree_and_rays(self, points: Array) -> tuple[BVHTree, Sequence[Vector], Sequence[Vector]]:
        """A search tree of the whole surface, directions for tests of inside, and the points, all in the tree's frame."""
        origins = [Vector(p) for p in points]
        if self.own is None or self.to_own is None:
            return self.tree, _INSIDE_RAYS, origins
        turn = self.to_own.to_3x3()
        return self.own.tree, [(turn @ ray).normalized() for ray in _INSIDE_RAYS], [self.to_own @ p for p in origins]

    @cached_property
    def closed(self) -> bool:
        """Whether every edge has exactly two triangles, so that inside and outside mean something.

        Corners at the same place count as one: formats split vertices at texture seams.
        """
        places = np.round(self.world.vertices, 6)
        order = np.lexsort(places.T)
        is_new = (np.diff(places[order], axis=0) != 0.0).any(axis=1)
        corners = np.empty(len(places), dtype=np.int64)
        corners[order] = np.concatenate([[0], np.cumsum(is_new)])[: len(places)]
        faces = corners[self.world.faces]
        start, end = faces.ravel(), np.roll(faces, -1, axis=1).ravel()
        edges = np.minimum(start, end) * len(places) + np.maximum(start, end)
        return bool((np.unique(edges[start != end], return_counts=True)[1] % 2 == 0).all())


def _nearest(tree: BVHTree, points: Array) -> Array:
    """Distance (N,) from each point (N, 3) to the tree's surface; infinite where it has none."""
    found = np.array([hit[3] for hit in map(tree.find_nearest, rows(points))], dtype=np.float64)  # None becomes NaN
    found[np.isnan(found)] = np.inf
    return found


def _winding(tree: BVHTree, origin: Vector, direction: Vector) -> int:
    """Surfaces left minus surfaces entered along a ray."""
    total, start = 0, origin
    for _ in range(_MOST_CROSSINGS):
        hit, normal, _index, _distance = tree.ray_cast(start, direction)
        if hit is None:
            return total
        total += 1 if normal.dot(direction) > 0 else -1
        start = hit + direction * 1e-6
    return total


def boxes_overlap(a: MeshData, b: MeshData, margin: float = 0.0) -> bool:
    """Whether the axis-aligned boxes of two world meshes come within `margin` metres of each other."""
    (a_low, a_high), (b_low, b_high) = a.bounds, b.bounds
    return bool((a_low - margin <= b_high).all() and (b_low - margin <= a_high).all())


def box_of(posed: PosedMesh, camera: Camera) -> tuple[Ints, Ints]:
    """First column and row of pixels (2,) that may see it, and those after the last; the same where none does."""
    limits = np.array([camera.width, camera.height])
    pixels, depth = camera.project(posed.world.vertices)
    if (depth <= 0).all():
        return np.zeros(2, dtype=np.int64), np.zeros(2, dtype=np.int64)
    if (depth <= 0).any():  # partly behind the camera: the projected box means nothing
        return np.zeros(2, dtype=np.int64), limits
    low = np.clip(np.floor(pixels.min(axis=0)), 0, limits).astype(np.int64)
    high = np.clip(np.ceil(pixels.max(axis=0)), 0, limits).astype(np.int64)
    return low, high


def silhouette(posed: PosedMesh, camera: Camera) -> NDArray[np.bool_]:
    """(H, W) bool: pixel centres whose ray meets the posed, whatever stands before it."""
    mask = np.zeros((camera.height, camera.width), dtype=bool)
    low, high = box_of(posed, camera)
    box = _meets_a_box(posed.world, camera, low, high)
    v, u = np.nonzero(box)
    if u.size == 0:
        return mask
    u, v = u + low[0], v + low[1]
    centres = np.column_stack([u + 0.5, v + 0.5])
    directions = camera.unproject(centres, np.ones(len(centres))) - camera.position
    origin, cast = Vector(camera.position), posed.tree.ray_cast
    mask[v, u] = [hit[0] is not None for hit in map(cast, repeat(origin), rows(directions))]
    return mask


def _meets_a_box(world: MeshData, camera: Camera, low: Ints, high: Ints) -> NDArray[np.bool_]:
    """For pixels from `low` to before `high`, column and row (2,), whether one lies in the box round a triangle's corners, or
    beside it: no other ray can meet the mesh."""
    width, height = (high - low).tolist()
    pixels, depth = camera.project(world.vertices)
    if (depth <= 0).any() or width <= 0 or height <= 0:
        return np.ones((max(height, 0), max(width, 0)), dtype=bool)
    corners = np.floor(pixels).astype(np.int64)[world.faces] - low
    first = np.clip(corners.min(axis=1) - 1, 0, [width, height])
    after = np.clip(corners.max(axis=1) + 2, 0, [width, height])
    size = (width + 1) * (height + 1)
    places = [y[:, 1] * (width + 1) + x[:, 0] for x in (first, after) for y in (first, after)]
    begin, left, right, end = (np.bincount(place, minlength=size) for place in places)
    starts = (begin + end - left - right).reshape(
        height + 1, width + 1
    )  # how many boxes begin there, less those that end
    return np.cumsum(np.cumsum(starts, axis=0), axis=1)[:height, :width] > 0
