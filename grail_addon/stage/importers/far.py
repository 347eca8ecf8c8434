# SPDX-License-Identifier: GPL-3.0-or-later
"""Meshes far from their origin (surveys in UTM, scans in a city's grid), moved near it before single precision rounds them.

Blender keeps coordinates in single precision: 50 km away that is steps of 4 mm. OBJ and PLY are moved in double precision
from the file itself; other formats once they are read, where each part's own numbers are small and its place is far.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...core.arrays import Array

ROUNDING = 2.0**-24
FINE = 1e-5
"""Rounding of single precision, of a coordinate; and how much of the size of a mesh may be lost to it."""
SMALLEST = 0.001  # metres: no mesh is smaller
_HEAD = 1 << 16  # bytes that are looked at to see whether the whole file has to be
_NUMPY_TYPES = {
    "char": "i1", "int8": "i1", "uchar": "u1", "uint8": "u1", "short": "i2", "int16": "i2", "ushort": "u2", "uint16": "u2",
    "int": "i4", "int32": "i4", "uint": "u4", "uint32": "u4", "float": "f4", "float32": "f4", "double": "f8", "float64": "f8",
}  # fmt: skip


def offset_of(low: Array, high: Array) -> Array | None:
    """The point (3,), in whole units, to move to the origin a mesh with this box; None where it is near enough."""
    size = float((high - low).max())
    middle = (low + high) / 2
    if not np.isfinite(middle).all() or float(np.abs(middle).max()) * ROUNDING <= FINE * size:
        return None
    return np.round(middle)


def far_vertices(path: Path) -> tuple[Array, Array] | None:
    """Vertices (N, 3) of an OBJ or PLY file in its order, about the point (3,) that comes with them; None for a file
    that is near its origin or not there, and for formats whose numbers Blender's importer has to read."""
    if not path.is_file():
        return None
    suffix = path.suffix.lower()
    if suffix == ".obj":
        points = _obj_vertices(path)
    elif suffix == ".ply":
        points = _ply_vertices(path)
    else:
        return None
    if points is None:
        return None
    offset = offset_of(points.min(axis=0), points.max(axis=0))
    return None if offset is None else (points - offset, offset)


def _is_vertex(line: bytes) -> bool:
    return line.startswith((b"v ", b"v\t"))


def _obj_vertices(path: Path) -> Array | None:
    with path.open("rb") as handle:
        head = handle.read(_HEAD)
        first = _numbers([line.split()[1:4] for line in head.splitlines()[:-1] if _is_vertex(line)])
        if first is None or float(np.abs(first).max()) * ROUNDING <= FINE * SMALLEST:
            return None
        handle.seek(0)
        return _numbers([line.split()[1:4] for line in handle if _is_vertex(line)])


def used_vertices(path: Path, count: int) -> NDArray[np.int64]:
    """Ascending indices of the OBJ file's `count` vertices that its faces and lines name: those that are imported."""
    used, before = np.zeros(count, dtype=bool), 0
    with path.open("rb") as handle:
        for line in handle:
            before += _is_vertex(line)
            if line.startswith((b"f ", b"l ")):
                for word in line.split()[1:]:
                    index = int(word.split(b"/", 1)[0])
                    used[index - 1 if index > 0 else before + index] = True
    return np.flatnonzero(used)


def _numbers(rows: list[list[bytes]]) -> Array | None:
    """Rows of three numbers as (N, 3); None where there are none, or where something is no number: the importer says so."""
    try:
        points = np.array(rows, dtype=np.bytes_).astype(np.float64)
    except ValueError:
        return None
    return points if points.ndim == 2 and points.shape[1] == 3 and len(points) else None


def _ply_vertices(path: Path) -> Array | None:
    with path.open("rb") as handle:
        first = _ply_table(handle.read(_HEAD))
    if first is None or float(np.abs(first).max()) * ROUNDING <= FINE * SMALLEST:
        return None
    return _ply_table(path.read_bytes())


def _ply_table(data: bytes) -> Array | None:
    """Vertices (N, 3) of a PLY file, or as many as its first bytes hold."""
    end = data.find(b"end_header")
    start = data.find(b"\n", end) + 1
    if end < 0 or start == 0:
        return None
    header = data[:start].decode("ascii", "replace").replace("\r", "")
    form = re.search(r"^format (\w+)", header, re.M)
    first = re.search(r"^element (\w+) (\d+)\n((?:property .*\n)*)", header, re.M)
    if form is None or first is None or first[1] != "vertex":
        return None
    fields = [line.split() for line in first[3].splitlines()]
    names = [words[-1] for words in fields]
    if any(len(words) != 3 or words[1] not in _NUMPY_TYPES for words in fields) or not {"x", "y", "z"} <= set(names):
        return None
    if form[1] == "ascii":
        whole = data[start : data.rfind(b"\n") + 1].splitlines()
        rows = [line.split() for line in whole[: int(first[2])]]
        columns = [names.index(axis) for axis in "xyz"]
        return _numbers([[words[column] for column in columns if column < len(words)] for words in rows])
    order = "<" if form[1] == "binary_little_endian" else ">"
    kind = np.dtype([(words[2], order + _NUMPY_TYPES[words[1]]) for words in fields])
    count = min(int(first[2]), (len(data) - start) // kind.itemsize)
    if count == 0:
        return None
    table = np.frombuffer(data, dtype=kind, count=count, offset=start)
    return np.stack([table[axis].astype(np.float64) for axis in "xyz"], axis=1)
