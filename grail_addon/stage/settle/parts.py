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
from ...core.settle.statics_coarse import FINE_FACES, coarse
from ...core.settle.statics_com import is_closed, volume_and_centroid
from ...core.settle.statics_split import pieces
from ...steps.effects import Pause, Steps, offload
from .hull import convex_hull, lighter
from .world import Hull

CONVEX_SHARE = 0.98  # of its hull's volume: from here on a closed piece is its hull
CONCAVITY = 0.05
MOST_PARTS = 24
PART_LIMIT = 100  # vertices of a part's hull
CUT_CELLS = 48
"""Cells along the longest side of the stand-in that is cut for a mesh of very many triangles: what the library takes grows with
them, and its parts are coarser than that anyway. Where they lie on the support is set right by all points afterwards."""


@dataclass(eq=False)
class PartsCache:
    """Convex parts by mesh digest, in the mesh's own frame and scale."""

    parts: dict[str, tuple[Array, ...]] = field(default_factory=dict)

    def of(self, mesh: MeshData) -> Steps[tuple[Array, ...]]:
        """Corner points (N, 3) of each convex part of `mesh`."""
        key = mesh.digest()
        if key not in self.parts:
            is_fine = len(mesh.faces) > FINE_FACES
            cut = (yield from offload(lambda: coarse(mesh, CUT_CELLS), "convex parts")) if is_fine else mesh
            self.parts[key] = tuple((yield from _decompose(cut)))
        return self.parts[key]


def _volume(hull: Hull) -> float:
    return abs(volume_and_centroid(MeshData(hull.vertices, hull.faces))[0])


def _decompose(mesh: MeshData) -> Steps[list[Array]]:
    rest: list[MeshData] = []
    found: list[Array] = []
    for piece in (yield from offload(lambda: pieces(mesh), "convex parts")):
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
        found.extend((yield from offload(partial(_coacd, piece, most), "coacd")))
    return found


def _coacd(mesh: MeshData, most: int) -> list[Array]:
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
        resolution=500,
        mcts_nodes=8,
        mcts_iterations=30,
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
