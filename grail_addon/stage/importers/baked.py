# SPDX-License-Identifier: GPL-3.0-or-later
"""Colour and alpha of a material as one picture, for readers that know MTL alone, with the UVs that it lies on.

Where pictures all lie on one chart, each of their pixels is worked out, and the chart becomes the exported UVs: nothing is
resampled. Where the mesh's own colours or several charts take part, each triangle gets a field of a new picture.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from ...steps.blender_calls import blender_call
from ...steps.effects import Pause, Steps, offload
from .shading import (
    Chart,
    Constant,
    Expression,
    MeshColour,
    Operation,
    Picture,
    UnknownNodeError,
    Values,
    leaves,
    read,
    value,
)
from .textures import StoredPixels, stored_pixels

WIDEST = 4096  # pixels of a picture of fields
SMALLEST_FIELD, PLAIN_FIELD, LARGEST_FIELD = 4, 6, 64
_RIM = 1e-4  # of a picture: coordinates on its rim are seldom exact
MOST_TRIANGLES = (8192 // SMALLEST_FIELD) ** 2


@dataclass(frozen=True, eq=False)
class Corners:
    """What a mesh has at the corners of a material's M triangles. uvs: name -> (M, 3, 2), the one that renders also under
    the empty name; colours: name -> (M, 3, 4) linear."""

    count: int
    uvs: dict[str, Values]
    colours: dict[str, Values]

    def part(self, chosen: NDArray[np.bool_]) -> Corners:
        """Those of some of the triangles."""
        uvs, colours = ({k: v[chosen] for k, v in kind.items()} for kind in (self.uvs, self.colours))
        return Corners(int(chosen.sum()), uvs, colours)


@dataclass(frozen=True, eq=False)
class Baked:
    """pixels: (H, W, 4) display-referred colour and alpha, bottom row first; None where the material's own picture says
    it. uvs (M, 3, 2): of the corners on it; None where they are the mesh's own."""

    pixels: NDArray[np.uint8] | None
    uvs: Values | None
    has_alpha: bool = False


def mesh_corners(mesh_of: Callable[[], bpy.types.Mesh]) -> Steps[tuple[NDArray[np.int32], Corners]]:
    """Slot (M,) of each triangle, where one that is not there counts as the last, and what all have at their corners.
    mesh_of: gives the mesh when it is needed."""
    mesh = mesh_of()
    with blender_call("Mesh.loop_triangles"):
        mesh.calc_loop_triangles()
    loops, points, slots = (_numbers(mesh.loop_triangles, *what) for what in _OF_TRIANGLES)
    uvs: dict[str, Values] = {}
    colours: dict[str, Values] = {}
    for number in range(len(mesh.uv_layers)):
        yield Pause()
        layer = mesh_of().uv_layers[number]
        name, is_rendered = layer.name, layer.active_render
        flat = _numbers(layer.uv, "vector", 2, np.float32)
        uvs[name] = yield from offload(partial(_at_corners, flat, 2, loops))
        if is_rendered:
            uvs[""] = uvs[name]
    for number in range(len(mesh_of().color_attributes)):
        yield Pause()
        attribute = mesh_of().color_attributes[number]
        name, at = attribute.name, loops if attribute.domain == "CORNER" else points
        flat = _numbers(attribute.data, "color", 4, np.float32)
        colours[name] = yield from offload(partial(_at_corners, flat, 4, at))
    mesh = mesh_of()
    if mesh.color_attributes:
        colours[""] = colours[mesh.color_attributes[max(mesh.color_attributes.render_color_index, 0)].name]
    return np.clip(slots, 0, max(len(mesh.materials) - 1, 0)), Corners(len(slots), uvs, colours)


_OF_TRIANGLES = (("loops", 3, np.int32), ("vertices", 3, np.int32), ("material_index", 1, np.int32))


def _numbers(collection: Any, name: str, each: int, kind: Any) -> NDArray[Any]:
    """A property of all members of a collection, `each` numbers of `kind` a member, flat."""
    flat = np.empty(len(collection) * each, dtype=kind)
    with blender_call("foreach_get"):
        collection.foreach_get(name, flat)
    return flat


def _at_corners(flat: Values, each: int, at: NDArray[np.int32]) -> Values:
    """Values (M, 3, each) at the corners of M triangles. at (3M,): which of all is at each corner."""
    return flat.reshape(-1, each)[at].reshape(-1, 3, each)


def bake(shader: bpy.types.ShaderNode, corners: Corners) -> Steps[Baked | None]:
    """The picture of a shader whose colour MTL cannot say; None where it can, or where the shader is another kind."""
    try:
        colour, alpha = read(shader.inputs["Base Color"]), read(shader.inputs["Alpha"])
    except UnknownNodeError:
        return None
    parts = [part for part in (*leaves(colour), *leaves(alpha)) if not isinstance(part, Constant)]
    if not parts:
        return None
    charts = {part.chart for part in parts if isinstance(part, Picture)}
    if any(chart.layer not in corners.uvs for chart in charts):
        return None
    if len(charts) == 1 and all(isinstance(part, Picture) and _repeats(part, corners) for part in parts):
        (chart,) = charts
        uvs = None if chart == Chart() else chart.of(corners.uvs[chart.layer])
        if isinstance(colour, Picture) and not colour.alpha and isinstance(alpha, Constant):
            return None if uvs is None else Baked(None, uvs)
        images = yield from _images(parts)
        pixels = yield from offload(lambda: _whole_picture(colour, alpha, images))
        return Baked(pixels, uvs, not isinstance(alpha, Constant))
    if corners.count == 0 or corners.count > MOST_TRIANGLES:
        return None
    images = yield from _images(parts)
    return (yield from offload(lambda: _fields(colour, alpha, corners, images, plain=not charts)))


def bake_glow(shader: bpy.types.ShaderNode) -> Steps[NDArray[np.uint8] | None]:
    """The picture (H, W, 4) in which a surface shines by itself, where that is no picture as it stands; None else, and where
    it does not lie on the mesh's own UVs."""
    try:
        colour = read(shader.inputs["Emission Color"])
    except UnknownNodeError:
        return None
    strength = float(shader.inputs["Emission Strength"].default_value)
    parts = [part for part in leaves(colour) if not isinstance(part, Constant)]
    if not parts or strength <= 0.0 or (isinstance(colour, Picture) and strength == 1.0):
        return None
    if not all(isinstance(part, Picture) and part.chart == Chart() for part in parts):
        return None
    images = yield from _images(parts)
    glow = Operation("MIX MULTIPLY", (Constant((1.0,)), colour, Constant((strength,) * 3)))
    return (yield from offload(lambda: _whole_picture(glow, Constant((1.0,)), images)))


def _images(parts: Sequence[Expression]) -> Steps[dict[str, StoredPixels]]:
    """Name -> pixels of the pictures among the parts of an expression."""
    images: dict[str, StoredPixels] = {}
    for part in parts:
        if isinstance(part, Picture) and part.image not in images:
            yield Pause()
            images[part.image] = yield from stored_pixels(bpy.data.images[part.image])
    return images


def _display(colour: Values, alpha: Values, shape: tuple[int, int]) -> NDArray[np.uint8]:
    linear = np.clip(np.broadcast_to(colour, (shape[0] * shape[1], 3)), 0.0, 1.0)
    srgb = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    opacity = np.clip(np.broadcast_to(alpha, (len(srgb), 1)), 0.0, 1.0)
    return np.rint(np.concatenate([srgb, opacity], axis=1) * 255.0).astype(np.uint8).reshape(*shape, 4)


def _whole_picture(colour: Expression, alpha: Expression, stored: Mapping[str, StoredPixels]) -> NDArray[np.uint8]:
    """Each pixel of the largest of the pictures, on which all others lie, too."""
    images = {name: pixels.linear() for name, pixels in stored.items()}
    height, width = max((image.shape[:2] for image in images.values()), key=lambda size: size[0] * size[1])

    def leaf(part: Picture | MeshColour) -> Values:
        assert isinstance(part, Picture)  # asked for nothing else
        image = images[part.image]
        rows = np.arange(height) * image.shape[0] // height
        columns = np.arange(width) * image.shape[1] // width
        found = image[rows][:, columns].reshape(-1, 4)
        return found[:, 3:] if part.alpha else found[:, :3]

    one = value(alpha, leaf)
    return _display(value(colour, leaf), one.mean(axis=1, keepdims=True), (height, width))


def _fields(
    colour: Expression, alpha: Expression, corners: Corners, stored: Mapping[str, StoredPixels], plain: bool
) -> Baked:
    """A square field for each triangle. plain: its colour is even between the corners, so that a few pixels do."""
    across = math.ceil(math.sqrt(corners.count))
    side = max(SMALLEST_FIELD, min(PLAIN_FIELD if plain else LARGEST_FIELD, WIDEST // across))
    steps = (np.arange(side) - 1.0) / (side - 3.0)
    v, u = (grid.ravel() for grid in np.meshgrid(steps, steps, indexing="ij"))
    u, v = np.maximum(u, 0.0), np.maximum(v, 0.0)
    beyond = np.maximum(u + v, 1.0)
    weights = np.stack([1.0 - (u + v) / beyond, u / beyond, v / beyond], axis=1).astype(np.float32)
    images = {name: pixels.linear() for name, pixels in stored.items()}

    def leaf(part: Picture | MeshColour) -> Values:
        if isinstance(part, MeshColour):
            found = _spread(corners.colours.get(part.name, np.ones((corners.count, 3, 4), np.float32)), weights)
        else:
            places = _spread(part.chart.of(corners.uvs[part.chart.layer]), weights)
            found = sampled(images[part.image], places, part.beyond)
        return found[:, 3:] if part.alpha else found[:, :3]

    size = corners.count * side, side
    flat = _display(value(colour, leaf), value(alpha, leaf).mean(axis=1, keepdims=True), size)
    rows = math.ceil(corners.count / across)
    fields = np.zeros((rows * across, side, side, 4), np.uint8)
    fields[: corners.count] = flat.reshape(corners.count, side, side, 4)
    pixels = fields.reshape(rows, across, side, side, 4).swapaxes(1, 2).reshape(rows * side, across * side, 4)
    number = np.arange(corners.count)
    start = np.stack([number % across, number // across], axis=1)[:, None] * side
    places = np.array([(1.5, 1.5), (side - 1.5, 1.5), (1.5, side - 1.5)])
    uvs = (start + places) / [across * side, rows * side]
    return Baked(pixels, uvs.astype(np.float32), not isinstance(alpha, Constant))


def _spread(values: Values, weights: Values) -> Values:
    """(M, 3, K) at corners -> (M * pixels of a field, K)."""
    return np.einsum("pc,mck->mpk", weights, values).reshape(-1, values.shape[2])


def sampled(image: Values, uvs: Values, beyond: tuple[str, str] = ("REPEAT", "REPEAT")) -> Values:
    """(N, 4) of a picture (H, W, 4), between its pixels. beyond: see `Picture`."""
    height, width = image.shape[:2]
    x, y = uvs[:, 0] * width - 0.5, uvs[:, 1] * height - 0.5
    left, low = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
    s, t = (x - left)[:, None], (y - low)[:, None]
    left, right = (_within(k, width, beyond[0]) for k in (left, left + 1))
    low, high = (_within(k, height, beyond[1]) for k in (low, low + 1))
    bottom = image[low, left] * (1 - s) + image[low, right] * s
    top = image[high, left] * (1 - s) + image[high, right] * s
    found = (bottom * (1 - t) + top * t).astype(np.float32)
    for axis in range(2):
        if beyond[axis] == "CLIP":
            found[(uvs[:, axis] < 0.0) | (uvs[:, axis] > 1.0)] = 0.0
    return found


def _within(index: NDArray[np.int64], count: int, way: str) -> NDArray[np.int64]:
    """The pixel that is seen at an index that may lie beyond the rim."""
    if way == "REPEAT":
        return index % count
    if way == "MIRROR":
        there = index % (2 * count)
        return np.minimum(there, 2 * count - 1 - there)
    return np.clip(index, 0, count - 1)


def _repeats(part: Expression, corners: Corners) -> bool:
    """Whether a picture is drawn as one that repeats: MTL knows no other, and within its rim there is no difference."""
    if not isinstance(part, Picture) or part.beyond == ("REPEAT", "REPEAT"):
        return True
    uvs = part.chart.of(corners.uvs[part.chart.layer])
    return all(way == "REPEAT" or _is_within(uvs[..., axis]) for axis, way in enumerate(part.beyond))


def _is_within(values: Values) -> bool:
    return not values.size or bool(values.min() >= -_RIM and values.max() <= 1.0 + _RIM)
