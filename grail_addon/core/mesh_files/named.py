# SPDX-License-Identifier: GPL-3.0-or-later
"""All files that a mesh file names, by its format."""

from __future__ import annotations

from pathlib import Path

from .gltf import files_named, read_gltf
from .mtl import obj_libraries, read_mtl
from .ply import read_header
from .usd import LAYERS, mentioned

MOST_LAYERS = 200
LARGE_BYTES = 20_000_000  # a second or two for the slowest importers


def files_of(path: Path) -> list[Path]:
    """Files that `path` names, and those that they name, whether they are there or not; none for formats that keep no
    names, and for damaged files."""
    suffix = path.suffix.lower()
    try:
        if suffix == ".obj":
            return _obj(path)
        if suffix in (".glb", ".gltf", ".vrm"):
            return [path.parent / name for name in files_named(read_gltf(path))]
        if suffix == ".ply":
            texture = read_header(path).texture
            return [path.parent / texture] if texture else []
        if suffix in LAYERS:
            return _layers(path)
    except (OSError, ValueError):
        return []
    return []


def is_large(path: Path) -> bool:
    """Whether reading a file, or what it names, may take seconds. A .blend counts as large: its modifiers may make more than
    it has."""
    if path.suffix.lower() == ".blend":
        return True
    try:
        size = path.stat().st_size
        return size > LARGE_BYTES or size + sum(p.stat().st_size for p in files_of(path) if p.is_file()) > LARGE_BYTES
    except OSError:
        return False


def slashes(name: str) -> str:
    """A path as another system wrote it, with this one's separators."""
    return name.replace("\\", "/")


def _obj(path: Path) -> list[Path]:
    found = []
    libraries = [path.parent / slashes(library) for library in obj_libraries(path)]
    beside = path.with_suffix(".mtl")
    if beside not in libraries and beside.exists():
        libraries.append(beside)  # Blender takes it, too
    for mtl in libraries:
        found.append(mtl)
        if mtl.is_file():
            for entry in read_mtl(mtl).values():
                found += [mtl.parent / slashes(picture.file) for picture in entry.maps.values()]
    return found


def _layers(path: Path) -> list[Path]:
    found: dict[Path, None] = {}
    queue = [path]
    while queue and len(found) < MOST_LAYERS:
        layer = queue.pop()
        for name in mentioned(layer):
            other = layer.parent / slashes(name)
            if other not in found and other != path:
                found[other] = None
                if other.suffix.lower() in LAYERS and other.is_file():
                    queue.append(other)
    return list(found)
