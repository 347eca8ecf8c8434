# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts -> one OBJ with one material: a texture atlas, smooth and hard normals, the same bytes on every run.

One material with one atlas, because readers downstream (trimesh, FoundationPose) take exactly one.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .canvas import Canvas, write_png
from .shapes import Array, Part

PAD = 3


def corner_normals(vertices: Array, faces: NDArray[np.int32], crease: float) -> Array:
    """Unit normals (M, 3, 3), one per face corner: smooth across edges flatter than `crease` degrees, hard elsewhere."""
    a, b, c = (vertices[faces[:, i]] for i in range(3))
    weighted = np.cross(b - a, c - a)
    unit = weighted / np.maximum(np.linalg.norm(weighted, axis=1, keepdims=True), 1e-20)
    corner_vertex = faces.ravel()
    corner_face = np.repeat(np.arange(len(faces)), 3)
    order = np.argsort(corner_vertex, kind="stable")
    start = np.searchsorted(corner_vertex[order], np.arange(len(vertices)))
    count = np.bincount(corner_vertex, minlength=len(vertices))
    mates = count[corner_vertex[order]]  # each corner meets every corner at its vertex, itself included
    first = np.repeat(np.arange(len(order)), mates)
    offset = np.arange(len(first)) - np.repeat(np.cumsum(mates) - mates, mates)
    second = np.repeat(start[corner_vertex[order]], mates) + offset
    f1, f2 = corner_face[order[first]], corner_face[order[second]]
    near = (unit[f1] * unit[f2]).sum(axis=1) > np.cos(np.radians(crease))
    total = np.zeros((len(order), 3))
    np.add.at(total, order[first[near]], weighted[f2[near]])
    normals = total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-20)
    return np.asarray(normals.reshape(-1, 3, 3))


def pack(sizes: Sequence[tuple[int, int]], side: int) -> list[tuple[int, int]] | None:
    """Lower left corners of rectangles (w, h) laid out in shelves inside a square of `side` pixels; None: no room."""
    places: dict[int, tuple[int, int]] = {}
    x = y = shelf = 0
    for n in sorted(range(len(sizes)), key=lambda i: (-sizes[i][1], -sizes[i][0], i)):
        w, h = sizes[n]
        if x + w > side:
            x, y, shelf = 0, y + shelf, 0
        if w > side or y + h > side:
            return None
        places[n] = (x, y)
        x, shelf = x + w, max(shelf, h)
    return [places[n] for n in range(len(sizes))]


def atlas_layout(parts: Sequence[Part], side: int) -> tuple[float, list[tuple[int, int]]]:
    """The largest common density (pixels per metre) at which all charts fit, and their places."""
    low, high = 1.0, 1e6
    best: list[tuple[int, int]] = []
    for _ in range(40):
        density = (low * high) ** 0.5
        sizes = [tuple(int(np.ceil(s * density)) + 2 * PAD for s in p.size) for p in parts]
        places = pack([(w, h) for w, h in sizes], side)
        if places is None:
            high = density
        else:
            low, best = density, places
    return low, best


def _halved(pixels: Array) -> Array:
    """Half the resolution (H, W) -> (H / 2, W / 2): roughness and metal need less than colour does."""
    return np.asarray(pixels.reshape(pixels.shape[0] // 2, 2, pixels.shape[1] // 2, 2).mean(axis=(1, 3)))


def write_object(folder: Path, parts: Sequence[Part], scale: float, side: int = 1024) -> None:
    """Write model.obj, model.mtl and its textures into `folder`.

    parts: life-size, metres, z up; all raw coordinates are divided by `scale`, so that obj_scale = scale restores them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    density, places = atlas_layout(parts, side)
    color = np.full((side, side, 3), 0.5)
    rough, metal = np.full((side, side), 0.5), np.zeros((side, side))
    lines = ["mtllib model.mtl", "o model", "usemtl model"]
    v_lines: list[str] = []
    vt_lines: list[str] = []
    vn_lines: list[str] = []
    f_lines: list[str] = []
    base = corner = 0
    for part, (x, y) in zip(parts, places, strict=True):
        canvas = Canvas(part.size, density, PAD)
        if part.paint is not None:
            part.paint(canvas)
        h, w = canvas.rough.shape
        color[y : y + h, x : x + w] = canvas.color
        rough[y : y + h, x : x + w], metal[y : y + h, x : x + w] = canvas.rough, canvas.metal
        uv = (part.uv * density + np.array([x + PAD, y + PAD])) / side
        normals = corner_normals(part.vertices, part.faces, part.crease)
        v_lines += [f"v {a:.7f} {b:.7f} {c:.7f}" for a, b, c in (part.vertices / scale + 0.0).tolist()]
        vt_lines += [f"vt {a:.5f} {b:.5f}" for a, b in uv.reshape(-1, 2).tolist()]
        vn_lines += [f"vn {a:.3f} {b:.3f} {c:.3f}" for a, b, c in (normals.reshape(-1, 3) + 0.0).tolist()]
        for face in (part.faces + base + 1).tolist():
            f_lines.append("f " + " ".join(f"{v}/{corner + i + 1}/{corner + i + 1}" for i, v in enumerate(face)))
            corner += 3
        base += len(part.vertices)
    text = "\n".join([*lines[:2], *v_lines, *vt_lines, *vn_lines, *lines[2:], *f_lines]) + "\n"
    (folder / "model.obj").write_text(text, encoding="ascii", newline="\n")
    write_png(folder / "model_color.png", color)
    write_png(folder / "model_roughness.png", _halved(rough))
    material = ["newmtl model", "Kd 1 1 1", "Ks 0.5 0.5 0.5", "Pr 0.5", "Pm 0", "illum 2", "map_Kd model_color.png"]
    material.append("map_Pr model_roughness.png")
    if metal.any():
        write_png(folder / "model_metallic.png", _halved(metal))
        material.append("map_Pm model_metallic.png")
    (folder / "model.mtl").write_text("\n".join(material) + "\n", encoding="ascii", newline="\n")
