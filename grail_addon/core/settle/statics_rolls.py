# SPDX-License-Identifier: GPL-3.0-or-later
"""Does a resting body roll? It does if it can turn by a good angle while its centre of mass hardly rises or falls."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array, Faces
from .statics import facet_normals

Pairs = NDArray[np.int64]
ROLL_ANGLE_DEG = 30.0
ROLL_RISE = 0.04  # of the COM's height: a 12-sided prism climbs 3.5% over each edge


def _barriers(vertices: Array, pair: Pairs, shared: Pairs, normals: Array, com: Array, heights: Array) -> Array:
    """COM height (E,) while the body turns over each edge from facet pair[:, 0] to pair[:, 1].

    shared (E, 2): the edge's vertices. The top of the way is where the COM stands over the edge, if it comes there;
    else the higher of the two facets.
    """
    a, b = vertices[shared[:, 0]], vertices[shared[:, 1]]
    along = (b - a) / np.maximum(np.linalg.norm(b - a, axis=1), 1e-300)[:, None]
    reach = a - com - np.einsum("ij,ij->i", a - com, along)[:, None] * along  # from the COM square to the edge
    distance = np.linalg.norm(reach, axis=1)
    first, second = normals[pair[:, 0]], normals[pair[:, 1]]
    axis = np.cross(first, second)
    passes = (np.einsum("ij,ij->i", np.cross(first, reach), axis) > 0) & (
        np.einsum("ij,ij->i", np.cross(reach, second), axis) > 0
    )
    return np.where(passes, distance, np.maximum(heights[pair[:, 0]], heights[pair[:, 1]]))


def _edges(faces: Faces) -> tuple[Pairs, Pairs]:
    """Facet pairs (E, 2) and vertex pairs (E, 2) of the edges that two triangles share."""
    edges = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1).astype(np.int64)
    owner = np.tile(np.arange(len(faces)), 3)
    order = np.lexsort((edges[:, 1], edges[:, 0]))
    edges, owner = edges[order], owner[order]
    twin = np.flatnonzero((edges[1:] == edges[:-1]).all(axis=1))
    return np.stack([owner[twin], owner[twin + 1]], axis=1), edges[twin]


def rolls(vertices: Array, faces: Faces, com: Array, down: Array) -> bool:
    """Whether a hull (vertices (N, 3), triangles (M, 3), COM (3,), body frame) resting with `down` (3,) downwards rolls.

    From the facet it rests on, go over edges that lift the COM by at most 4% onto facets that lower it by at most 4%;
    it rolls if that leads 30 degrees away. A box on its narrow end tips instead: its next face lies far lower. A bowl
    on its round bottom rocks back: its COM rises all the way.
    """
    normals, areas = facet_normals(vertices, faces)
    heights = np.einsum("ij,ij->i", vertices[faces[:, 0]] - com, normals)
    solid = areas > 1e-12 * float(areas.max())
    facing = np.where(solid, normals @ down, -2.0)
    start = int(np.argmax(facing))
    if heights[start] <= 1e-3 * float(np.ptp(vertices, axis=0).max()):
        return False  # a sheet: every way over its rim seems level
    low, high = heights[start] * (1.0 - ROLL_RISE), heights[start] * (1.0 + ROLL_RISE)
    pair, shared = _edges(faces)
    open_edge = _barriers(vertices, pair, shared, normals, com, heights) <= high
    level = (heights >= low) | ~solid
    open_edge &= level[pair].all(axis=1)
    near = normals @ normals[start]
    goal = solid & (near <= math.cos(math.radians(ROLL_ANGLE_DEG - 0.5)))
    reached = np.zeros(len(faces), dtype=np.bool_)
    reached[start] = True
    links = pair[open_edge]
    while True:  # each round spreads by one edge, so there are at most as many rounds as facets
        touched = reached[links]
        fresh = np.concatenate([links[touched[:, 0] & ~touched[:, 1], 1], links[touched[:, 1] & ~touched[:, 0], 0]])
        if len(fresh) == 0:
            return False
        reached[fresh] = True
        if bool((reached & goal).any()):
            return True
