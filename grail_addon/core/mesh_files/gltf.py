# SPDX-License-Identifier: GPL-3.0-or-later
"""glTF 2.0: its JSON, from a .gltf or a .glb, and the files that it names."""

from __future__ import annotations

import base64
import binascii
import json
import struct
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
from numpy.typing import NDArray

_JSON_CHUNK = 0x4E4F534A
_MOST_EMPTY, _MOST_TRIANGLES = 300_000_000, 200_000_000
_MOST_UNUSED = 1 << 30  # bytes
_PACKED = 100
"""Entries that a byte of a compressed buffer may stand for; even a flat grid takes more bytes."""
DEEPEST = 200
"""Levels of nodes; Blender's importer takes some calls of Python, which allows 1000, for each."""


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


_KINDS = {5120: "i1", 5121: "u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
_PARTS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}


def check_gltf(path: Path) -> None:
    """Raise ValueError with the reason, as the end of a sentence, where its data is not what its JSON says."""
    gltf = read_gltf(path)
    try:
        _check_nodes(gltf)
        buffers = [_buffer(path, entry, number) for number, entry in enumerate(gltf.get("buffers") or [])]
        accessors = gltf.get("accessors") or []
        for number, accessor in enumerate(accessors):
            _check_accessor(gltf, buffers, accessor, number)
        _check_amounts(gltf, accessors, sum(map(len, buffers)))
        for mesh in gltf.get("meshes") or []:
            for primitive in mesh["primitives"]:
                if not (primitive.get("extensions") or {}).keys() & {"KHR_draco_mesh_compression"}:
                    _check_primitive(gltf, buffers, accessors, primitive)
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise ValueError(f"its JSON does not fit together ({type(error).__name__}: {error})") from None


def _check_nodes(gltf: dict[str, Any]) -> None:
    """The nodes must be trees: importers go through them by recursion."""
    nodes, meshes = gltf.get("nodes") or [], gltf.get("meshes") or []
    roots = [root for scene in gltf.get("scenes") or [] for root in scene.get("nodes") or []]
    gone = next((root for root in roots if not 0 <= root < len(nodes)), None)
    if gone is not None:
        raise ValueError(f"its scene names node {gone}, and there are {len(nodes)}")
    parent: dict[int, int] = {}
    for number, node in enumerate(nodes):
        if node.get("mesh") is not None and not 0 <= node["mesh"] < len(meshes):
            raise ValueError(f"its node {number} names mesh {node['mesh']}, and there are {len(meshes)}")
        for child in node.get("children") or []:
            if not 0 <= child < len(nodes):
                raise ValueError(f"its node {number} names node {child}, and there are {len(nodes)}")
            if child in parent:
                raise ValueError(f"its node {child} hangs on two others")
            parent[child] = number
    _check_depth(len(nodes), parent)


def _check_depth(count: int, parent: dict[int, int]) -> None:
    depth: dict[int, int] = {}
    for number in range(count):
        way = [number]
        while way[-1] in parent and parent[way[-1]] not in depth:
            way.append(parent[way[-1]])
            if len(way) > count:
                raise ValueError(f"its node {number} hangs on itself")
        for node in reversed(way):
            depth[node] = depth[parent[node]] + 1 if node in parent else 0
            if depth[node] > DEEPEST:
                raise ValueError(f"its nodes are nested more than {DEEPEST} deep")


def _buffer(path: Path, entry: dict[str, Any], number: int) -> bytes:
    uri, length = entry.get("uri"), entry["byteLength"]
    if not isinstance(length, int) or length < 0:
        raise ValueError(f"its buffer {number} has {length} bytes")
    if uri is None and (entry.get("extensions") or {}):
        return b""  # filled by an extension: the importer says whether it can
    if uri is None:
        data = _binary_chunk(path)
    elif uri.startswith("data:"):
        try:
            data = base64.b64decode(uri.partition(",")[2])
        except binascii.Error:
            raise ValueError(f"its buffer {number} is no base64") from None
    else:
        file = path.parent / unquote(uri)
        if not file.is_file():
            raise ValueError(f"its buffer {unquote(uri)} is not there")
        there = file.stat().st_size
        if there > length + _MOST_UNUSED:  # importers read all of it
            raise ValueError(f"its buffer {unquote(uri)} has {there} bytes, and should have {length}")
        with file.open("rb") as handle:
            data = handle.read(length)
    if len(data) < length:
        name = "its buffer" if uri is None or uri.startswith("data:") else f"its buffer {unquote(uri)}"
        raise ValueError(f"{name} is cut off: {len(data)} of {length} bytes are there")
    return data


def _binary_chunk(path: Path) -> bytes:
    data = path.read_bytes()
    (size,) = struct.unpack_from("<I", data, 12)
    start = 20 + size
    if len(data) < start + 8:
        raise ValueError("its binary part is missing")
    (length,) = struct.unpack_from("<I", data, start)
    return data[start + 8 : start + 8 + length]


def _check_accessor(gltf: dict[str, Any], buffers: list[bytes], accessor: dict[str, Any], number: int) -> None:
    count = accessor["count"]
    if not isinstance(count, int) or count < 0:
        raise ValueError(f"its accessor {number} has {count} entries")
    if accessor.get("bufferView") is None:
        return
    view = gltf["bufferViews"][accessor["bufferView"]]
    if view.get("extensions"):
        return  # compressed
    size = np.dtype(_KINDS[accessor["componentType"]]).itemsize * _PARTS[accessor["type"]]
    offset, stride = accessor.get("byteOffset", 0), view.get("byteStride") or size
    start = view.get("byteOffset", 0)
    if min(offset, start, view["byteLength"]) < 0 or start + view["byteLength"] > len(buffers[view["buffer"]]):
        raise ValueError(f"its accessor {number} lies outside its buffer")
    if count and offset + stride * (count - 1) + size > view["byteLength"]:
        raise ValueError(f"its accessor {number} has {count} entries, and its data ends before")


def _check_amounts(gltf: dict[str, Any], accessors: list[dict[str, Any]], size: int) -> None:
    """Few bytes must not stand for more than memory holds: entries that no data is behind, meshes shown by many nodes. size:
    bytes of all buffers."""
    views = gltf.get("bufferViews") or []
    empty = sum(
        accessor["count"]
        for accessor in accessors
        if accessor.get("bufferView") is None or views[accessor["bufferView"]].get("extensions")
    )
    if empty > min(_MOST_EMPTY, max(1_000_000, _PACKED * size)):
        raise ValueError(f"it promises {empty} entries without data, and has {size} bytes")
    triangles = [
        sum(_corners(accessors, primitive) for primitive in mesh["primitives"]) // 3
        for mesh in gltf.get("meshes") or []
    ]
    shown = sum(triangles[node["mesh"]] for node in gltf.get("nodes") or [] if node.get("mesh") is not None)
    if shown > _MOST_TRIANGLES:
        raise ValueError(f"its nodes show {shown} triangles, and at most {_MOST_TRIANGLES} can be used")


def _corners(accessors: list[dict[str, Any]], primitive: dict[str, Any]) -> int:
    number = primitive.get("indices", primitive["attributes"].get("POSITION"))
    return 0 if number is None else int(accessors[number]["count"])


def _values(gltf: dict[str, Any], buffers: list[bytes], accessor: dict[str, Any]) -> NDArray[Any] | None:
    """(count, parts), None where an extension or nothing holds it."""
    if accessor.get("bufferView") is None or not accessor["count"]:
        return None
    view = gltf["bufferViews"][accessor["bufferView"]]
    if view.get("extensions"):
        return None
    kind, parts, count = np.dtype(_KINDS[accessor["componentType"]]), _PARTS[accessor["type"]], accessor["count"]
    start = view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
    stride = view.get("byteStride") or kind.itemsize * parts
    data = buffers[view["buffer"]]
    return np.ndarray((count, parts), kind, data, start, (stride, kind.itemsize))


def _check_primitive(
    gltf: dict[str, Any], buffers: list[bytes], accessors: list[dict[str, Any]], primitive: dict[str, Any]
) -> None:
    if "POSITION" not in primitive["attributes"]:
        return
    points = accessors[primitive["attributes"]["POSITION"]]
    values = _values(gltf, buffers, points)
    if values is not None and not np.isfinite(values).all():
        raise ValueError("some of its coordinates are not numbers")
    indices = None if primitive.get("indices") is None else _values(gltf, buffers, accessors[primitive["indices"]])
    if indices is not None and int(indices.max()) >= points["count"]:
        raise ValueError(f"its faces name point {int(indices.max())}, and there are {points['count']}")
