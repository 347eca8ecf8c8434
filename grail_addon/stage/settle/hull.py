# SPDX-License-Identifier: GPL-3.0-or-later
"""Convex hulls by Blender's own bmesh operator, also for flat and for very dense meshes."""

from __future__ import annotations

from collections.abc import Iterator

import bmesh
import bpy
import numpy as np
from numpy.typing import NDArray

from ...core.arrays import Array
from ...core.errors import UserError
from ...core.settle.statics import convex_hull_2d, facet_normals
from ...core.settle.statics_coarse import corners_of
from ...steps.blender_calls import blender_call
from ...steps.effects import Pause, Steps, offload
from .world import Hull

FLAT = 1e-6  # of the size: thinner than this is a sheet
DENSE = 5000  # points above which an inner approximation is made first
DIRECTIONS = 400
FINE_DIRECTIONS = 2000
SLIVER = 1e-8  # of the size squared: a smaller facet's normal is noise, and without it the hull is larger by nothing
VERY_DENSE = 250_000  # points above which each is held against the facets near it alone
BLOCK = 1024  # points that are looked at together: what is made of them stays in the processor's cache
SAMPLE = 20_000  # of them, whose hull tells which are well inside
NEAR_CELLS = 40  # along each side of the grid that tells which facets a point may be outside of; 40^3 has 16 bits
NEAR_PAIRS = 1 << 20  # points times facets that are looked at together


def sphere_directions(count: int) -> Array:
    """Unit vectors (count, 3), evenly spread (golden spiral)."""
    k = np.arange(count) + 0.5
    z = 1.0 - 2.0 * k / count
    angle = k * np.pi * (3.0 - np.sqrt(5.0))
    ring = np.sqrt(1.0 - z * z)
    return np.stack([ring * np.cos(angle), ring * np.sin(angle), z], axis=1)


def extremes(points: Array, count: int) -> NDArray[np.int64]:
    """Indices, ascending, of the points farthest along `count` evenly spread directions."""
    directions = sphere_directions(count)
    best, index = np.full(count, -np.inf), np.zeros(count, dtype=np.int64)
    for start in range(0, len(points), BLOCK):
        reach = directions @ points[start : start + BLOCK].T
        found = np.argmax(reach, axis=1)
        value = reach[np.arange(count), found]
        better = value > best
        best[better], index[better] = value[better], start + found[better]
    return np.unique(index)


def _bmesh_hull(points: Array) -> Steps[Hull]:
    """Hull of points that are not all in one plane."""
    yield Pause("hull")
    faces = _hull_faces(points)
    return (yield from offload(lambda: _hull_of(points, faces), "hull"))


def _hull_of(points: Array, faces: NDArray[np.int32]) -> Hull:
    """The hull with those of the points alone that its triangles have."""
    used, index = np.unique(faces, return_inverse=True)
    return Hull(points[used], index.reshape(faces.shape).astype(np.int32))


def _hull_faces(points: Array) -> NDArray[np.int32]:
    """Triangles (M, 3) of the hull of points (N, 3), as their indices."""
    mesh = bpy.data.meshes.new("grail_hull")
    work = bmesh.new()
    try:
        mesh.vertices.add(len(points))
        mesh.vertices.foreach_set("co", points.astype(np.float32).ravel())
        with blender_call("bmesh.from_mesh"):
            work.from_mesh(mesh)
        with blender_call("bmesh.convex_hull"):
            bmesh.ops.convex_hull(work, input=list(work.verts), use_existing_faces=False)
        with blender_call("bmesh.to_mesh"):
            work.to_mesh(mesh)
        corners = np.empty(len(mesh.loops), dtype=np.int32)
        mesh.loops.foreach_get("vertex_index", corners)
        return corners.reshape(-1, 3)
    finally:
        work.free()
        bpy.data.meshes.remove(mesh)


def _flat_hull(points: Array, axes: Array) -> Hull:
    """Two-sided hull of points in a plane; axes (3, 3): the plane's directions, then its normal, in rows."""
    corners = convex_hull_2d(points @ axes[:2].T)
    fan = np.array([(0, k, k + 1) for k in range(1, len(corners) - 1)], dtype=np.int32)
    height = float((points @ axes[2]).mean())
    return Hull(corners @ axes[:2] + height * axes[2], np.concatenate([fan, fan[:, ::-1]]))


def convex_hull(points: Array) -> Steps[Hull]:
    """Hull of points (N, 3). A flat set gives a two-sided sheet. Raises UserError for a line or a point."""
    local, middle, size = yield from offload(lambda: _about_middle(points), "hull")
    sheet = yield from offload(lambda: _sheet(local, size), "hull")
    if sheet is not None:
        return Hull(sheet.vertices + middle, sheet.faces)
    if len(local) > DENSE:
        local = yield from _outside_inner_hull(local, size)
    hull = yield from _bmesh_hull(local)
    return Hull(hull.vertices + middle, hull.faces)


def _about_middle(points: Array) -> tuple[Array, Array, float]:
    """Points (N, 3) about the middle of their box, that middle (3,), and the box's longest side."""
    low, high = corners_of(points)
    middle = (low + high) / 2
    return points - middle, middle, float((high - low).max())


def _sheet(local: Array, size: float) -> Hull | None:
    """Hull of points (N, 3) about their middle that lie in a plane; None where they do not. Raises UserError for a line or a
    point."""
    _, axes = np.linalg.eigh(local.T @ local)
    axes = axes.T[::-1]  # widest direction first
    spread = [float(along.max() - along.min()) for along in (local @ axis for axis in axes)]
    if size == 0.0 or spread[1] <= FLAT * size:
        raise UserError("The mesh is only a line or a point, so it cannot be settled.", "Check the object's mesh.")
    return _flat_hull(local, axes) if spread[2] <= FLAT * size else None


def _outside_inner_hull(points: Array, size: float) -> Steps[Array]:
    """The points that are not strictly inside the hull of the extreme ones: all that the full hull needs."""
    if len(points) > VERY_DENSE:
        return (yield from _outside_samples(points, size))
    facets, rest = (yield from _facets(points)), points
    return (yield from offload(lambda: _outside(rest, facets, size), "hull"))


def _outside_samples(points: Array, size: float) -> Steps[Array]:
    """The same for very many points: twice against the hull of a sample, the second time of what was left."""
    facets, whole = (yield from _facets(points[:: len(points) // SAMPLE])), points
    left = yield from offload(lambda: outside_near(whole, facets, size), "hull")
    finer = yield from _facets(left[:: max(len(left) // (2 * SAMPLE), 1)], FINE_DIRECTIONS, SLIVER * size**2)
    return (yield from offload(lambda: outside_near(left, finer, size), "hull"))


def _facets(points: Array, directions: int = DIRECTIONS, least: float = 0.0) -> Steps[tuple[Array, Array]]:
    """Normals (M, 3) and offsets (M,) of the facets of the hull of the points that are extreme in so many directions, those
    that are larger than `least` (square metres)."""
    outermost = yield from offload(lambda: points[extremes(points, directions)], "hull")
    inner = yield from _bmesh_hull(outermost)
    return (yield from offload(lambda: _planes_of(inner, least), "hull"))


def _planes_of(hull: Hull, least: float) -> tuple[Array, Array]:
    normals, areas = facet_normals(hull.vertices, hull.faces)
    normals = normals[areas > least]
    return normals, np.einsum("ij,ij->i", hull.vertices[hull.faces[areas > least, 0]], normals)


def _outside(points: Array, facets: tuple[Array, Array], size: float) -> Array:
    """The points that are not strictly behind all facets."""
    normals, offsets = facets
    keep = [
        (block @ normals.T - offsets).max(axis=1) > -1e-7 * size
        for block in np.array_split(points, len(points) // BLOCK + 1)
    ]
    return points[np.concatenate(keep)]


def outside_near(points: Array, facets: tuple[Array, Array], size: float) -> Array:
    """As `_outside`, where each point is held against those facets only that reach the cell of a grid which it is in."""
    normals, offsets = facets
    low = np.array([column.min() for column in points.T])
    step = (
        max(max(float(column.max() - least) for column, least in zip(points.T, low, strict=True)), 1e-300) / NEAR_CELLS
    )
    key = np.zeros(len(points), dtype=np.uint16)
    for axis in range(3):
        along = np.minimum((points[:, axis] - low[axis]) / step, NEAR_CELLS - 1)
        key += along.astype(np.uint16) * np.uint16(NEAR_CELLS**axis)
    taken = np.flatnonzero(np.bincount(key, minlength=NEAR_CELLS**3))
    middles = low + (np.stack([taken // NEAR_CELLS**axis % NEAR_CELLS for axis in range(3)], axis=1) + 0.5) * step
    # from a cell's middle to its farthest corner along each normal; as much again would be for rounding
    limit = offsets - np.abs(normals).sum(axis=1) * (0.5001 * step) - 1e-7 * size
    near = [np.flatnonzero(reach > limit) for reach in _reaches(middles, normals)]
    is_kept = np.zeros(NEAR_CELLS**3, dtype=bool)
    is_kept[taken] = [len(facet) > 0 for facet in near]
    chosen = np.flatnonzero(is_kept[key])
    order = chosen[np.argsort(key[chosen], kind="stable")]  # a sort by digits, as the numbers are short
    ends = np.cumsum(np.bincount(key[chosen], minlength=NEAR_CELLS**3))
    kept = []
    for cell, facet in zip(taken, near, strict=True):
        mine = order[(ends[cell - 1] if cell else 0) : ends[cell]]
        for rows in np.array_split(mine, len(mine) * len(facet) // NEAR_PAIRS + 1) if len(facet) else ():
            beyond = points[rows] @ normals[facet].T > offsets[facet] - 1e-7 * size
            kept.append(rows[beyond.any(axis=1)])
    return points[np.sort(np.concatenate(kept))]


def _reaches(middles: Array, normals: Array) -> Iterator[Array]:
    """How far each of the points (N, 3) reaches along the normals (M, 3): (M,) for one after the other."""
    for block in np.array_split(middles, len(middles) // 256 + 1):
        yield from block @ normals.T


def lighter(hull: Hull, limit: int) -> Steps[Hull]:
    """The hull itself if it has at most `limit` vertices; else that of its extreme points in as many directions.

    Corners and flat faces stay exact (they reach farthest over a wide cone of directions); round parts get coarser.
    """
    if len(hull.vertices) <= limit:
        return hull
    points = yield from offload(lambda: hull.vertices[extremes(hull.vertices, limit)], "hull")
    return (yield from _bmesh_hull(points))
