# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a picture file can be shown, looked at before a renderer decodes it."""

from __future__ import annotations

import io
import re
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, UnidentifiedImageError

MOST_PIXELS = 1 << 28  # 16384 x 16384: 4 GiB where a renderer keeps it as floats
_LFS = b"version https://git-lfs"
_ENDS = {"PNG": b"IEND", "JPEG": b"\xff\xd9"}
_BLENDERS = frozenset({"BMP", "JPEG", "JPEG2000", "MPO", "PNG", "TGA", "TIFF", "WEBP"})
"""Formats, as Pillow calls them, that every Blender reads; of others only it can say."""
_TAIL = 4096  # bytes in which the end of a whole file stands
_HEAD = 1 << 16  # bytes in which its size stands
_RADIANCE_SIZE = re.compile(rb"^[-+][XY] (\d{1,9}) [-+][XY] (\d{1,9})[ \t\r]*$", re.M)
_OPENEXR, _DATA_WINDOW = b"\x76\x2f\x31\x01", b"dataWindow\0box2i\0\x10\0\0\0"


def flaw_of(source: Path | bytes) -> str | None:
    """Why a picture cannot be shown, as the end of a sentence; empty where it can, None where only Blender can say."""
    data = source if isinstance(source, bytes) else None
    try:
        if data is None:
            assert isinstance(source, Path)
            with source.open("rb") as handle:
                head, size = handle.read(_HEAD), source.stat().st_size
                handle.seek(max(0, size - _TAIL))
                tail = handle.read()
        else:
            head, tail = data[:_HEAD], data[-_TAIL:]
    except OSError as error:
        return f"cannot be read ({error.strerror or error})"
    if not head:
        return "is empty"
    if head.startswith(_LFS):
        return "is a Git LFS pointer and not the picture (git lfs pull fetches it)"
    too_many = next(filter(None, (_too_many(*size) for size in _sizes(head))), "")
    return too_many or _decoded(io.BytesIO(data) if data is not None else source, tail)


def _sizes(head: bytes) -> Iterator[tuple[int, int]]:
    """Width and height of the parts of a Radiance or OpenEXR picture, which Pillow does not know: a renderer makes room for all
    of it before it finds that the file is cut off. head: the first bytes."""
    if head.startswith(b"#?"):
        yield from ((int(found[2]), int(found[1])) for found in _RADIANCE_SIZE.finditer(head))
    elif head.startswith(_OPENEXR):
        for found in re.finditer(re.escape(_DATA_WINDOW) + rb"(.{16})", head, re.S):
            left, low, right, high = struct.unpack("<4i", found[1])
            yield max(0, right - left + 1), max(0, high - low + 1)


def _too_many(width: int, height: int) -> str:
    if width * height <= MOST_PIXELS:
        return ""
    return f"is {width} x {height} pixels, and at most {MOST_PIXELS // 2**20} million can be used"


def _decoded(source: io.BytesIO | Path, tail: bytes) -> str | None:
    try:
        with _any_size(), Image.open(source) as image:
            too_many = _too_many(*image.size)
            if too_many:
                return too_many
            end = _ENDS.get(image.format or "")
            if end is not None and end not in tail:
                return "is cut off"
            image.verify()
            is_blenders = image.format in _BLENDERS
    except UnidentifiedImageError:
        return None
    except (OSError, SyntaxError, ValueError):
        return "is damaged"
    return "" if is_blenders else None


@contextmanager
def _any_size() -> Iterator[None]:
    """Pillow refuses large pictures before it says their size."""
    most, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        Image.MAX_IMAGE_PIXELS = most
