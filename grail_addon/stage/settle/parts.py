# SPDX-License-Identifier: GPL-3.0-or-later
"""Convex parts of a mesh, for supports that a hull could not hook onto.

Pieces that are convex already stay as they are; the others go through the `coacd` library (seconds per object), so
parts are kept per mesh in a cache that the caller owns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from ...core.arrays import Array
from ...core.errors import Problem, UserError
from ...core.mesh import MeshData
from ...core.settle.statics_cells import cell_points
from ...core.settle.statics_coarse import FINE_FACES, grid_cells, is_dust, joined, stand_in
from ...core.settle.statics_com import is_closed, volume_and_centroid
from ...core.settle.statics_split import pieces
from ...steps.effects import Pause, Steps, offload
from .hull import BLOCK, convex_hull, lighter, sphere_directions
from .world import Hull

CONVEX_SHARE = 0.98  # of its hull's volume: from here on a closed piece is its hull
CONCAVITY = 0.05
MOST_CUT = 100_000  # triangles that are cut as they are
MOST_PARTS = 24
PART_LIMIT = 100  # vertices of a part's hull
CUT_CELLS = 24
"""Cells along the longest side of what is cut for a mesh of very many triangles: what the library takes grows with them. Each
part then takes in the points of the cells that it was cut from, and where it lies on the support is set right by all points."""
LIGHT_LIMIT = 24  # vertices of a part's hull in drops that only count
MOST_PIECES = 300
GRID_CELLS = 3
"""A mesh of more pieces is cut along a grid of so many cells along its longest side, so that a body never has thousands of parts."""


@dataclass(frozen=True)
class Search:
    """How hard the library looks for cuts."""

    iterations: int
    resolution: int


EXACT, QUICK = Search(30, 500), Search(10, 200)


@dataclass(eq=False)
class PartsCache:
    """Convex parts by mesh digest, in the mesh's own frame and scale."""

    parts: dict[str, tuple[Array, ...]] = field(default_factory=dict)

    def of(self, mesh: MeshData) -> Steps[tuple[Array, ...]]:
        """Corner points (N, 3) of each convex part of `mesh`."""
        key = yield from offload(mesh.digest, "convex parts")
        if key not in self.parts:
            make = _cut_fine if len(mesh.faces) > FINE_FACES else _cut
            self.parts[key] = tuple((yield from make(mesh)))
        return self.parts[key]


def _cut(mesh: MeshData) -> Steps[list[Array]]:
    """Parts of a mesh of which each triangle counts."""
    found = yield from offload(lambda: pieces(mesh), "convex parts")
    if len(found) > MOST_PIECES:
        return (yield from _cut_cells(mesh))
    return (yield from _decompose(found, EXACT))


def _cut_fine(mesh: MeshData) -> Steps[list[Array]]:
    """Parts of a mesh of very many triangles."""
    small = yield from offload(lambda: stand_in(mesh), "convex parts")
    key, _, _ = grid_cells(small.vertices, CUT_CELLS)
    cut, own = joined(small, key, CUT_CELLS)
    found = (yield from offload(lambda: pieces(cut), "convex parts")) if len(cut.faces) <= MOST_CUT else []
    if is_dust(cut) or not 0 < len(found) <= MOST_PARTS:
        return (yield from _cut_cells(small))
    parts = yield from _decompose(found, QUICK)
    return (yield from offload(lambda: _taken_in(parts, cut.vertices[own], small.vertices), "convex parts"))


def _cut_cells(mesh: MeshData) -> Steps[list[Array]]:
    """One part for each cell of a coarse grid: what is narrower than a cell in it is bridged."""
    directions = sphere_directions(PART_LIMIT)
    found = []
    for points in (yield from offload(lambda: cell_points(mesh, GRID_CELLS, directions), "convex parts")):
        try:
            yield from convex_hull(points)
        except UserError:
            continue  # a cell that is only just touched
        found.append(points)
    return found


def _taken_in(parts: list[Array], places: Array, points: Array) -> list[Array]:
    """Each part with those of the points (N, 3) for whose place (N, 3) in what was cut it is the nearest one."""
    nearest, index = np.full(len(places), np.inf), np.zeros(len(places), dtype=np.int64)
    for number, part in enumerate(parts):
        normals, offsets = _planes(part)
        beyond = np.concatenate(
            [(block @ normals.T - offsets).max(axis=1) for block in np.array_split(places, len(places) // BLOCK + 1)]
        )
        index[beyond < nearest] = number
        nearest = np.minimum(nearest, beyond)
    return [np.concatenate([part, points[index == number]]) for number, part in enumerate(parts)]


def _planes(part: Array) -> tuple[Array, Array]:
    """Unit normals (M, 3) outwards and offsets (M,) of planes that bound a part in evenly spread directions."""
    normals = sphere_directions(PART_LIMIT)
    return normals, (part @ normals.T).max(axis=0)


def _volume(hull: Hull) -> float:
    return abs(volume_and_centroid(MeshData(hull.vertices, hull.faces))[0])


def _decompose(all_pieces: list[MeshData], search: Search) -> Steps[list[Array]]:
    rest: list[MeshData] = []
    found: list[Array] = []
    for piece in all_pieces:
        yield Pause("convex parts")
        closed = is_closed(piece.faces.astype(np.int64))
        try:
            hull = yield from convex_hull(piece.vertices)
        except UserError:
            continue  # a loose edge or point carries nothing
        flat = _volume(hull) <= 1e-9 * piece.size**3
        if flat or (closed and abs(volume_and_centroid(piece)[0]) >= CONVEX_SHARE * _volume(hull)):
            found.append(hull.vertices)
        else:
            rest.append(piece)
    most = max(1, MOST_PARTS // max(len(rest), 1))
    for piece in rest:
        found.extend((yield from offload(partial(_coacd, piece, most, search), "coacd")))
    return found


def _coacd(mesh: MeshData, most: int, search: Search) -> list[Array]:
    """Parts of one piece. The search is kept small: it decides how well the cuts lie, not whether parts are convex."""
    try:
        import coacd
    except ImportError as error:
        raise UserError(
            Problem(
                "settling on an uneven support needs the `coacd` library, which is not installed.",
                "Install the add-on's own zip, which brings it on all systems but macOS on Intel, or `pip install coacd`.",
                str(error),
            )
        ) from error
    coacd.set_log_level("off")
    closed = is_closed(mesh.faces.astype(np.int64))
    made = coacd.run_coacd(
        coacd.Mesh(mesh.vertices, mesh.faces),
        threshold=CONCAVITY,
        max_convex_hull=most,
        preprocess_mode="off" if closed else "on",  # remeshing only where there is no inside to cut
        preprocess_resolution=40,
        resolution=search.resolution,
        mcts_nodes=8,
        mcts_iterations=search.iterations,
        mcts_max_depth=2,
        seed=0,
    )
    return [np.asarray(points, dtype=np.float64) for points, _ in made]


def body_parts(corners: Sequence[Array], scale: Array, com: Array) -> Steps[list[Hull]]:
    """Hulls of the parts, scaled by `scale` (3,) and about the centre of mass `com` (3,) of the scaled mesh."""
    found = []
    for points in corners:
        hull = yield from convex_hull(points * scale - com)
        found.append((yield from lighter(hull, PART_LIMIT)))
    return found


def lightened(parts: Sequence[Hull]) -> Steps[list[Hull]]:
    """The parts with so few vertices as do for drops that only count."""
    made = []
    for part in parts:
        made.append((yield from lighter(part, LIGHT_LIMIT)))
    return made
