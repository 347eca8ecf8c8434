# SPDX-License-Identifier: GPL-3.0-or-later
"""What really is under a point of a scene: its height, whose surface it is, and whether that is level or uneven.

Rays go through `Object.ray_cast`, whose search trees Blender keeps with the evaluated meshes, so asking again costs
next to nothing. The scene need not be the active one.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

import bpy
import numpy as np
from mathutils import Matrix, Vector
from numpy.typing import NDArray

from ...core.arrays import Array
from ...core.errors import UserError
from ...core.mesh import MeshData
from ...core.settle.support import FlatSupport, HoldTest, MeshSupport, Support
from ..measure.meshes import merged, mesh_from_object
from ..owned import BlockRef

ABOVE = (
    0.25  # metres over the hint that rays start from: lower than shelves and lamps, higher than a wrong table height
)
LEVEL = 0.001  # metres; nearer than this to the height counts as the same surface
LEVEL_DEG = 1.0
RINGS = ((0.0, 1), (0.02, 8), (0.05, 8))  # radius in metres, rays
LEVEL_SHARE = 0.75  # of the rays that find this surface: grooves between boards do not make a table uneven
STEP = 0.2  # metres below the height that still belong to the same uneven surface: a stair's step
CLEAR = 0.01  # metres above the surface that a footprint's rays start from
RADIUS = 0.6  # metres round the point of an uneven surface that a body may meet
_DOWN = Vector((0.0, 0.0, -1.0))


@dataclass(frozen=True)
class _Hit:
    height: float
    name: str
    level: bool  # whether the face itself is


@dataclass(frozen=True, eq=False)
class _Surface:
    """A mesh as it stands in the scene, evaluated. to_world, to_local: 4x4; low, high (3,): world box."""

    obj: bpy.types.Object
    name: str
    to_world: Matrix
    to_local: Matrix
    low: Array
    high: Array


def _surfaces(depsgraph: bpy.types.Depsgraph, ignore: Collection[str]) -> list[_Surface]:
    """All meshes of the scene, instances of collections too, that are rendered and not to be ignored."""
    found = []
    for instance in depsgraph.object_instances:
        # the instance's own object lives only as long as this step of the loop
        obj = instance.instance_object if instance.is_instance else instance.object
        owner = instance.parent.name if instance.is_instance and instance.parent else obj.name
        if obj.type != "MESH" or obj.hide_render or not obj.data.polygons or ignore & {obj.name, owner}:
            continue
        matrix = instance.matrix_world.copy()
        if abs(matrix.determinant()) < 1e-18:
            continue  # scaled to nothing
        corners = np.array([matrix @ Vector(corner) for corner in obj.bound_box])
        found.append(_Surface(obj, obj.name, matrix, matrix.inverted(), corners.min(axis=0), corners.max(axis=0)))
    return found


class _Rays:
    """Rays straight down into a scene. Objects to be ignored are left out from the start: a body that rests on a
    table shares the table's height, so a ray stopped by the one would have to skip the other."""

    def __init__(self, scene: bpy.types.Scene, ignore: Collection[str]) -> None:
        layer = scene.view_layers[0]
        layer.update()
        self.depsgraph = layer.depsgraph
        self.surfaces = _surfaces(self.depsgraph, frozenset(ignore))

    def down(self, x: float, y: float, start: float, length: float = 1e4) -> _Hit | None:
        """The first surface below (x, y, start), at most `length` metres below."""
        best: _Hit | None = None
        for surface in self.surfaces:
            low, high = surface.low, surface.high
            if not (low[0] - 1e-6 <= x <= high[0] + 1e-6 and low[1] - 1e-6 <= y <= high[1] + 1e-6 and low[2] <= start):
                continue
            hit = _cast(surface, Vector((x, y, start)))
            if hit is not None and hit.height >= start - length and (best is None or hit.height > best.height):
                best = hit
        return best


def _cast(surface: _Surface, origin: Vector) -> _Hit | None:
    local = surface.to_local @ origin
    direction = (surface.to_local.to_3x3() @ _DOWN).normalized()
    hit, place, normal, _ = surface.obj.ray_cast(local, direction)
    if not hit:
        return None
    upright = surface.to_local.to_3x3().transposed() @ normal
    level = abs(upright.normalized().z) >= math.cos(math.radians(LEVEL_DEG))
    return _Hit((surface.to_world @ place).z, surface.name, level)


def find_support(
    scene: bpy.types.Scene, xy: tuple[float, float], z_hint: float, ignore_names: Collection[str] = ()
) -> Support:
    """The highest surface under `xy` (metres, world) that is not more than 0.25 m above `z_hint`.

    Level within 5 cm of the point: FlatSupport, whose `holds` casts rays under the points it is asked about. Else
    MeshSupport with the triangles within 0.6 m. Objects named in `ignore_names` are not there. Raises UserError if
    nothing lies below.
    """
    x, y = float(xy[0]), float(xy[1])
    rays = _Rays(scene, ignore_names)
    top = rays.down(x, y, z_hint + ABOVE)
    if top is None:
        raise UserError(
            f"Nothing is under x {x:.2f}, y {y:.2f} in scene {scene.name}, so nothing can be put there.",
            "Check obj_pos, or that the scene's floor or table is visible.",
        )
    if _is_level(rays, x, y, top):
        return FlatSupport(
            top.height, top.name, _hold_test(BlockRef.of(scene), (x, y), top.height, frozenset(ignore_names))
        )
    ground = _local_mesh(rays, np.array([x, y, top.height]))
    return MeshSupport(ground.vertices, ground.faces, top.height, top.name)


def _is_level(rays: _Rays, x: float, y: float, top: _Hit) -> bool:
    """Whether the surface round the point is level where it goes on. That it ends nearby does not count, that it goes
    on a step higher or lower does."""
    found = []
    for radius, count in RINGS:
        for k in range(count):
            angle = 2.0 * math.pi * k / count + 0.1
            start = top.height + STEP
            hit = rays.down(x + radius * math.cos(angle), y + radius * math.sin(angle), start, 2 * STEP)
            if hit is not None and hit.name == top.name:
                found.append(hit.level and abs(hit.height - top.height) <= LEVEL)
    return sum(found) >= LEVEL_SHARE * len(found)


def _hold_test(scene: BlockRef, xy: tuple[float, float], height: float, ignore: frozenset[str]) -> HoldTest:
    def holds(points: Array) -> NDArray[np.bool_]:
        rays = _Rays(scene.block, ignore)  # found anew: the test may be asked much later
        hits = [rays.down(xy[0] + px, xy[1] + py, height + CLEAR, CLEAR + LEVEL) for px, py in points.tolist()]
        return np.array([hit is not None and abs(hit.height - height) <= LEVEL for hit in hits], dtype=np.bool_)

    return holds


def _local_mesh(rays: _Rays, centre: Array) -> MeshData:
    """Triangles of the scene that reach into the box of RADIUS round `centre` (3,), relative to it."""
    kept = []
    for surface in rays.surfaces:
        if (surface.low - centre > RADIUS).any() or (surface.high - centre < -RADIUS).any():
            continue
        mesh = mesh_from_object(surface.obj.original, rays.depsgraph, np.array(surface.to_world))
        local = mesh.vertices - centre
        corners = local[mesh.faces]
        near = (corners.min(axis=1) <= RADIUS).all(axis=1) & (corners.max(axis=1) >= -RADIUS).all(axis=1)
        used, index = np.unique(mesh.faces[near], return_inverse=True)
        kept.append(MeshData(local[used], index.reshape(-1, 3).astype(np.int32)))
    return merged(kept)
