# SPDX-License-Identifier: GPL-3.0-or-later
"""PLY: header, and what MeshLab and others keep beside the geometry: the texture's name and texture coordinates of corners."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_HEAD = 1 << 16
CORNERS = ("vertex_indices", "vertex_index")
TYPES = {
    "char": "i1", "int8": "i1", "uchar": "u1", "uint8": "u1", "short": "i2", "int16": "i2", "ushort": "u2", "uint16": "u2",
    "int": "i4", "int32": "i4", "uint": "u4", "uint32": "u4", "float": "f4", "float32": "f4", "double": "f8", "float64": "f8",
}  # fmt: skip


@dataclass(frozen=True)
class PlyProperty:
    """kind: NumPy's name of its number type; count: that of a list's length, empty where it is no list."""

    name: str
    kind: str
    count: str = ""


@dataclass(frozen=True)
class PlyElement:
    name: str
    count: int
    properties: tuple[PlyProperty, ...]

    @property
    def least_bytes(self) -> int:
        """Bytes of one row in the binary form: corners of a triangle, other lists empty."""
        corners = sum(3 * np.dtype(p.kind).itemsize for p in self.properties if p.name in CORNERS)
        return corners + sum(np.dtype(p.count or p.kind).itemsize for p in self.properties)


@dataclass(frozen=True)
class PlyHeader:
    """form: `ascii`, `binary_little_endian` or `binary_big_endian`; start: where the data begins; texture: name of the
    first texture, empty without one."""

    form: str
    elements: tuple[PlyElement, ...]
    start: int
    texture: str = ""

    def element(self, name: str) -> PlyElement | None:
        return next((e for e in self.elements if e.name == name), None)


def read_header(path: Path) -> PlyHeader:
    """The header. Raises ValueError with the reason, as the end of a sentence."""
    with path.open("rb") as handle:
        data = handle.read(_HEAD)
    if data[:3] != b"ply":
        raise ValueError("it does not begin with `ply`" if data else "it is empty")
    end = data.find(b"end_header")
    start = data.find(b"\n", end) + 1
    if end < 0 or start == 0:
        raise ValueError("its header has no end")
    form, texture = "", ""
    elements: list[tuple[str, int, list[PlyProperty]]] = []
    for line in data[:end].decode("utf-8", "replace").splitlines():
        words = line.split()
        if words[:1] == ["format"] and len(words) > 1:
            form = words[1]
        elif words[:2] == ["comment", "TextureFile"] and not texture:
            texture = line.split("TextureFile", 1)[1].strip()
        elif words[:1] == ["element"]:
            if len(words) != 3 or not words[2].isdigit():
                raise ValueError(f"its header has the line `{line.strip()[:60]}`")
            elements.append((words[1], int(words[2]), []))
        elif words[:1] == ["property"]:
            elements[-1][2].append(_property(words, line)) if elements else None
    if form not in ("ascii", "binary_little_endian", "binary_big_endian"):
        raise ValueError(f"its format `{form}` is unknown" if form else "its header names no format")
    return PlyHeader(form, tuple(PlyElement(n, c, tuple(p)) for n, c, p in elements), start, texture)


def _property(words: list[str], line: str) -> PlyProperty:
    if len(words) == 3 and words[1] in TYPES:
        return PlyProperty(words[2], TYPES[words[1]])
    if len(words) == 5 and words[1] == "list" and words[2] in TYPES and words[3] in TYPES:
        return PlyProperty(words[4], TYPES[words[3]], TYPES[words[2]])
    raise ValueError(f"its header has the line `{line.strip()[:60]}`")


def corner_uvs(path: Path, header: PlyHeader) -> NDArray[np.float32] | None:
    """(M, 3, 2) texture coordinates of the corners of triangles, as MeshLab writes them (`property list ... texcoord`);
    None where the faces have none, or are not all triangles."""
    faces = header.element("face")
    names = [] if faces is None else [p.name for p in faces.properties]
    if faces is None or "texcoord" not in names or not faces.count:
        return None
    if header.form == "ascii":
        return _ascii_uvs(path, header, faces)
    order = "<" if header.form == "binary_little_endian" else ">"
    start = header.start
    for element in header.elements[: header.elements.index(faces)]:
        if any(p.count for p in element.properties):
            return None
        start += element.count * element.least_bytes
    fields: list[tuple[str, str] | tuple[str, str, int]] = []
    for p in faces.properties:
        if p.count:
            fields.append((f"{p.name} count", order + p.count))
            fields.append((p.name, order + p.kind, 6 if p.name == "texcoord" else 3))
        else:
            fields.append((p.name, order + p.kind))
    kind = np.dtype(fields)
    if path.stat().st_size < start + faces.count * kind.itemsize:
        return None
    with path.open("rb") as handle:
        handle.seek(start)
        table = np.frombuffer(handle.read(faces.count * kind.itemsize), dtype=kind)
    for p in faces.properties:
        if p.count and (table[f"{p.name} count"] != (6 if p.name == "texcoord" else 3)).any():
            return None
    return table["texcoord"].astype(np.float32).reshape(-1, 3, 2)


def _ascii_uvs(path: Path, header: PlyHeader, faces: PlyElement) -> NDArray[np.float32] | None:
    before = sum(e.count for e in header.elements[: header.elements.index(faces)])
    rows: list[list[float]] = []
    with path.open("rb") as handle:
        handle.seek(header.start)
        for number, line in enumerate(handle):
            if number < before:
                continue
            words = line.split()
            if len(rows) == faces.count:
                break
            at, found = 0, None
            for p in faces.properties:
                many = int(words[at]) if p.count else 1
                at += 1 if p.count else 0
                if p.name == "texcoord":
                    found = words[at : at + many]
                at += many
            if found is None or len(found) != 6:
                return None
            rows.append([float(word) for word in found])
    return np.array(rows, dtype=np.float32).reshape(-1, 3, 2) if len(rows) == faces.count else None
