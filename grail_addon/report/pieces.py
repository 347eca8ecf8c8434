# SPDX-License-Identifier: GPL-3.0-or-later
"""A report of many variants is made of pieces of at most 500, each with a data file and a contact sheet of its own.

Where a piece ends is decided by the names in it, so that a new variant changes the piece it falls into and no other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from .collect import ManifestFile

MOST = 500
LEAST = 50
_ENDS_ONE_IN = 200


@dataclass(frozen=True)
class Piece:
    """name: for its files, from its first variant. state: hash of what its manifests' files look like."""

    name: str
    files: tuple[ManifestFile, ...]
    state: str


def cut(files: Sequence[ManifestFile]) -> list[Piece]:
    """`files`, which are ordered by name, as pieces. Up to 500 are one piece."""
    pieces: list[Piece] = []
    start = 0
    for index, file in enumerate(files):
        size = index + 1 - start
        ends = size >= LEAST and len(files) > MOST and _number(file.name) % _ENDS_ONE_IN == 0
        if ends or size == MOST or index + 1 == len(files):
            pieces.append(_piece(files[start : index + 1]))
            start = index + 1
    return pieces


def _piece(files: Sequence[ManifestFile]) -> Piece:
    first = files[0].name
    # readable, and never the same for two names
    readable = "".join(c if c.isalnum() or c in "-_." else "-" for c in first)[-80:]
    state = hashlib.sha256(repr([(file.name, *file.stat) for file in files]).encode()).hexdigest()
    return Piece(f"{readable}-{_number(first):08x}", tuple(files), state)


def _number(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")
