# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes terrain: `model.obj`, `model.mtl`, its texture and `terrain.json` for each instance, and the object config.

One material with one texture, because readers downstream (trimesh, FoundationPose) take exactly one.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ..arrays import Array
from ..files import write_bytes, write_json, write_text
from ..streams import stream
from .draw import Kind, describe, draw_terrain
from .framing import camera_keys
from .paint import painted
from .shapes import solids
from .solids import Solid

PAD = 4
TEXTURE = "model_color.jpg"
_ROUGHNESS = 0.75
SCENES: dict[Kind, str] = {
    "stairs": "indoor1-syn-stairs",
    "curb": "indoor1-terrain-curb",
    "slope": "indoor1-terrain-slope",
}


def _shelves(sizes: Sequence[tuple[int, int]], side: int) -> list[tuple[int, int]] | None:
    """Lower left corners of rectangles laid out in shelves inside a square; None where there is no room."""
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


def _layout(parts: Sequence[Solid], side: int) -> tuple[float, list[tuple[int, int]]]:
    """The largest pixels per metre at which all charts fit, and their places."""
    low, high = 1.0, 4096.0
    best: list[tuple[int, int]] = []
    for _ in range(30):
        density = (low * high) ** 0.5
        sizes = [
            (int(np.ceil(p.size[0] * density)) + 2 * PAD, int(np.ceil(p.size[1] * density)) + 2 * PAD) for p in parts
        ]
        places = _shelves(sizes, side)
        if places is None:
            high = density
        else:
            low, best = density, places
    return low, best


def _normals(part: Solid) -> Array:
    """Unit normals (M, 3, 3) of the corners: the faces' own, or for tubes the mean at each vertex."""
    corners = part.vertices[part.faces]
    flat = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    if part.smooth:
        total = np.zeros_like(part.vertices)
        for corner in range(3):
            np.add.at(total, part.faces[:, corner], flat)
        normals = total[part.faces]
    else:
        normals = np.repeat(flat[:, None, :], 3, axis=1)
    return np.asarray(normals / np.maximum(np.linalg.norm(normals, axis=2, keepdims=True), 1e-20))


def write_model(folder: Path, parts: Sequence[Solid], rng: np.random.Generator, side: int) -> None:
    """`model.obj`, `model.mtl` and the texture of `parts`; side: pixels of the square texture."""
    density, places = _layout(parts, side)
    atlas = np.full((side, side, 3), 0.5)
    v, vt, vn, f = [], [], [], []
    base = corner = 0
    for part, (x, y) in zip(parts, places, strict=True):
        chart = painted(part, density, PAD, rng)
        atlas[y : y + chart.shape[0], x : x + chart.shape[1]] = chart
        uv = (part.uv * density + np.array([x + PAD, y + PAD])) / side
        v += [f"v {a:.6f} {b:.6f} {c:.6f}" for a, b, c in (part.vertices + 0.0).tolist()]
        vt += [f"vt {a:.5f} {b:.5f}" for a, b in uv.reshape(-1, 2).tolist()]
        vn += [f"vn {a:.4f} {b:.4f} {c:.4f}" for a, b, c in (_normals(part).reshape(-1, 3) + 0.0).tolist()]
        for face in (part.faces + base + 1).tolist():
            f.append("f " + " ".join(f"{p}/{corner + i + 1}/{corner + i + 1}" for i, p in enumerate(face)))
            corner += 3
        base += len(part.vertices)
    write_text(
        folder / "model.obj", "\n".join(["mtllib model.mtl", "o model", *v, *vt, *vn, "usemtl model", *f]) + "\n"
    )
    material = [
        "newmtl model",
        "Kd 1 1 1",
        "Ks 0.2 0.2 0.2",
        f"Pr {_ROUGHNESS}",
        "Pm 0",
        "illum 2",
        f"map_Kd {TEXTURE}",
    ]
    write_text(folder / "model.mtl", "\n".join(material) + "\n")
    pixels = (np.clip(atlas[::-1], 0, 1) * 255 + 0.5).astype(np.uint8)
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, "JPEG", quality=92)
    write_bytes(folder / TEXTURE, data.getvalue())


def write_terrain(folder: Path, kind: Kind, seed: int, number: int, side: int = 1024) -> dict[str, Any]:
    """Write instance `number` into `folder`; returns its entry of the object config."""
    terrain = draw_terrain(kind, seed, number)
    parts = solids(terrain)
    write_model(folder, parts, stream(seed, "terrain", kind, number, "texture"), side)
    write_json(folder / "terrain.json", {**describe(terrain), "seed": seed, "number": number})
    points = np.concatenate([part.vertices for part in parts])
    return {"obj_scale": 1.0, "scene": SCENES[kind], **camera_keys(points)}


def object_config(dataset: str, entries: dict[str, dict[str, Any]], how: str) -> str:
    """The object config as YAML text. how: a line that says how to run it."""
    lines = ["# Made by --make_terrain: life-size, rising towards +Y from the origin. Run it with", f"#   {how}"]
    lines += [f"dataset: {dataset}", "objects:"]
    for name, entry in entries.items():
        lines.append(f"  {name}:")
        lines += [f"    {key}: {value}" for key, value in entry.items()]
    return "\n".join(lines) + "\n"


def make_terrain(kind: Kind, count: int, folder: Path, seed: int = 0) -> list[Path]:
    """`count` instances as {folder}/{kind}_{n}/, and {folder}/objects.yaml; returns the written folders and config.

    The folder's name is the dataset. Put into `data/`, a run finds the meshes by the config alone.
    """
    entries = {f"{kind}_{n}": write_terrain(folder / f"{kind}_{n}", kind, seed, n) for n in range(1, count + 1)}
    config = folder / "objects.yaml"
    how = f"run_batch.py -- --config terrain_stairs.yaml --object_config {folder.name}/objects.yaml"
    write_text(config, object_config(folder.name, entries, how))
    return [*(folder / name for name in entries), config]
