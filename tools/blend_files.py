# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the .blend files of starter assets smaller, for the zips: `python -m tools.blend_files assets/blender-4.2`.

Blender compresses with zstd's level 3 in frames of 1 MB, with a table at the end that says how long each is (Zstandard Seekable
Format, facebook/zstd contrib/seekable_format). The same content with the strongest level in one frame is smaller by 10 to 30 %,
and Blender 4.2 reads it in the same time. The compressor is a library that the bpy module needs itself.
"""

from __future__ import annotations

import struct
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import zstandard

from grail_addon.core.files import atomic_path, read_json, sha256_file, write_json

LEVEL = 22
MOST_FRAME = 1 << 26
"""Bytes of content in a frame; Blender holds one in memory."""
SKIPPABLE_MAGIC, SEEKABLE_MAGIC = 0x184D2A5E, 0x8F92EAB1
RECORD = "starter.json"


def content_of(data: bytes) -> bytes:
    """What a compressed .blend file holds."""
    with zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True) as reader:
        return reader.read()


def frame_sizes(data: bytes) -> list[int]:
    """Bytes of content in each frame of a compressed .blend file, by its table; empty where it has none."""
    if len(data) < 9:
        return []
    count, flags, magic = struct.unpack("<IBI", data[-9:])
    if magic != SEEKABLE_MAGIC or flags or len(data) < 9 + 8 * count:
        return []
    table = data[-9 - 8 * count : -9]
    return [struct.unpack_from("<II", table, 8 * number)[1] for number in range(count)]


def recompressed(data: bytes) -> bytes:
    """The same content, smaller; as it is where it is in as few frames already, or is no compressed .blend file."""
    sizes = frame_sizes(data)
    if len(sizes) <= -(-sum(sizes) // MOST_FRAME):
        return data
    content = content_of(data)
    parts = [content[start : start + MOST_FRAME] for start in range(0, len(content), MOST_FRAME)]
    frames = [zstandard.ZstdCompressor(level=LEVEL).compress(part) for part in parts]
    table = b"".join(struct.pack("<II", len(frame), len(part)) for frame, part in zip(frames, parts, strict=True))
    table += struct.pack("<IBI", len(frames), 0, SEEKABLE_MAGIC)
    return b"".join([*frames, struct.pack("<II", SKIPPABLE_MAGIC, len(table)), table])


def recompress(path: Path) -> int:
    """Rewrite a file, where that makes it smaller; returns how many bytes are saved."""
    data = path.read_bytes()
    smaller = recompressed(data)
    if len(smaller) < len(data):
        with atomic_path(path) as temp:
            temp.write_bytes(smaller)
    return max(len(data) - len(smaller), 0)


def recompress_all(folder: Path) -> int:
    """Rewrite all .blend files of starter assets and their hashes in the record; returns how many bytes are saved."""
    with ThreadPoolExecutor(2) as threads:  # the compressor works outside Python's lock, with 400 MB for each
        saved = sum(threads.map(recompress, sorted(folder.rglob("*.blend"))))
    if saved:
        record = read_json(folder / RECORD)
        for part in record["parts"].values():
            part["files"] = {name: sha256_file(folder / name) for name in part["files"]}
        write_json(folder / RECORD, record)
    return saved


if __name__ == "__main__":
    print(f"starter assets: {recompress_all(Path(sys.argv[1])) / 1e6:.1f} MB saved")
