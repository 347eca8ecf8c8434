# SPDX-License-Identifier: GPL-3.0-or-later
"""Base colour of an object's materials at points of its surface, to hold a rendered picture against."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import bpy
import numpy as np

from ...core.arrays import Array, Ints
from ...steps.effects import Pause, Steps
from .baked import Corners, mesh_corners, sampled
from .shading import Constant, Expression, MeshColour, Picture, UnknownNodeError, Values, leaves, read, value
from .textures import StoredPixels, stored_pixels

WIDEST = 512  # pixels of a picture that are kept across
_MOST_GLASS = 0.3  # of what a material lets through, or shines by itself: its colour is another thing's then


@dataclass(frozen=True, eq=False)
class SurfaceColour:
    """slots (M,): of each triangle; colours: slot -> expression, for those materials whose colour is known."""

    slots: Ints
    colours: Mapping[int, Expression]
    corners: Corners
    images: Mapping[str, StoredPixels]
    _linear: dict[str, Values] = field(default_factory=dict, init=False)

    def _image(self, name: str) -> Values:
        # converted when it is first asked for, which a thread does
        if name not in self._linear:
            self._linear[name] = self.images[name].linear()
        return self._linear[name]

    def at(self, faces: Ints, weights: Array) -> Array:
        """Linear colour (N, 3) at points in triangles `faces` (N,) with barycentric `weights` (N, 3); NaN where unknown."""
        found = np.full((len(faces), 3), np.nan)
        for slot, colour in self.colours.items():
            mine = self.slots[faces] == slot
            if not mine.any():
                continue
            triangles, shares = faces[mine], weights[mine].astype(np.float32)

            def leaf(part: Picture | MeshColour, triangles: Ints = triangles, shares: Array = shares) -> Values:
                if isinstance(part, MeshColour):
                    values = np.einsum("nc,nck->nk", shares, self.corners.colours[part.name][triangles])
                else:
                    uvs = np.einsum("nc,nck->nk", shares, self.corners.uvs[part.chart.layer][triangles])
                    values = sampled(self._image(part.image), part.chart.of(uvs), part.beyond)
                return values[:, 3:] if part.alpha else values[:, :3]

            found[mine] = value(colour, leaf)
        return found


def surface_colour(object_of: Callable[[], bpy.types.Object]) -> Steps[SurfaceColour]:
    """Of a mesh object as it stands. object_of: gives it when it is needed."""
    slots, corners = yield from mesh_corners(lambda: object_of().data)
    colours, images = {}, dict[str, StoredPixels]()
    for slot in range(len(object_of().data.materials)):
        yield Pause()
        material = object_of().data.materials[slot]
        colour = None if material is None else _colour(material)
        if colour is None:
            continue
        parts = leaves(colour)
        if not all(_is_there(part, corners) for part in parts):
            continue
        colours[slot] = colour
        for part in parts:
            if isinstance(part, Picture) and part.image not in images:
                yield Pause()
                images[part.image] = yield from stored_pixels(bpy.data.images[part.image], WIDEST)
    return SurfaceColour(slots, colours, corners, images)


def _is_there(part: Expression, corners: Corners) -> bool:
    if isinstance(part, Picture):
        return part.chart.layer in corners.uvs
    return not isinstance(part, MeshColour) or part.name in corners.colours


def _colour(material: bpy.types.Material) -> Expression | None:
    """The base colour of a material that is painted, not glass and no lamp."""
    tree = material.node_tree
    shaders = [n for n in tree.nodes if n.type.startswith(("BSDF", "EMISSION", "MIX_SHADER"))] if tree else []
    if len(shaders) != 1 or shaders[0].type != "BSDF_PRINCIPLED":
        return None
    inputs = shaders[0].inputs
    glows = min(_amount(inputs["Emission Strength"]), _amount(inputs["Emission Color"]))
    if max(glows, _amount(inputs["Transmission Weight"]), _amount(inputs["Coat Weight"])) > _MOST_GLASS:
        return None
    try:
        alpha, colour = read(inputs["Alpha"]), read(inputs["Base Color"])
    except UnknownNodeError:
        return None
    return None if isinstance(alpha, Constant) and alpha.value[0] < 1.0 else colour


def _amount(socket: bpy.types.NodeSocket) -> float:
    if socket.links:
        return 1.0
    given = socket.default_value
    return float(given) if isinstance(given, (int, float)) else max(float(part) for part in given[:3])
