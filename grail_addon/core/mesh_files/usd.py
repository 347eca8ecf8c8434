# SPDX-License-Identifier: GPL-3.0-or-later
"""USD: names of further files (layers, textures) that a text or binary layer mentions.

The binary form keeps its words in a section of its own, packed with LZ4: OpenUSD, pxr/usd/usd/crateFile.cpp.
"""

from __future__ import annotations

import re
import struct
from pathlib import Path, PurePosixPath

import numpy as np

LAYERS = frozenset({".usd", ".usda", ".usdc", ".usdz"})
PICTURES = frozenset(
    {".png", ".jpg", ".jpeg", ".tga", ".tif", ".tiff", ".exr", ".webp", ".bmp", ".hdr", ".dds", ".tx", ".avif"}
)
_MOST = 1 << 26  # bytes of words that are unpacked


def mentioned(path: Path) -> list[str]:
    """Paths of layers and pictures that a USD file names, in its order, as it writes them. A file that is no USD, or
    damaged, mentions none."""
    try:
        with path.open("rb") as handle:
            head = handle.read(8)
        words = _binary_words(path) if head == b"PXR-USDC" else _text_words(path) if head[:5] == b"#usda" else []
    except (OSError, struct.error, IndexError, ValueError):
        return []
    known = LAYERS | PICTURES
    return list(dict.fromkeys(w for w in words if PurePosixPath(w.replace("\\", "/")).suffix.lower() in known))


_ARRAYS = re.compile(
    rb"(?:(faceVertexCounts|faceVertexIndices|points)\s*=\s*\[([^\]]*)\])|(\bdef\s+\w*\s*\"[^\"]*\")|(metersPerUnit\s*=\s*([-+.\w]+))"
)


def check_text(path: Path) -> None:
    """Raise ValueError with the reason, as the end of a sentence, where a mesh of a text layer names more than it has."""
    prim: dict[bytes, bytes] = {}
    for found in _ARRAYS.finditer(path.read_bytes()):
        if found[3]:
            _check_prim(prim)
            prim = {}
        elif found[4]:
            unit = float(found[5])
            if not 0.0 < unit < 1e9:
                raise ValueError(f"its metersPerUnit is {unit:g}")
        else:
            prim[found[1]] = found[2]
    _check_prim(prim)


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


def _binary_words(path: Path) -> list[str]:
    data = path.read_bytes()
    (contents,) = struct.unpack_from("<q", data, 16)
    (count,) = struct.unpack_from("<Q", data, contents)
    for number in range(min(count, 64)):
        name, start, _ = struct.unpack_from("<16sqq", data, contents + 8 + 32 * number)
        if name.rstrip(b"\0") == b"TOKENS":
            _, size, packed = struct.unpack_from("<QQQ", data, start)
            if size > _MOST:
                return []
            words = _unpacked(data[start + 24 : start + 24 + packed]).split(b"\0")
            return [word.decode("utf-8", "replace") for word in words]
    return []


def _unpacked(data: bytes) -> bytes:
    """What OpenUSD's TfFastCompression packed: one LZ4 block, or several with their sizes."""
    chunks, at = data[0], 1
    if chunks == 0:
        return _lz4_block(data[1:])
    parts = []
    for _ in range(chunks):
        (size,) = struct.unpack_from("<i", data, at)
        parts.append(_lz4_block(data[at + 4 : at + 4 + size]))
        at += 4 + size
    return b"".join(parts)


def _lz4_block(data: bytes) -> bytes:
    """An LZ4 block unpacked (lz4_Block_format.md of the LZ4 project). Raises IndexError or ValueError where it is damaged."""
    out, at = bytearray(), 0
    while at < len(data) and len(out) < _MOST:
        token, at = data[at], at + 1
        length, at = _length(data, at, token >> 4)
        out += data[at : at + length]
        at += length
        if at >= len(data):
            break
        back, at = data[at] | data[at + 1] << 8, at + 2
        length, at = _length(data, at, token & 15)
        if not 0 < back <= len(out):
            raise ValueError("damaged")
        for _ in range(length + 4):
            out.append(out[-back])
    return bytes(out)


def _length(data: bytes, at: int, start: int) -> tuple[int, int]:
    length = start
    if start == 15:
        while True:
            more, at = data[at], at + 1
            length += more
            if more != 255:
                break
    return length, at
