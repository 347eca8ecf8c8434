# SPDX-License-Identifier: GPL-3.0-or-later
"""Wavefront MTL: which picture a material shows where, with the options of the line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

_ARGUMENTS = {
    "-blendu": 1, "-blendv": 1, "-boost": 1, "-mm": 2, "-texres": 1, "-clamp": 1, "-bm": 1, "-imfchan": 1, "-type": 1,
    "-cc": 1, "-colorspace": 1,
}  # fmt: skip
_LIBRARY = re.compile(rb"^mtllib[ \t](.*)", re.MULTILINE)
_UP_TO_THREE = frozenset({"-o", "-s", "-t"})


@dataclass(frozen=True)
class MtlMap:
    """A picture. offset, scale: of u and v."""

    file: str
    offset: tuple[float, float] = (0.0, 0.0)
    scale: tuple[float, float] = (1.0, 1.0)


@dataclass
class MtlEntry:
    """A material: its pictures by keyword in small letters (`map_kd`), and what its lines `d` and `Tr` say, where there are
    such."""

    maps: dict[str, MtlMap] = field(default_factory=dict)
    opacity: float | None = None
    transparency: float | None = None


def obj_libraries(path: Path) -> list[str]:
    """Names after `mtllib` in an OBJ file; one name may hold spaces."""
    stat = path.stat()
    return list(_libraries(path, stat.st_size, stat.st_mtime_ns))


@lru_cache(maxsize=8)  # several look at the same large file, one after the other
def _libraries(path: Path, size: int, time: int) -> tuple[str, ...]:
    lines = _LIBRARY.findall(path.read_bytes())
    names = [line.decode("utf-8", "replace").strip().strip('"') for line in lines]
    return tuple(dict.fromkeys(name for name in names if name))


def read_mtl(path: Path) -> Mapping[str, MtlEntry]:
    """Materials by name. Raises OSError for a file that cannot be read."""
    found: dict[str, MtlEntry] = {}
    entry = MtlEntry()
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        keyword, _, rest = line.strip().partition(" ")
        if keyword == "newmtl":
            entry = found.setdefault(rest.strip(), MtlEntry())
        elif keyword.lower().startswith(("map_", "bump", "norm", "disp", "decal", "refl")):
            picture = _map(rest)
            if picture is not None:
                entry.maps[keyword.lower()] = picture
        elif keyword in ("d", "Tr") and _is_number(rest):
            value = float(rest)
            entry.opacity, entry.transparency = (
                (value, entry.transparency) if keyword == "d" else (entry.opacity, value)
            )
    return found


def _map(text: str) -> MtlMap | None:
    """The picture of a line, whose name may hold spaces."""
    words = text.split()
    at, values = 0, {"-o": [0.0, 0.0], "-s": [1.0, 1.0]}
    while at < len(words) and words[at] in _ARGUMENTS.keys() | _UP_TO_THREE:
        option, at = words[at], at + 1
        if option in _UP_TO_THREE:
            numbers: list[float] = []
            while at < len(words) and len(numbers) < 3 and _is_number(words[at]):
                numbers.append(float(words[at]))
                at += 1
            if option in values:
                values[option][: min(2, len(numbers))] = numbers[:2]
        else:
            at += _ARGUMENTS[option]
    name = " ".join(words[at:]).strip('"')
    (u, v), (s, t) = values["-o"], values["-s"]
    return MtlMap(name, (u, v), (s, t)) if name else None


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
