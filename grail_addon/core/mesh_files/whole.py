# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a mesh file is whole and means what it says, looked at before an importer reads it.

Importers repair in silence (numbers that are none become 0, faces without points are dropped), hang on pipes, and end
the process on headers that promise more than there is. What is found here is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np

from .fbx import check_fbx, pictures_named
from .gltf import check_gltf
from .named import files_of, slashes
from .ply import PlyElement, PlyHeader, read_header
from .usd import LAYERS, check_usd

_LFS = b"version https://git-lfs"
_NUMBER = rb"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE](?:-\d{1,4}|\+?0{0,2}[012]?\d))?"  # up to 1e29
_NO_POINT = re.compile(
    rb"^v[ \t](?![ \t]*(?:%s[ \t]+){2}%s(?=[ \t\r\n\\]|\Z))(?![^\n]*\\\r?\n)" % (_NUMBER, _NUMBER), re.M
)
_NO_VERTEX = re.compile(rb"^[ \t]*vertex\b(?!(?:[ \t]+%s){3}[ \t\r]*$)" % _NUMBER, re.M | re.I)
_FACE = re.compile(rb"^f[ \t]+([^\r\n]*)", re.M)
_NO_NUMBER = re.compile(rb"(?i)(?<![a-z])[-+]?(?:nan|inf)")


def fault_of(path: Path) -> str:
    """Why a mesh file cannot be used, as the end of a sentence; empty where nothing speaks against it."""
    try:
        with path.open("rb") as handle:
            head = handle.read(256)
        if not head:
            return "it is empty"
        if head.startswith(_LFS):
            return "it is a Git LFS pointer and not the file itself (git lfs pull fetches it)"
        special = next(_special(path), None)
        if special is not None:
            return f"it names {special.name}, which is no file but a folder, a pipe or a device"
        suffix = path.suffix.lower()
        check = check_usd if suffix in LAYERS else _CHECKS.get(suffix)
        if check is not None:
            check(path)
    except ValueError as error:
        return str(error)
    return ""


def _special(path: Path) -> Iterator[Path]:
    """What an importer may open beside a mesh file that is no file. Where it looks for a name in the mesh file's own folder, it
    passes over folders."""
    named = files_of(path)
    for other in named:
        with suppress(OSError):
            if other.exists() and not other.is_file():
                yield other
    pictures = [Path(slashes(name)) for name in pictures_named(path)] if path.suffix.lower() == ".fbx" else []
    for name in (*named, *pictures):
        for other in (path.parent / name, path.parent / name.name):
            with suppress(OSError):  # a name that is too long for any file
                if other.exists() and not other.is_file() and not other.is_dir():
                    yield other


def face_fault(path: Path, faces: int) -> str:
    """As `fault_of`, once an importer has read `faces` faces: those that it left out because a point is missing."""
    suffix = path.suffix.lower()
    try:
        if suffix == ".obj":
            data = path.read_bytes()
            return (
                _missing_point(data)
                if data.count(b"\nf ") + data.count(b"\nf\t") + data.startswith(b"f ") > faces
                else ""
            )
        if suffix == ".ply":
            element = read_header(path).element("face")
            if element is not None and element.count > faces:
                return f"{element.count - faces} of its {element.count} faces name points that are not there"
    except (OSError, ValueError):
        return ""
    return ""


def _line_of(data: bytes, at: int) -> str:
    line = data[at : at + 80].split(b"\n", 1)[0].decode("utf-8", "replace").strip()
    number = data.count(b"\n", 0, at) + 1
    return f"its line {number} (`{line[:40]}`)"


def _obj(path: Path) -> None:
    data = path.read_bytes()
    found = _NO_POINT.search(data)
    if found is not None:
        raise ValueError(f"{_line_of(data, found.start())} is no point of three numbers")


def _missing_point(data: bytes) -> str:
    points = len(re.findall(rb"^v[ \t]", data, re.M))
    for found in _FACE.finditer(data):
        before = -1
        for word in found[1].split(b"#")[0].rstrip(b"\\").split():
            try:
                index = int(word.split(b"/", 1)[0])
            except ValueError:
                return f"{_line_of(data, found.start())} is no face"
            if index < 0 and before < 0:
                before = len(re.findall(rb"^v[ \t]", data[: found.start()], re.M))
            if index == 0 or index > points or (index < 0 and -index > before):
                return f"{_line_of(data, found.start())} names point {index}, and there are {points}"
    return ""


def _ply(path: Path) -> None:
    header = read_header(path)
    there = path.stat().st_size - header.start
    least = 2 if header.form == "ascii" else 0
    needed = sum(e.count * (least or e.least_bytes) for e in header.elements)
    if needed > there:
        counts = ", ".join(f"{e.count} of {e.name}" for e in header.elements)
        raise ValueError(f"it is cut off, or its header is wrong: it promises {counts}, and has {there} bytes")
    vertices = header.element("vertex")
    if vertices is None or not vertices.count:
        raise ValueError("it has no points")
    if header.form == "ascii":
        with path.open("rb") as handle:
            handle.seek(header.start)
            body = handle.read()
        if _NO_NUMBER.search(body):
            raise ValueError("some of its coordinates are not numbers")
        rows, wanted = len(body.split(b"\n")) - body.endswith(b"\n"), sum(e.count for e in header.elements)
        if rows < wanted:
            raise ValueError(f"it is cut off: it has {rows} of {wanted} lines")
    elif header.elements[0] is vertices and not any(p.count for p in vertices.properties):
        _ply_numbers(path, header, vertices)


def _ply_numbers(path: Path, header: PlyHeader, vertices: PlyElement) -> None:
    order = "<" if header.form == "binary_little_endian" else ">"
    kind = np.dtype([(p.name, order + p.kind) for p in vertices.properties])
    with path.open("rb") as handle:
        handle.seek(header.start)
        table = np.frombuffer(handle.read(vertices.count * kind.itemsize), dtype=kind)
    for axis in "xyz":
        with np.errstate(over="ignore"):
            if axis in (kind.names or ()) and not np.isfinite(table[axis].astype(np.float32)).all():
                raise ValueError("some of its coordinates are not numbers")


def _stl(path: Path) -> None:
    size = path.stat().st_size
    with path.open("rb") as handle:
        head = handle.read(84)
        is_text = head[:5].lower() == b"solid" and b"facet" in head + handle.read(1024)
    if is_text:
        data = path.read_bytes()
        found = _NO_VERTEX.search(data)
        if found is not None:
            raise ValueError(f"{_line_of(data, found.start())} is no point of three numbers")
        return
    if size < 84:
        raise ValueError("it is cut off within its header")
    count = int.from_bytes(head[80:84], "little")
    if size < 84 + 50 * count:
        raise ValueError(f"it is cut off: it has {(size - 84) // 50} of its {count} triangles")


_CHECKS = {
    ".obj": _obj, ".ply": _ply, ".stl": _stl, ".glb": check_gltf, ".gltf": check_gltf, ".vrm": check_gltf, ".fbx": check_fbx,
}  # fmt: skip
