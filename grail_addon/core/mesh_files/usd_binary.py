# SPDX-License-Identifier: GPL-3.0-or-later
"""Binary USD (crate): its words and the metadata of the layer, without OpenUSD.

Sections, packing with LZ4 and value words: OpenUSD, pxr/usd/usd/crateFile.cpp and integerCoding.cpp.
"""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

_MOST = 1 << 26  # bytes of words that are unpacked
_ARRAY, _INLINED, _DOUBLE, _FLOAT = 1 << 63, 1 << 62, 9, 8


def binary_words(data: bytes) -> list[str]:
    """All words that the layer uses. Raises struct.error, IndexError or ValueError where it is damaged."""
    start = _sections(data).get("TOKENS")
    if start is None:
        return []
    _, size, packed = struct.unpack_from("<QQQ", data, start)
    if size > _MOST:
        return []
    words = _unpacked(data[start + 24 : start + 24 + packed]).split(b"\0")
    return [word.decode("utf-8", "replace") for word in words]


def number_of(data: bytes, name: str) -> float | None:
    """A number of the layer's metadata, as `metersPerUnit`; None where it has none of that name, or in another form. Raises
    as `binary_words`."""
    words, start = binary_words(data), _sections(data).get("FIELDS")
    if start is None or name not in words:
        return None
    count, packed = struct.unpack_from("<QQ", data, start)
    if count > _MOST // 8:
        return None
    at = start + 16
    tokens = _integers(_unpacked(data[at : at + packed]), count)
    (size,) = struct.unpack_from("<Q", data, at + packed)
    values = np.frombuffer(_unpacked(data[at + packed + 8 : at + packed + 8 + size]), "<u8", count)
    for value in values[tokens == words.index(name)].tolist():
        kind, payload = value >> 48 & 0xFF, value & 0xFFFF_FFFF_FFFF
        if value & _ARRAY or kind not in (_DOUBLE, _FLOAT):
            continue
        if value & _INLINED:  # a double, too, that single precision holds
            return float(struct.unpack("<f", struct.pack("<I", payload & 0xFFFF_FFFF))[0])
        return float(struct.unpack_from("<d", data, payload)[0])
    return None


def _sections(data: bytes) -> dict[str, int]:
    """Where each section starts."""
    (contents,) = struct.unpack_from("<q", data, 16)
    (count,) = struct.unpack_from("<Q", data, contents)
    found = {}
    for number in range(min(count, 64)):
        name, start, _ = struct.unpack_from("<16sqq", data, contents + 8 + 32 * number)
        found[name.rstrip(b"\0").decode("ascii", "replace")] = start
    return found


def _integers(data: bytes, count: int) -> NDArray[np.int64]:
    """Integers that are kept as differences: the commonest one, two bits for each that tell its width, then the others."""
    (common,) = struct.unpack_from("<i", data, 0)
    codes = np.frombuffer(data, np.uint8, (2 * count + 7) // 8, 4)
    at, total = 4 + len(codes), 0
    found = np.empty(count, np.int64)
    for index in range(count):
        width = int(codes[index >> 2]) >> 2 * (index & 3) & 3
        if width:
            step = struct.unpack_from(("<b", "<h", "<i")[width - 1], data, at)[0]
            at += (1, 2, 4)[width - 1]
        total += step if width else common
        found[index] = total
    return found


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
