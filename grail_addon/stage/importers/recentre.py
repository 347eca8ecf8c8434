# SPDX-License-Identifier: GPL-3.0-or-later
"""Moves what was read into a scratch scene near its origin, as exactly as the file has it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np
from mathutils import Vector

from ...core.arrays import Array
from ...steps.blender_calls import blender_call
from .far import ROUNDING, offset_of, used_vertices
from .scratch import Scratch


@dataclass(frozen=True, eq=False)
class Moved:
    """offset (3,): the point of the file, in its units, that is the origin now. lost: rounding of the coordinates that
    could not be undone, in the file's units; 0 where none is left."""

    offset: Array
    lost: float = 0.0

    def note(self, name: str, unit: float) -> str:
        """What the user should know. unit: metres of one of the file's units."""
        x, y, z = (f"{value:.12g}" for value in self.offset)
        far = float(np.linalg.norm(self.offset)) * unit
        distance = f"{far / 1000:.3g} km" if far >= 1000 else f"{far:.3g} m"
        said = (
            f"{name} lies {distance} from its origin; the point {x}, {y}, {z} is its origin now, as `mesh_offset` says."
        )
        if self.lost * unit > 1e-5:
            said += f" Blender reads this format in single precision: to {self.lost * unit * 1000:.2g} mm there."
        return said


def move_near(path: Path, place: Scratch, precise: tuple[Array, Array] | None) -> Moved | None:
    """Move all that was read from `path` near the origin of the scratch scene; None where it is near already. precise: what
    `far.far_vertices` found in the file."""
    if precise is not None and _set_vertices(path, place, *precise):
        return Moved(precise[1])
    with blender_call("ViewLayer.update"):
        place.view_layer.update()
    corners = [
        np.array([obj.matrix_world @ Vector(corner) for corner in obj.bound_box])
        for obj in place.scene.objects
        if obj.type == "MESH" and len(obj.data.vertices)
    ]
    if not corners:
        return None
    points = np.concatenate(corners)
    offset = offset_of(points.min(axis=0), points.max(axis=0))
    if offset is None:
        return None
    for obj in place.scene.objects:
        if obj.parent is None:
            obj.matrix_world.translation = [
                a - float(b) for a, b in zip(obj.matrix_world.translation, offset, strict=True)
            ]
    own = max(float(np.abs(np.array(obj.bound_box)).max()) for obj in place.scene.objects if obj.type == "MESH")
    return Moved(offset, own * ROUNDING if own * ROUNDING > 1e-7 * float(np.ptp(points, axis=0).max()) else 0.0)


def _set_vertices(path: Path, place: Scratch, points: Array, offset: Array) -> bool:
    """Give the one mesh that was read the file's own vertices; False where they are not the ones that it has."""
    objects = [obj for obj in place.scene.objects if obj.type == "MESH"]
    if len(objects) != 1:
        return False
    mesh: bpy.types.Mesh = objects[0].data
    if len(mesh.vertices) != len(points) and path.suffix.lower() == ".obj":
        points = points[used_vertices(path, len(points))]
    if len(mesh.vertices) != len(points):
        return False
    there = np.empty(3 * len(points), dtype=np.float32)
    mesh.vertices.foreach_get("co", there)
    if not np.allclose(there.reshape(-1, 3), points + offset, rtol=2.0**-22, atol=0.0):
        return False
    mesh.vertices.foreach_set("co", points.astype(np.float32).ravel())
    mesh.update()
    return True
