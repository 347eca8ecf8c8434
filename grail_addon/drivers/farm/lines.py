# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of JSON between dealers and workers: what is a message, and what is passed over.

Half a line of a process that died is no message, nor is what Blender, a library or another add-on prints before a worker
takes its output for itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import IO, Any

Message = Mapping[str, Any]

MAX_LINE = 16 << 20
"""Longest line that a worker may say; an event has a few hundred bytes."""

_NEEDS = {"event": ("event", "unit"), "unit_end": ("unit",), "refused": ("why",), "gone": ("why",)}
"""What a message of a worker has beside what it is."""


def object_of(line: bytes) -> Message | None:
    """The JSON object in a line; None where there is none."""
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def message_of(line: bytes) -> Message | None:
    """What a worker says in a line; None where it is none of its messages."""
    data = object_of(line)
    if data is None or not isinstance(data.get("say"), str):
        return None
    return data if all(name in data for name in _NEEDS.get(data["say"], ())) else None


def lines_of(stream: IO[bytes]) -> Iterator[bytes]:
    """The lines of a stream. One that is too long for a message is not kept."""
    while line := stream.readline(MAX_LINE):
        if line.endswith(b"\n") or len(line) < MAX_LINE:
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(MAX_LINE)
