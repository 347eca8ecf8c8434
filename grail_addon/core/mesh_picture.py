# SPDX-License-Identifier: GPL-3.0-or-later
"""A small shaded picture of a mesh file, without a renderer: what an object looks like in a list."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .arrays import Array, Rgb

BACKGROUND = (48, 48, 48)
GREY = (178, 178, 178)
AZIMUTH_DEG, ELEVATION_DEG = -50.0, 22.0
LIGHT = np.array([-0.35, 0.55, 0.75])
"""Where the light comes from, in the picture's own frame: right, up, towards the eye."""
MARGIN = 0.08
MOST_FACES = 200_000


def read_obj(path: Path) -> tuple[Array, NDArray[np.int64], Array | None, NDArray[np.int64]]:
    """(vertices (N, 3), corners (M, 3), texture points (K, 2) or None, their indices (M, 3)) of an OBJ; polygons are cut
    into fans. Raises OSError or ValueError where it cannot be read."""
    points: list[list[str]] = []
    uvs: list[list[str]] = []
    corners: list[tuple[str, str, str]] = []
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            kind, _, rest = line.partition(" ")
            if kind == "v":
                points.append(rest.split()[:3])
            elif kind == "vt":
                uvs.append(rest.split()[:2])
            elif kind == "f":
                ring = rest.split()
                corners += [(ring[0], ring[k], ring[k + 1]) for k in range(1, len(ring) - 1)]
            if len(corners) > MOST_FACES:
                raise ValueError("too many faces for a small picture")
    vertices = np.array(points, dtype=np.float64).reshape(-1, 3)
    numbers = [[text.split("/") for text in face] for face in corners]
    faces = np.array([[int(c[0]) for c in face] for face in numbers], dtype=np.int64).reshape(-1, 3)
    has_uvs = bool(uvs) and all(len(c) > 1 and c[1] for face in numbers for c in face)
    chosen = [[int(c[1]) for c in face] for face in numbers] if has_uvs else np.ones_like(faces)
    uv_faces = np.array(chosen, dtype=np.int64).reshape(-1, 3)
    texture = np.array(uvs, dtype=np.float64).reshape(-1, 2) if has_uvs else None
    return vertices, _from_zero(faces, len(vertices)), texture, _from_zero(uv_faces, len(uvs))


def _from_zero(indices: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """OBJ counts from one, and from the end with negative numbers."""
    return np.where(indices > 0, indices - 1, indices + count)


def _view() -> Array:
    """Rotation (3, 3) from the mesh (z up) to the picture: right, up, towards the eye."""
    azimuth, elevation = math.radians(AZIMUTH_DEG), math.radians(ELEVATION_DEG)
    eye = np.array(
        [
            math.cos(elevation) * math.cos(azimuth),
            math.cos(elevation) * math.sin(azimuth),
            math.sin(elevation),
        ]
    )
    right = np.array([-math.sin(azimuth), math.cos(azimuth), 0.0])
    return np.array([right, np.cross(eye, right), eye])


def draw_mesh(vertices: Array, faces: NDArray[np.int64], colours: Array, width: int, height: int) -> Rgb:
    """(H, W, 3). vertices (N, 3), z up, any unit; colours (M, 3) of the faces, 0 to 255."""
    picture = np.empty((height, width, 3), dtype=np.uint8)
    picture[:] = BACKGROUND
    if not len(faces):
        return picture
    seen = vertices @ _view().T
    low, high = seen.min(axis=0), seen.max(axis=0)
    size = np.maximum(high - low, 1e-12)
    factor = (1.0 - 2 * MARGIN) * min(width / size[0], height / size[1])
    middle = (low + high) / 2
    seen = (seen - middle) * factor * [1.0, -1.0, 1.0] + [width / 2, height / 2, 0.0]
    corners = seen[faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]) * [1.0, -1.0, 1.0]
    length = np.linalg.norm(normals, axis=1)
    facing = np.abs(normals @ (LIGHT / np.linalg.norm(LIGHT))) / np.maximum(length, 1e-12)
    shaded = np.clip(colours * (0.35 + 0.75 * facing)[:, None], 0, 255)
    depth = np.full(width * height, -np.inf)
    flat = picture.reshape(-1, 3)
    for some in np.array_split(np.flatnonzero(length > 0), max(1, len(faces) // 20_000)):
        pixels, heights, owners = _pixels(corners[some], width, height)
        order = np.lexsort((heights, pixels))
        pixels, heights, owners = pixels[order], heights[order], owners[order]
        last = np.r_[pixels[1:] != pixels[:-1], True] if len(pixels) else np.zeros(0, dtype=bool)
        nearer = last & (heights > depth[pixels])
        depth[pixels[nearer]] = heights[nearer]
        flat[pixels[nearer]] = shaded[some][owners[nearer]]
    return picture


def _pixels(corners: Array, width: int, height: int) -> tuple[NDArray[np.int64], Array, NDArray[np.int64]]:
    """(pixel, height towards the eye, triangle) for each pixel centre that lies in a triangle. corners: (M, 3, 3)."""
    flat = corners[:, :, :2]
    last = np.array([width, height]) - 1
    low = np.clip(np.ceil(flat.min(axis=1) - 0.5), 0, last + 1).astype(np.int64)
    high = np.clip(np.floor(flat.max(axis=1) - 0.5), -1, last).astype(np.int64)
    size = np.maximum(high - low + 1, 0)
    areas = size[:, 0] * size[:, 1]
    which = np.repeat(np.arange(len(areas)), areas)
    place = np.arange(len(which)) - np.repeat(np.cumsum(areas) - areas, areas)
    column = low[which, 0] + place % np.maximum(size[which, 0], 1)
    row = low[which, 1] + place // np.maximum(size[which, 0], 1)
    point = np.stack([column + 0.5, row + 0.5], axis=1)
    shares = []
    for k in range(3):
        start, end = flat[which, (k + 1) % 3], flat[which, (k + 2) % 3]
        along, there = end - start, point - start
        shares.append(along[:, 0] * there[:, 1] - along[:, 1] * there[:, 0])
    share = np.stack(shares, axis=1)
    total = share.sum(axis=1)
    inside = ((share >= 0).all(axis=1) | (share <= 0).all(axis=1)) & (total != 0)
    which, share = which[inside], share[inside] / total[inside, None]
    heights = (share * corners[which, :, 2]).sum(axis=1)
    return row[inside] * width + column[inside], heights, which
