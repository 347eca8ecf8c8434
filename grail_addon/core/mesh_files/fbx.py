# SPDX-License-Identifier: GPL-3.0-or-later
"""FBX: whether a file is whole and its meshes mean what they say, without an importer.

Binary form: records with the position of their end, their properties and the records in them; arrays may be packed by zlib.
Layout: Blender Foundation's "FBX binary file format specification" and io_scene_fbx/parse_fbx.py.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

MAGIC = b"Kaydara FBX Binary  \x00"
_HEADER = 27  # magic, two bytes, version
_DEEPEST = 32
_SIZES = {"Y": 2, "C": 1, "B": 1, "I": 4, "F": 4, "D": 8, "L": 8}
_ARRAYS = {"f": "<f4", "d": "<f8", "i": "<i4", "l": "<i8", "b": "u1", "c": "u1"}
_TEXT_NUMBERS = re.compile(rb"\b(?:Vertices|Lcl \w+\"[^\n]*?A[+]?\"):?[^{\n]*(?:\{([^}]*)\}|([^\n]*))")
_TEXT_PICTURE = re.compile(rb'(?i)\b(?:relative)?filename: *"([^"\n]*)"')
_TEXT_ODD = re.compile(rb"(?i)(?<![a-z])[-+]?(?:nan|inf|\d+\.#)")


@dataclass(frozen=True)
class _Record:
    """A record of the file. values: where its properties begin and end; inside: where the records in it do."""

    name: str
    values: tuple[int, int]
    inside: tuple[int, int]


def is_text(path: Path) -> bool:
    """Whether it is the text form."""
    with path.open("rb") as handle:
        head = handle.read(2000)
    return not head.startswith(MAGIC) and (head.lstrip().startswith(b";") or b"FBXHeaderExtension" in head)


def pictures_named(path: Path) -> list[str]:
    """Paths of the pictures that it names, as it writes them; a damaged file names none. Some are folders, or empty."""
    data = path.read_bytes()
    if not data.startswith(MAGIC):
        return [found[1].decode("utf-8", "replace") for found in _TEXT_PICTURE.finditer(data)]
    try:
        file = _File(data, struct.unpack_from("<I", data, _HEADER - 4)[0] >= 7500)
        return [
            file.text(part)
            for objects in file.records(_HEADER, len(data))
            if objects.name == "Objects"
            for thing in file.inside(objects, 1)
            if thing.name in ("Texture", "Video")
            for part in file.inside(thing, 2)
            if part.name.lower() in ("filename", "relativefilename")
        ]
    except (ValueError, struct.error, IndexError):
        return []


def check_fbx(path: Path) -> None:
    """Raise ValueError with the reason, as the end of a sentence, where it is damaged or says what cannot be."""
    data = path.read_bytes()
    if not data.startswith(MAGIC):
        if not is_text(path):
            raise ValueError("it does not begin as an FBX file does")
        if any(_TEXT_ODD.search(found[0]) for found in _TEXT_NUMBERS.finditer(data)):
            raise ValueError("some of its coordinates are not numbers")
        return
    if len(data) < _HEADER:
        raise ValueError("it is cut off within its header")
    (version,) = struct.unpack_from("<I", data, _HEADER - 4)
    file = _File(data, version >= 7500)
    try:
        file.check_nesting()
        for record in file.records(_HEADER, len(data)):
            if record.name == "Objects":
                _check_objects(file, record)
            elif record.name == "GlobalSettings":
                _check_settings(file, record)
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise ValueError(f"its records do not fit together ({error})") from None


class _File:
    """A binary file. wide: positions have 8 bytes and not 4."""

    def __init__(self, data: bytes, wide: bool) -> None:
        self.data = data
        self._head, self._size = ("<QQQB", 25) if wide else ("<IIIB", 13)

    def records(self, start: int, end: int, depth: int = 0) -> Iterator[_Record]:
        """The records that stand from `start` to `end`, not those in them."""
        if depth > _DEEPEST:
            raise ValueError(f"its records are nested more than {_DEEPEST} deep")
        while start + self._size <= end:
            stop, _, length, letters = struct.unpack_from(self._head, self.data, start)
            if stop == 0:
                return
            if stop > len(self.data):
                raise ValueError(f"it is cut off: {len(self.data)} of at least {stop} bytes are there")
            first = start + self._size + letters
            if stop > end or first + length > stop:
                raise ValueError("its records do not fit together (one ends outside the one that it is in)")
            name = self.data[start + self._size : first].decode("latin-1")
            yield _Record(name, (first, first + length), (first + length, stop))
            start = stop
        if depth == 0:
            raise ValueError(f"it is cut off: {len(self.data)} bytes are there, and its end is not")

    def check_nesting(self) -> None:
        """Raise ValueError where records overlap or are nested too deeply."""
        waiting = [(record, 1) for record in self.records(_HEADER, len(self.data))]
        while waiting:
            record, depth = waiting.pop()
            if record.inside[1] > record.inside[0]:
                waiting += [(inner, depth + 1) for inner in self.inside(record, depth)]

    def inside(self, record: _Record, depth: int) -> Iterator[_Record]:
        """The records in a record."""
        return self.records(*record.inside, depth)

    def numbers(self, record: _Record) -> list[float]:
        """Single numbers among the properties of a record."""
        at, end = record.values
        found: list[float] = []
        while at < end:
            kind = chr(self.data[at])
            if kind in "SR":
                at += 5 + int(struct.unpack_from("<I", self.data, at + 1)[0])
            elif kind in _SIZES:
                if kind in "FDIL":
                    code = {"F": "<f", "D": "<d", "I": "<i", "L": "<q"}[kind]
                    found.append(float(struct.unpack_from(code, self.data, at + 1)[0]))
                at += 1 + _SIZES[kind]
            else:
                return found
        return found

    def text(self, record: _Record) -> str:
        """The first property of a record, where it is a word."""
        at, end = record.values
        if end - at < 5 or self.data[at : at + 1] != b"S":
            return ""
        (length,) = struct.unpack_from("<I", self.data, at + 1)
        return self.data[at + 5 : min(at + 5 + length, end)].decode("utf-8", "replace")

    def array(self, record: _Record) -> NDArray[np.float64] | NDArray[np.int64]:
        """The array that a record has as its first property; of other records an empty one."""
        at, end = record.values
        kind = _ARRAYS.get(chr(self.data[at])) if at < end else None
        if kind is None:
            return np.empty(0)
        count, packing, size = struct.unpack_from("<III", self.data, at + 1)
        needed, packed = count * np.dtype(kind).itemsize, self.data[at + 13 : min(at + 13 + size, end)]
        try:
            plain = zlib.decompressobj().decompress(packed, needed + 1) if packing else packed
        except zlib.error:
            raise ValueError(f"its {record.name} are damaged") from None
        if len(plain) < needed:
            raise ValueError(f"its {record.name} should be {count} numbers, and {len(plain)} bytes are there")
        return np.frombuffer(plain, kind, count)


def _check_objects(file: _File, objects: _Record) -> None:
    for thing in file.inside(objects, 1):
        if thing.name == "Geometry":
            _check_mesh({part.name: file.array(part) for part in file.inside(thing, 2) if part.name in _MESH})
        elif thing.name == "Model":
            for part in file.inside(thing, 2):
                if part.name.startswith("Properties"):
                    _check_placement(file, part)


_MESH = frozenset({"Vertices", "PolygonVertexIndex"})


def _check_mesh(arrays: dict[str, NDArray[np.float64] | NDArray[np.int64]]) -> None:
    points, corners = arrays.get("Vertices"), arrays.get("PolygonVertexIndex")
    if points is None or not len(points):
        return
    with np.errstate(over="ignore"):
        if not np.isfinite(points.astype(np.float32)).all():
            raise ValueError("some of its coordinates are not numbers")
    if corners is None or not len(corners):
        return
    there, named = len(points) // 3, np.where(corners < 0, ~corners, corners)  # the last corner of a face is inverted
    if named.max() >= there:
        raise ValueError(f"its faces name point {named.max()}, and there are {there}")


def _check_placement(file: _File, properties: _Record) -> None:
    for entry in file.inside(properties, 3):
        if file.text(entry).startswith(("Lcl ", "Geometric")) and not np.isfinite(file.numbers(entry)).all():
            raise ValueError("some of its coordinates are not numbers")


def _check_settings(file: _File, settings: _Record) -> None:
    for part in file.inside(settings, 1):
        for entry in file.inside(part, 2) if part.name.startswith("Properties") else ():
            if file.text(entry) == "UnitScaleFactor":
                for unit in file.numbers(entry):
                    if not 0.0 < unit < 1e9:
                        raise ValueError(f"its UnitScaleFactor is {unit:g}")
