# SPDX-License-Identifier: GPL-3.0-or-later
"""A polygon surface as arrays, and the few mesh operations that the garments need.

Plain numpy instead of modifiers: vertex order and values are then the same in every Blender version, and skin
weights travel through subdivision and cuts like coordinates do.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class Sheet:
    """vertices (N,3) m; faces (M,4), a triangle has -1 last; weights (N,B), rows sum to one; slot (M,) material."""

    vertices: np.ndarray
    faces: np.ndarray
    weights: np.ndarray
    slot: np.ndarray

    def moved(self, vertices: np.ndarray) -> Sheet:
        return replace(self, vertices=vertices)


def make_sheet(vertices: np.ndarray, faces: np.ndarray, weights: np.ndarray) -> Sheet:
    """Sheet of the vertices that `faces` (M,4) use, all faces in material slot 0."""
    return compact(Sheet(vertices, faces, weights, np.zeros(len(faces), np.int64)))


def compact(sheet: Sheet) -> Sheet:
    """Drop vertices that no face uses; the others keep their order."""
    used = np.unique(sheet.faces[sheet.faces >= 0])
    lookup = np.full(len(sheet.vertices) + 1, -1, np.int64)  # the spare last entry keeps -1 at -1
    lookup[used] = np.arange(len(used))
    return Sheet(sheet.vertices[used], lookup[sheet.faces], sheet.weights[used], sheet.slot)


def select(sheet: Sheet, faces: np.ndarray) -> Sheet:
    """The part of a sheet made of the faces where the mask or index array `faces` says so."""
    return compact(replace(sheet, faces=sheet.faces[faces], slot=sheet.slot[faces]))


def join(*sheets: Sheet) -> Sheet:
    """All sheets side by side; nothing is welded."""
    faces, start = [], 0
    for sheet in sheets:
        faces.append(np.where(sheet.faces >= 0, sheet.faces + start, -1))
        start += len(sheet.vertices)
    return Sheet(
        np.concatenate([s.vertices for s in sheets]),
        np.concatenate(faces),
        np.concatenate([s.weights for s in sheets]),
        np.concatenate([s.slot for s in sheets]),
    )


def scatter_mean(index: np.ndarray, values: np.ndarray, count: int) -> np.ndarray:
    """Mean of the rows of `values` (K,C) that share an `index` (K,); rows without any are zero."""
    order = np.argsort(index, kind="stable")
    where, starts = np.unique(index[order], return_index=True)
    out = np.zeros((count, values.shape[1]))
    if len(where):
        sums = np.add.reduceat(values[order], starts, axis=0)
        out[where] = sums / np.diff([*starts, len(order)])[:, None]
    return out


def corners(faces: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Directed edges of all faces: (start, end, face), each (K,)."""
    triangle = faces[:, 3] < 0
    following = np.roll(faces, -1, axis=1)
    following[triangle, 2] = faces[triangle, 0]
    valid = faces >= 0
    face = np.broadcast_to(np.arange(len(faces))[:, None], faces.shape)
    return faces[valid], following[valid], face[valid]


def edges(faces: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Unique undirected edges (E,2), how many faces use each (E,), and the edge of each directed corner (K,)."""
    start, end, _ = corners(faces)
    # one integer per edge: sorting these is far quicker than sorting rows
    span = int(faces.max()) + 1
    keys = np.minimum(start, end) * span + np.maximum(start, end)
    unique, inverse, uses = np.unique(keys, return_inverse=True, return_counts=True)
    return np.stack([unique // span, unique % span], axis=1), uses, inverse.reshape(-1)


def face_normals(sheet: Sheet) -> np.ndarray:
    """(M,3) area-weighted normals (not of unit length)."""
    points = sheet.vertices[sheet.faces]
    last = np.where(sheet.faces[:, 3:] < 0, points[:, 0], points[:, 3])
    # half the cross product of the diagonals is a quad's vector area; for a triangle the fourth point is the first
    return 0.5 * np.cross(points[:, 2] - points[:, 0], last - points[:, 1])


def unit(vectors: np.ndarray) -> np.ndarray:
    """Rows scaled to length one; zero rows stay zero."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)


def vertex_normals(sheet: Sheet) -> np.ndarray:
    """(N,3) unit normals, outward for the base mesh's winding."""
    start, _, face = corners(sheet.faces)
    return unit(scatter_mean(start, face_normals(sheet)[face], len(sheet.vertices)))


def subdivide(sheet: Sheet) -> Sheet:
    """One Catmull-Clark step with smooth borders; weights are interpolated by the same rule."""
    count = len(sheet.vertices)
    values = np.concatenate([sheet.vertices, sheet.weights], axis=1)
    start, _, face = corners(sheet.faces)
    centre = scatter_mean(face, values[start], len(sheet.faces))
    pairs, uses, of_corner = edges(sheet.faces)
    middle = values[pairs].mean(axis=1)
    border = uses == 1
    edge_point = np.where(border[:, None], middle, 0.5 * (middle + scatter_mean(of_corner, centre[face], len(pairs))))

    ends = np.concatenate([pairs[:, 0], pairs[:, 1]])
    around_edges = scatter_mean(ends, np.concatenate([middle, middle]), count)
    around_faces = scatter_mean(start, centre[face], count)
    valence = np.maximum(np.bincount(ends, minlength=count), 3)[:, None]
    moved = (around_faces + 2 * around_edges + (valence - 3) * values) / valence
    border_ends = np.concatenate([pairs[border, 0], pairs[border, 1]])
    on_border = np.isin(np.arange(count), border_ends)
    along = scatter_mean(border_ends, np.concatenate([middle[border]] * 2), count)
    moved[on_border] = 0.5 * (values[on_border] + along[on_border])

    out = np.concatenate([moved, edge_point, centre])
    # one quad per corner: its vertex, the edge after it, the face's centre, the edge before it
    order = np.lexsort((np.arange(len(start)), face))
    first = np.searchsorted(face[order], np.arange(len(sheet.faces)))
    sides = np.bincount(face, minlength=len(sheet.faces))
    rank = np.empty(len(start), np.int64)
    rank[order] = np.arange(len(start)) - first[face[order]]
    before = np.empty(len(start), np.int64)
    before[order] = of_corner[order[first[face[order]] + (rank[order] - 1) % sides[face[order]]]]
    quads = np.stack([start, count + of_corner, count + len(pairs) + face, count + before], axis=1)
    return Sheet(out[:, :3], quads, out[:, 3:], sheet.slot[face])


def neighbours(sheet: Sheet) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(ends, others, on_border): each edge both ways (2E,), and a mask (N,) of border vertices."""
    pairs, uses, _ = edges(sheet.faces)
    border = np.zeros(len(sheet.vertices), bool)
    border[pairs[uses == 1].reshape(-1)] = True
    ends = np.concatenate([pairs[:, 0], pairs[:, 1]])
    others = np.concatenate([pairs[:, 1], pairs[:, 0]])
    # a border vertex follows its border only, so hems stay in their plane while they get smooth
    along = np.concatenate([uses == 1, uses == 1])
    keep = ~border[ends] | along
    return ends[keep], others[keep], border


def smooth(sheet: Sheet, times: int, factor: float | np.ndarray = 0.5) -> Sheet:
    """Move each vertex `factor` (scalar or (N,)) of the way to its neighbours' mean, `times` over."""
    ends, others, _ = neighbours(sheet)
    vertices = sheet.vertices
    step = np.broadcast_to(np.asarray(factor, float).reshape(-1, 1), (len(vertices), 1))
    for _ in range(times):
        vertices = vertices + step * (scatter_mean(ends, vertices[others], len(vertices)) - vertices)
    return sheet.moved(vertices)


def largest_piece(sheet: Sheet) -> Sheet:
    """The connected part with the most faces."""
    label = np.arange(len(sheet.vertices))
    pairs, _, _ = edges(sheet.faces)
    while True:
        low = np.minimum(label[pairs[:, 0]], label[pairs[:, 1]])
        new = label.copy()
        np.minimum.at(new, pairs[:, 0], low)
        np.minimum.at(new, pairs[:, 1], low)
        new = new[new]
        if np.array_equal(new, label):
            break
        label = new
    of_face = label[sheet.faces[:, 0]]
    return select(sheet, of_face == np.bincount(of_face).argmax())


def border_loops(sheet: Sheet) -> list[np.ndarray]:
    """Border vertices in order, one closed loop each, walking with the surface on the left."""
    _, uses, of_corner = edges(sheet.faces)
    start, end, _ = corners(sheet.faces)
    alone = uses[of_corner] == 1
    following = dict(zip(start[alone].tolist(), end[alone].tolist(), strict=True))
    loops = []
    while following:
        first = min(following)
        loop = [first]
        while (step := following.pop(loop[-1])) != first:
            loop.append(step)
        loops.append(np.array(loop))
    return loops
