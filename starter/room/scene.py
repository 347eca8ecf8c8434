# SPDX-License-Identifier: GPL-3.0-or-later
"""`indoor2-manipulation`: the room as a .blend of its own - objects, lamps and a plain world; no camera, no person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import bpy
import numpy as np
from mathutils import Matrix

from ..objects.objfile import corner_normals
from ..objects.shapes import Part, rotation
from . import furniture, props
from .materials import make_material

SCENE = "indoor2-manipulation"

THINGS: dict[str, Callable[[], list[Part]]] = {
    "floor": furniture.floor,
    "wall_back": furniture.wall_back,
    "wall_left": furniture.wall_left,
    "skirting": furniture.skirting,
    "window": furniture.window,
    "outside_view": furniture.outside_view,
    "curtain_left": furniture.curtain_left,
    "curtain_right": furniture.curtain_right,
    "curtain_rod": furniture.curtain_rod,
    "table": furniture.table,
    "rug": furniture.rug,
    "sofa": furniture.sofa,
    "cushion_left": lambda: furniture.cushions("left"),
    "cushion_right": lambda: furniture.cushions("right"),
    "sideboard": furniture.sideboard,
    "books": props.books,
    "shelf": props.shelf,
    "boxes": props.boxes,
    "picture": props.picture,
    "picture_small": props.picture_small,
    "lamp": props.lamp,
    "floor_lamp": props.floor_lamp,
    "plant": props.plant,
    "pot_herb": props.pot_herb,
}


def make_object(name: str, parts: Sequence[Part]) -> bpy.types.Object:
    """One mesh object from parts in world coordinates: materials, UV in metres, smooth and hard normals."""
    names = list(dict.fromkeys(p.material for p in parts))
    offsets = np.cumsum([0, *[len(p.vertices) for p in parts]])
    mesh = bpy.data.meshes.new(name)
    vertices = np.concatenate([p.vertices for p in parts])
    faces = np.concatenate([p.faces + offset for p, offset in zip(parts, offsets, strict=False)])
    mesh.from_pydata(vertices.tolist(), [], faces.tolist())
    for material in names:
        mesh.materials.append(make_material(material))
    index = np.concatenate([np.full(len(p.faces), names.index(p.material), dtype=np.int32) for p in parts])
    mesh.polygons.foreach_set("material_index", index)
    mesh.polygons.foreach_set("use_smooth", np.ones(len(faces), dtype=bool))
    layer = mesh.uv_layers.new(name="UVMap")
    layer.data.foreach_set("uv", np.concatenate([p.uv for p in parts]).astype(np.float32).ravel())
    normals = np.concatenate([corner_normals(p.vertices, p.faces, p.crease) for p in parts])
    mesh.normals_split_custom_set(normals.reshape(-1, 3).tolist())
    mesh.update()
    return bpy.data.objects.new(name, mesh)


def _area(name: str, size: tuple[float, float], energy: float, color: tuple[float, float, float]) -> bpy.types.Object:
    light = bpy.data.lights.new(name, "AREA")
    light.shape = "RECTANGLE"
    light.size, light.size_y = size
    light.energy, light.color = energy, color
    lamp = bpy.data.objects.new(name, light)
    lamp.visible_camera = False
    lamp.visible_glossy = False
    return lamp


def _aim(lamp: bpy.types.Object, at: Sequence[float], target: Sequence[float]) -> None:
    """Put a lamp at `at` (3,), shining along its own -z at `target` (3,)."""
    away = np.asarray(at, dtype=float) - np.asarray(target, dtype=float)
    yaw = float(np.degrees(np.arctan2(away[1], away[0])))
    pitch = float(np.degrees(np.arccos(away[2] / np.linalg.norm(away))))
    matrix = np.eye(4)
    matrix[:3, :3] = rotation("z", yaw) @ rotation("y", pitch)
    matrix[:3, 3] = at
    lamp.matrix_world = Matrix(matrix.tolist())


def lamps() -> list[bpy.types.Object]:
    """`key_area` over the open side, `window_area` in the window; a caller may scale their energy and colour."""
    key = _area("key_area", (1.8, 1.8), 110.0, (1.0, 0.95, 0.88))
    _aim(key, (1.5, -1.7, 2.55), (-0.2, 0.1, 0.5))
    x0, x1, z0, z1 = furniture.WINDOW
    window = _area("window_area", (x1 - x0, z1 - z0), 32.0, (0.86, 0.93, 1.0))
    middle = ((x0 + x1) / 2, furniture.BACK - 0.2, (z0 + z1) / 2)
    _aim(window, middle, (middle[0] - 0.3, 0.0, 0.6))
    return [key, window]


def _plain_world() -> bpy.types.World:
    world = bpy.data.worlds.new("daylight")
    if bpy.app.version < (5, 0, 0):  # later ones always have nodes
        world.use_nodes = True
    background = next(n for n in world.node_tree.nodes if n.type == "BACKGROUND")
    background.inputs["Color"].default_value = (0.85, 0.92, 1.0, 1.0)
    background.inputs["Strength"].default_value = 0.7
    return world


def build_room(root: Path) -> Path:
    """Write {root}/scenes/indoor2-manipulation.blend and return its path. Replaces whatever file is open in Blender."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.name = SCENE
    scene.unit_settings.system = "METRIC"
    scene.unit_settings.scale_length = 1.0
    scene.world = _plain_world()
    scene.render.engine = "CYCLES"
    scene.view_settings.view_transform = "AgX"  # keeps the window and the lamp shades from burning out
    room = bpy.data.collections.new("room")
    scene.collection.children.link(room)
    for name, parts in THINGS.items():
        room.objects.link(make_object(name, parts()))
    lights = bpy.data.collections.new("lights")
    scene.collection.children.link(lights)
    for lamp in lamps():
        lights.objects.link(lamp)
    path = root / "scenes" / f"{SCENE}.blend"
    path.parent.mkdir(parents=True, exist_ok=True)
    bpy.context.preferences.filepaths.save_version = 0
    bpy.ops.wm.save_as_mainfile(filepath=str(path), compress=True, check_existing=False)
    return path
