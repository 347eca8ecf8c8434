# SPDX-License-Identifier: GPL-3.0-or-later
"""PNG files without the texts that a renderer writes into them, so that the same picture has the same bytes."""

from __future__ import annotations

from pathlib import Path

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SAID = frozenset({b"tEXt", b"zTXt", b"iTXt", b"tIME"})


def without_texts(data: bytes) -> bytes:
    """The PNG file `data` less its chunks of text and time (PNG specification, section 11.3.4). Raises ValueError where it
    is no whole PNG file."""
    if not data.startswith(SIGNATURE):
        raise ValueError("not a PNG file")
    kept, at = [SIGNATURE], len(SIGNATURE)
    while at < len(data):
        # length of the content, type, content, checksum
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        if end > len(data):
            raise ValueError("the PNG file is cut off")
        if data[at + 4 : at + 8] not in _SAID:
            kept.append(data[at:end])
        at = end
    return b"".join(kept)


def remove_texts(path: Path) -> None:
    """Take the texts out of a PNG file of ours that nobody reads yet."""
    path.write_bytes(without_texts(path.read_bytes()))
