# SPDX-License-Identifier: GPL-3.0-or-later
"""glTF 2.0: its JSON, from a .gltf or a .glb, and the files that it names."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any
from urllib.parse import unquote

_JSON_CHUNK = 0x4E4F534A


def read_gltf(path: Path) -> dict[str, Any]:
    """The JSON. Raises ValueError with the reason, as the end of a sentence, for a file that holds none."""
    with path.open("rb") as handle:
        head = handle.read(20)
        if head[:4] != b"glTF":
            data = head + handle.read()
        else:
            if len(head) < 20:
                raise ValueError("it is cut off within its header")
            _, version, whole, size, kind = struct.unpack("<4sIIII", head)
            if version != 2:
                raise ValueError(f"it is glTF {version}, and only glTF 2 can be read")
            there = path.stat().st_size
            if there < whole:
                raise ValueError(f"it is cut off: {there} of {whole} bytes are there")
            if kind != _JSON_CHUNK or size > there:
                raise ValueError("its first part is no JSON")
            data = handle.read(size)
    if not data.strip():
        raise ValueError("it is empty")
    try:
        found = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"its JSON is damaged ({error})") from None
    if not isinstance(found, dict):
        raise ValueError("its JSON is no glTF")
    return found


def files_named(gltf: dict[str, Any]) -> list[str]:
    """Paths of the buffers and images that lie in files of their own, as they are meant."""
    names = []
    for kind in ("buffers", "images"):
        for entry in gltf.get(kind) or []:
            uri = entry.get("uri") if isinstance(entry, dict) else None
            if isinstance(uri, str) and not uri.startswith("data:"):
                names.append(unquote(uri))
    return list(dict.fromkeys(names))
