# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a scene as a .blend of its own: objects, lamps and a plain world; no camera, no person."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import bpy
import numpy as np
from mathutils import Matrix

from ..objects.objfile import corner_normals
from ..objects.shapes import Part, rotation
from .materials import make_material, tinted
from .variety import TINTS, VIEWS


@dataclass(frozen=True)
class Lamp:
    """A rectangular area lamp. size: metres; at, target: world points; energy: watts. A lamp named `window...` is
    daylight: its strength is drawn apart from that of the others."""

    name: str
    size: tuple[float, float]
    energy: float
    at: tuple[float, float, float]
    target: tuple[float, float, float]
    color: tuple[float, float, float] = (1.0, 0.95, 0.88)


@dataclass(frozen=True)
class SceneSpec:
    """A scene file. things: object name -> parts in world coordinates; a name may go on with `@` and the condition under
    which the object is there (see `grail_addon.stage.room.scenery`). sun: watts per m2 and its direction (3,), or none
    indoors. defaults: factor -> option that the file shows, where that is not the first one."""

    name: str
    things: Mapping[str, Callable[[], list[Part]]]
    lamps: Sequence[Lamp]
    sun: tuple[float, tuple[float, float, float]] | None = None
    defaults: Mapping[str, str] = field(default_factory=dict)


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


def _matrix(at: Sequence[float], target: Sequence[float]) -> Matrix:
    """World matrix of a lamp at `at` (3,), shining along its own -z at `target` (3,)."""
    away = np.asarray(at, dtype=float) - np.asarray(target, dtype=float)
    yaw = float(np.degrees(np.arctan2(away[1], away[0])))
    pitch = float(np.degrees(np.arccos(away[2] / np.linalg.norm(away))))
    matrix = np.eye(4)
    matrix[:3, :3] = rotation("z", yaw) @ rotation("y", pitch)
    matrix[:3, 3] = at
    return Matrix(matrix.tolist())


def make_lamp(lamp: Lamp) -> bpy.types.Object:
    """An area light that neither the camera nor a mirror sees."""
    light = bpy.data.lights.new(lamp.name, "AREA")
    light.shape = "RECTANGLE"
    light.size, light.size_y = lamp.size
    light.energy, light.color = lamp.energy, lamp.color
    made = bpy.data.objects.new(lamp.name, light)
    made.visible_camera = False
    made.visible_glossy = False
    made.matrix_world = _matrix(lamp.at, lamp.target)
    return made


def make_sun(energy: float, direction: Sequence[float]) -> bpy.types.Object:
    """Sunlight that travels along `direction` (3,)."""
    light = bpy.data.lights.new("sun", "SUN")
    light.energy, light.color, light.angle = energy, (1.0, 0.96, 0.90), 0.02
    made = bpy.data.objects.new("sun", light)
    made.matrix_world = _matrix(-8.0 * np.asarray(direction, dtype=float), (0.0, 0.0, 0.0))
    return made


def _plain_world() -> bpy.types.World:
    world = bpy.data.worlds.new("daylight")
    if bpy.app.version < (5, 0, 0):  # later ones always have nodes
        world.use_nodes = True
    background = next(n for n in world.node_tree.nodes if n.type == "BACKGROUND")
    background.inputs["Color"].default_value = (0.85, 0.92, 1.0, 1.0)
    background.inputs["Strength"].default_value = 0.7
    return world


def _only_with(item: bpy.types.Object, condition: str, defaults: Mapping[str, str]) -> None:
    """Make an object conditional, and hide it where the file's defaults do not show it."""
    item["variety"] = condition
    wanted = dict(text.strip().split("=") for text in condition.split(";"))
    hidden = any(defaults[factor] not in options.split("|") for factor, options in wanted.items())
    item.hide_render = item.hide_viewport = hidden


def _swatch(factor: str, base: str, materials: Sequence[bpy.types.Material]) -> bpy.types.Object:
    """A hidden object that holds what the material `base` may be exchanged for."""
    mesh = bpy.data.meshes.new(f"swatch {base}")
    for material in (bpy.data.materials[base], *materials):
        mesh.materials.append(material)
    made = bpy.data.objects.new(mesh.name, mesh)
    made["variety_swatch"] = factor
    made.hide_render = made.hide_viewport = True
    return made


def _swatches() -> list[bpy.types.Object]:
    """For each material of the open file that may have other colours, and for what windows show."""
    used = [m.name for m in bpy.data.materials]
    made = [_swatch(TINTS[b][0], b, [tinted(b, code) for code in TINTS[b][1]]) for b in used if b in TINTS]
    for name in VIEWS:
        if name in used:
            made.append(_swatch("view", name, [make_material(other) for other in VIEWS if other != name]))
    return made


def write_scene(root: Path, spec: SceneSpec) -> Path:
    """Write {root}/scenes/{name}.blend and return its path. Replaces whatever file is open in Blender."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.name = spec.name
    scene.unit_settings.system = "METRIC"
    scene.unit_settings.scale_length = 1.0
    scene.world = _plain_world()
    scene.render.engine = "CYCLES"
    scene.view_settings.view_transform = "AgX"  # keeps the window and the lamp shades from burning out
    room = bpy.data.collections.new("room")
    scene.collection.children.link(room)
    for key, parts in spec.things.items():
        name, _, condition = key.partition("@")
        room.objects.link(make_object(name, parts()))
        if condition:
            _only_with(room.objects[name], condition, spec.defaults)
    for swatch in _swatches():
        room.objects.link(swatch)
    lights = bpy.data.collections.new("lights")
    scene.collection.children.link(lights)
    for lamp in spec.lamps:
        lights.objects.link(make_lamp(lamp))
    if spec.sun is not None:
        lights.objects.link(make_sun(*spec.sun))
    path = root / "scenes" / f"{spec.name}.blend"
    path.parent.mkdir(parents=True, exist_ok=True)
    bpy.context.preferences.filepaths.save_version = 0
    bpy.ops.wm.save_as_mainfile(filepath=str(path), compress=True, check_existing=False)
    return path
