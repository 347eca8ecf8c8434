# SPDX-License-Identifier: GPL-3.0-or-later
"""Centre of mass of a solid given by its surface, also where that surface has holes or flipped faces.

Uniform density. Which estimate is right for which kind of mesh was measured on 59 solids (docs/settling.md).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array, Faces
from ..mesh import MeshData
from .statics_coarse import FINE_FACES, is_balanced, is_dust, point_keys, stand_in, volume_moments
from .statics_pieces import turned_outwards

Method = Literal["volume", "parity", "surface", "box"]
PARITY_CELLS = 24
_BLOCK = 200_000  # triangles that are looked at together
# A grid line that runs exactly through an edge would count it twice or not at all; an odd shift avoids that.
_SHIFT = 0.0137


def weld(mesh: MeshData) -> NDArray[np.int64]:
    """Faces (M, 3) with vertices of exactly equal position made one (seams of textures split them), degenerate faces
    left out."""
    _, index = np.unique(mesh.vertices + 0.0, axis=0, return_inverse=True)  # + 0.0 makes -0.0 equal 0.0
    faces = index.reshape(-1)[mesh.faces].astype(np.int64)
    a, b, c = faces.T
    kept: NDArray[np.int64] = faces[(a != b) & (b != c) & (c != a)]
    return kept


def is_closed(faces: NDArray[np.int64]) -> bool:
    """True if every edge is shared by faces that run it equally often in either direction: closed, wound alike."""
    if len(faces) == 0:
        return False
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    low, high = edges.min(axis=1), edges.max(axis=1)
    key = low * (int(faces.max()) + 1) + high
    _, index = np.unique(key, return_inverse=True)
    balance = np.bincount(index.reshape(-1), weights=np.where(edges[:, 0] < edges[:, 1], 1.0, -1.0))
    return not balance.any()


def volume_and_centroid(mesh: MeshData) -> tuple[float, Array]:
    """Signed volume (m^3) and its centroid (3,), by tetrahedra from the middle of the box; (0, middle) if flat."""
    low, high = mesh.bounds
    middle = (low + high) / 2
    a, b, c = (mesh.vertices[mesh.faces[:, k]] - middle for k in range(3))
    six = np.einsum("ij,ij->i", a, np.cross(b, c))
    total = float(six.sum())
    if total == 0.0:
        return 0.0, middle
    return total / 6.0, middle + (six[:, None] * (a + b + c)).sum(axis=0) / (4.0 * total)


def surface_centroid(mesh: MeshData) -> Array | None:
    """Area-weighted centroid (3,) of the surface, or None if it has no area."""
    total, moment = 0.0, np.zeros(3)
    for start in range(0, len(mesh.faces), _BLOCK * 4):
        a, b, c = (mesh.vertices[mesh.faces[start : start + _BLOCK * 4, k]] for k in range(3))
        area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
        total += float(area.sum())
        moment += (area[:, None] * (a + b + c)).sum(axis=0)
    if total <= 0.0:
        return None
    weighted: Array = moment / (3.0 * total)
    return weighted


def _column_votes(points: Array, faces: Faces, cells: int, axis: int) -> NDArray[np.int64]:
    """Votes (cells,)*3, indexed [x, y, z], of rays along `axis`: 1 inside, -1 outside, 0 unknown.

    points (N, 3): vertices in cell units; faces (M, 3). A ray that crosses the surface an odd number of times met a hole, so
    nothing on it is known.
    """
    blocks = range(0, len(faces), _BLOCK)
    flips = np.sum([_flips(points[faces[start : start + _BLOCK]], cells, axis) for start in blocks], axis=0)
    passed = np.cumsum(flips.reshape(cells, cells, cells + 1), axis=2)
    votes = np.where(passed[:, :, :cells] % 2 == 1, 1, -1)
    votes[passed[:, :, cells] % 2 == 1] = 0
    return np.moveaxis(votes, [0, 1, 2], [(axis + 1) % 3, (axis + 2) % 3, axis])


def _flips(tri: Array, cells: int, axis: int) -> NDArray[np.int64]:
    """How many of the triangles (M, 3, 3) a ray crosses just below each cell: (cells * cells * (cells + 1),), the last place
    of a ray being beyond the grid."""
    u, v = (axis + 1) % 3, (axis + 2) % 3
    first = np.ceil(tri.min(axis=1) - 0.5 - _SHIFT).astype(np.int64)
    last = np.floor(tri.max(axis=1) - 0.5 - _SHIFT).astype(np.int64)
    first, last = np.clip(first, 0, cells), np.clip(last, -1, cells - 1)
    nu = np.maximum(last[:, u] - first[:, u] + 1, 0)
    nv = np.maximum(last[:, v] - first[:, v] + 1, 0)
    count = nu * nv
    face = np.repeat(np.arange(len(tri)), count)
    local = np.arange(len(face)) - np.repeat(np.cumsum(count) - count, count)
    iu = first[face, u] + local // np.maximum(nv[face], 1)
    iv = first[face, v] + local % np.maximum(nv[face], 1)
    pu, pv = iu + 0.5 + _SHIFT, iv + 0.5 + _SHIFT
    a, b, c = (tri[face, k] for k in range(3))
    det = (b[:, u] - a[:, u]) * (c[:, v] - a[:, v]) - (c[:, u] - a[:, u]) * (b[:, v] - a[:, v])
    safe = np.where(det == 0.0, 1.0, det)
    s = ((pu - a[:, u]) * (c[:, v] - a[:, v]) - (c[:, u] - a[:, u]) * (pv - a[:, v])) / safe
    t = ((b[:, u] - a[:, u]) * (pv - a[:, v]) - (pu - a[:, u]) * (b[:, v] - a[:, v])) / safe
    hit = (det != 0.0) & (s >= 0.0) & (t >= 0.0) & (s + t <= 1.0)
    depth = a[:, axis] + s * (b[:, axis] - a[:, axis]) + t * (c[:, axis] - a[:, axis])
    above = np.clip(np.ceil(depth[hit] - 0.5), 0, cells).astype(np.int64)  # first cell whose centre is past the hit
    return np.bincount((iu[hit] * cells + iv[hit]) * (cells + 1) + above, minlength=cells * cells * (cells + 1))


def parity_centroid(mesh: MeshData, cells: int = PARITY_CELLS) -> Array | None:
    """Centroid (3,) of the cells that most of three ray directions call inside; None if there are none.

    A lost face spoils only the rays through it, and the other two directions speak for those cells. Flipped faces
    do not matter at all. A lone sheet is crossed once by every ray, so it has no inside.
    """
    low, high = mesh.bounds
    step = np.maximum(high - low, 1e-12) / cells
    points = (mesh.vertices - low) / step
    votes = np.stack([_column_votes(points, mesh.faces, cells, axis) for axis in range(3)]).sum(axis=0)
    inside = np.argwhere(votes > 0)
    if len(inside) == 0:
        return None
    middle: Array = low + (inside.mean(axis=0) + 0.5) * step
    return middle


def centre_of_mass(mesh: MeshData, small: MeshData | None = None) -> tuple[Array, Method]:
    """Centre of mass (3,) in the mesh's frame and how it was found: "volume" for a closed, consistently wound mesh;
    else "parity"; else "surface" (a sheet); "box" when the mesh has no area at all. small: the mesh's stand-in, where it is
    at hand."""
    if len(mesh.faces) > FINE_FACES:
        return _centre_of_fine(mesh, small or stand_in(mesh))
    return _centre(mesh, _welded(mesh))


def _welded(mesh: MeshData) -> MeshData:
    """The mesh with the faces of `weld`, and the positions that those number."""
    return MeshData(np.unique(mesh.vertices + 0.0, axis=0), weld(mesh).astype(np.int32))


def _centre(mesh: MeshData, welded: MeshData | None) -> tuple[Array, Method]:
    """welded: the mesh as of `_welded`; None where it is known not to be closed."""
    low, high = mesh.bounds
    if welded is not None and is_closed(welded.faces.astype(np.int64)):
        volume, centroid = volume_and_centroid(mesh if (turned := turned_outwards(welded)) is welded else turned)
        box = float(np.prod(high - low))
        if abs(volume) > 1e-6 * box > 0.0 and bool(np.all((centroid >= low) & (centroid <= high))):
            return centroid, "volume"
    inside = parity_centroid(mesh)
    if inside is not None:
        return inside, "parity"
    sheet = surface_centroid(mesh)
    return ((low + high) / 2, "box") if sheet is None else (sheet, "surface")


def _centre_of_fine(mesh: MeshData, small: MeshData) -> tuple[Array, Method]:
    """By the coarse stand-in `small`, see `statics_coarse`; the volume's centroid itself is that of all triangles where none
    of the pieces is inside out. Of dust, of which little is left in the stand-in, all triangles count."""
    if is_dust(small):
        found = _of_all(mesh) if is_balanced(mesh.faces, point_keys(mesh.vertices)) else None
        return found or _centre(mesh, None)
    if not is_balanced(small.faces):
        return _centre(small, None)
    found = _of_all(mesh) if turned_outwards(small) is small else None
    return found or _centre(small, small)


def _of_all(mesh: MeshData) -> tuple[Array, Method] | None:
    """The volume's centroid of all triangles of a closed mesh, or None where that is no solid's."""
    low, high = mesh.bounds
    middle = (low + high) / 2
    total, moment = volume_moments(mesh, middle)
    centroid = middle + moment / (4.0 * total) if total else middle
    box = float(np.prod(high - low))
    solid = abs(total) / 6.0 > 1e-6 * box > 0.0 and bool(np.all((centroid >= low) & (centroid <= high)))
    return (centroid, "volume") if solid else None
