# SPDX-License-Identifier: GPL-3.0-or-later
"""USD: names of further files (layers, textures) that a text or binary layer mentions, and whether a text layer fits together."""

from __future__ import annotations

import re
import struct
import zipfile
from pathlib import Path, PurePosixPath

import numpy as np

from .usd_binary import binary_words, number_of

LAYERS = frozenset({".usd", ".usda", ".usdc", ".usdz"})
PICTURES = frozenset(
    {".png", ".jpg", ".jpeg", ".tga", ".tif", ".tiff", ".exr", ".webp", ".bmp", ".hdr", ".dds", ".tx", ".avif"}
)


def mentioned(path: Path) -> list[str]:
    """Paths of layers and pictures that a USD file names, in its order, as it writes them. A file that is no USD, or
    damaged, mentions none."""
    try:
        with path.open("rb") as handle:
            head = handle.read(8)
        words = (
            binary_words(path.read_bytes())
            if head == b"PXR-USDC"
            else _text_words(path)
            if head[:5] == b"#usda"
            else []
        )
    except (OSError, struct.error, IndexError, ValueError):
        return []
    known = LAYERS | PICTURES
    return list(dict.fromkeys(w for w in words if PurePosixPath(w.replace("\\", "/")).suffix.lower() in known))


_ARRAYS = re.compile(
    rb"(?:(faceVertexCounts|faceVertexIndices|points)\s*=\s*\[([^\]]*)\])|(\bdef\s+\w*\s*\"[^\"]*\")|(metersPerUnit\s*=\s*([-+.\w]+))"
)


def check_usd(path: Path) -> None:
    """Raise ValueError with the reason, as the end of a sentence, where a layer's unit is none, a mesh of a text layer names
    more than it has, or an archive is packed."""
    if not zipfile.is_zipfile(path):
        return _check_layer(path.read_bytes())
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            packed = next((e.filename for e in entries if e.compress_type != zipfile.ZIP_STORED), None)
            if packed is not None:
                raise ValueError(f"it is a compressed archive, and USD archives are not ({packed})")
            if entries and PurePosixPath(entries[0].filename).suffix.lower() in LAYERS:  # what the archive stands for
                _check_layer(archive.read(entries[0]))
    except (zipfile.BadZipFile, RuntimeError, EOFError, OSError) as error:
        raise ValueError(f"its archive is damaged ({error})") from None


def _check_layer(data: bytes) -> None:
    if data[:5] == b"#usda":
        _check_text(data)
    elif data[:8] == b"PXR-USDC":
        try:
            unit = number_of(data, "metersPerUnit")
        except (struct.error, IndexError, ValueError):
            return  # OpenUSD itself says why
        if unit is not None:
            check_unit(unit)


def _check_text(data: bytes) -> None:
    prim: dict[bytes, bytes] = {}
    for found in _ARRAYS.finditer(data):
        if found[3]:
            _check_prim(prim)
            prim = {}
        elif found[4]:
            check_unit(float(found[5]))
        else:
            prim[found[1]] = found[2]
    _check_prim(prim)


def check_unit(unit: float) -> None:
    """Raise ValueError with the reason, as the end of a sentence, for a metersPerUnit that no length can have."""
    if not 0.0 < unit < 1e9:
        raise ValueError(f"its metersPerUnit is {unit:g}")


def _check_prim(prim: dict[bytes, bytes]) -> None:
    if b"points" in prim and re.search(rb"(?i)nan|inf", prim[b"points"]):
        raise ValueError("some of its coordinates are not numbers")
    if not {b"points", b"faceVertexCounts", b"faceVertexIndices"} <= prim.keys():
        return
    counts, indices = (
        np.array(prim[name].replace(b",", b" ").split(), dtype=np.float64)
        for name in (b"faceVertexCounts", b"faceVertexIndices")
    )
    points = prim[b"points"].count(b"(")
    if len(counts) and counts.min() < 0:
        raise ValueError(f"one of its faces has {int(counts.min())} corners")
    if counts.sum() > len(indices):
        raise ValueError(f"its faces have {counts.sum():.0f} corners, and only {len(indices)} are there")
    if len(indices) and not 0 <= indices.min() <= indices.max() < points:
        worst = indices.min() if indices.min() < 0 else indices.max()
        raise ValueError(f"its faces name point {worst:.0f}, and there are {points}")


def _text_words(path: Path) -> list[str]:
    return [word.decode("utf-8", "replace") for word in re.findall(rb"@+([^@\n]+)@+", path.read_bytes())]
