# SPDX-License-Identifier: GPL-3.0-or-later
"""A small project for the gate: a jointed person of boxes, things to handle, a chair, stairs, and boxes to get in the way.

Everything is made in the running Blender, which is emptied first.
"""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np

from grail_addon.core.mesh import MeshData
from tests.stage.shapes import box, join, obj_text

OBSTACLES = ("crate", "screen", "vase", "desk_lamp", "lampshade", "lens_cap")

CONFIG = """\
task: manipulation
character: dummy
character_dir: characters
results_dir: results
object_config: objects.yaml
skip_step2: true
skip_step4: true
simulation: {drops: 2}
rendering: {samples: 4, width: 256, height: 144, num_rand_scenes: 5, gpu: false, denoise: true}
scenes:
  mini: &mini
    obj_pos: [0, 0, 0.6]
    obj_pos_rand_max: [0.05, 0.05, 0]
    obj_rot_rand_max: [0, 0, 40]
    character_pos_mode: polar
    character_azimuth: 180
    character_distance: 0.6
    character_z: 0
    character_face_object: true
    camera_azimuth: -60
    camera_azimuth_rand_max: 25
    camera_elevation: 12
    camera_radius: 3.4
    camera_offset: [-0.2, 0, 0.05]
    static_objects: {STATICS}
  sunlit:
    <<: *mini
  bare:
    <<: *mini
    obj_pos: [0, 0, 0]
    obj_pos_rand_max: [0, 0, 0]
    obj_rot_rand_max: [0, 0, 0]
    camera_offset: [-0.2, 0, 0.65]
"""

OBJECTS = """\
dataset: Test
objects:
  block: {scene: mini}
  book: {scene: mini}
  hammer: {scene: mini}
  wedge: {scene: sunlit}
  can: {scene: sunlit}
  pen: {scene: sunlit}
  ball: {scene: bare}
  chair: {scene: bare, character_distance: 0.95, camera_offset: [-0.3, 0, 0.6]}
  stairs: {scene: bare, character_distance: 0.7, camera_azimuth: -110, camera_radius: 4.4, camera_offset: [0.4, 0, 0.55]}
"""

# name -> forward, left and up of a part's middle, and its size along them; the person faces forward
_PARTS: dict[str, tuple[tuple[float, float, float], tuple[float, float, float]]] = {
    "head": ((0.02, 0, 1.22), (0.17, 0.15, 0.20)),
    "spine_01": ((0, 0, 0.88), (0.18, 0.30, 0.48)),
    "thigh_l": ((0, 0.08, 0.35), (0.13, 0.12, 0.58)),
    "thigh_r": ((0, -0.08, 0.35), (0.13, 0.12, 0.58)),
    "foot_l": ((0.04, 0.08, 0.03), (0.22, 0.09, 0.06)),
    "foot_r": ((0.04, -0.08, 0.03), (0.22, 0.09, 0.06)),
    "upperarm_l": ((0.04, 0.22, 0.9), (0.08, 0.08, 0.4)),
    "upperarm_r": ((0.04, -0.22, 0.9), (0.08, 0.08, 0.4)),
    "hand_l": ((0.12, 0.24, 0.68), (0.10, 0.05, 0.10)),
    "hand_r": ((0.12, -0.24, 0.68), (0.10, 0.05, 0.10)),
}
# name -> parent, and in shares of the part's box where the bone starts and ends (forward, left, up)
_BONES: dict[str, tuple[str, tuple[float, float, float], tuple[float, float, float]]] = {
    "spine_01": ("", (0.5, 0.5, 0.0), (0.5, 0.5, 1.0)),
    "head": ("spine_01", (0.5, 0.5, 0.2), (0.5, 0.5, 1.0)),
    "upperarm_l": ("spine_01", (0.5, 0.5, 1.0), (0.5, 0.5, 0.0)),
    "upperarm_r": ("spine_01", (0.5, 0.5, 1.0), (0.5, 0.5, 0.0)),
    "hand_l": ("upperarm_l", (0.5, 0.5, 0.9), (0.5, 0.5, 0.05)),
    "hand_r": ("upperarm_r", (0.5, 0.5, 0.9), (0.5, 0.5, 0.05)),
    "thigh_l": ("spine_01", (0.5, 0.5, 1.0), (0.5, 0.5, 0.0)),
    "thigh_r": ("spine_01", (0.5, 0.5, 1.0), (0.5, 0.5, 0.0)),
    "foot_l": ("thigh_l", (0.3, 0.5, 0.9), (1.0, 0.5, 0.3)),
    "foot_r": ("thigh_r", (0.3, 0.5, 0.9), (1.0, 0.5, 0.3)),
}


def _own(point: np.ndarray) -> np.ndarray:
    """Forward, left, up -> the character's own frame, which faces -Y."""
    return np.array([point[1], -point[0], point[2]])


def _corners(name: str) -> tuple[np.ndarray, np.ndarray]:
    middle, size = np.array(_PARTS[name][0]), np.array(_PARTS[name][1])
    return middle - size / 2, middle + size / 2


def grid_box(low: np.ndarray, high: np.ndarray, n: int = 6) -> MeshData:
    """Closed box whose faces are cut into n x n squares, wound outwards."""
    t = np.linspace(0.0, 1.0, n + 1)
    a, b = (g.ravel() for g in np.meshgrid(t, t, indexing="ij"))
    corner = (np.arange(n)[:, None] * (n + 1) + np.arange(n)).ravel()
    square = np.stack([corner, corner + n + 1, corner + n + 2, corner + 1], axis=1)
    vertices, faces = [], []
    for axis in range(3):
        for side in (0.0, 1.0):
            face = np.empty((len(a), 3))
            face[:, axis], face[:, (axis + 1) % 3], face[:, (axis + 2) % 3] = side, a, b
            order = square if side else square[:, ::-1]
            faces.append(np.concatenate([order[:, [0, 1, 2]], order[:, [0, 2, 3]]]) + sum(len(v) for v in vertices))
            vertices.append(face)
    return MeshData(low + np.concatenate(vertices) * (high - low), np.concatenate(faces).astype(np.int32))


def write_person(path: Path) -> None:
    """The dummy: one mesh, each part moved wholly by the bone of its name."""
    meshes, groups, count = [], {}, 0
    for name in _PARTS:
        low, high = (_own(c) for c in _corners(name))
        part = grid_box(np.minimum(low, high), np.maximum(low, high))
        groups[name] = range(count, count + len(part.vertices))
        count += len(part.vertices)
        meshes.append(part)
    mesh = join(*meshes)
    data = bpy.data.meshes.new("body")
    data.from_pydata(mesh.vertices.tolist(), [], mesh.faces.tolist())
    body = bpy.data.objects.new("body", data)
    collection = bpy.data.collections.new("dummy")
    bpy.context.scene.collection.children.link(collection)
    rig = bpy.data.objects.new("dummy_rig", bpy.data.armatures.new("dummy_rig"))
    for obj in (rig, body):
        collection.objects.link(obj)
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    for name, (parent, start, end) in _BONES.items():
        low, high = _corners(name)
        bone = rig.data.edit_bones.new(name)
        bone.head, bone.tail = (_own(low + np.array(share) * (high - low)) for share in (start, end))
        bone.parent = rig.data.edit_bones.get(parent) if parent else None
    bpy.ops.object.mode_set(mode="OBJECT")
    body.parent = rig
    for name, indices in groups.items():
        body.vertex_groups.new(name=name).add(list(indices), 1.0, "REPLACE")
    body.modifiers.new("rig", "ARMATURE").object = rig
    path.parent.mkdir(parents=True, exist_ok=True)
    bpy.data.libraries.write(str(path), {collection})


def _sky() -> bpy.types.World:
    """A world with a small picture of its own, which spares the change of the environment from frame to frame."""
    image = bpy.data.images.new("sky", 8, 4, float_buffer=True)
    image.pixels[:] = [0.8, 0.85, 0.9, 1.0] * 32
    image.pack()
    world = bpy.data.worlds.new("sky")
    world.use_nodes = True
    tree = world.node_tree
    picture = tree.nodes.new("ShaderNodeTexEnvironment")
    picture.image = image
    tree.links.new(picture.outputs[0], tree.nodes["Background"].inputs["Color"])
    return world


def write_room(path: Path, with_table: bool, with_sky: bool) -> None:
    """Floor, two walls, a lamp, and perhaps a table and a sky of its own."""
    scene = bpy.data.scenes.new(path.stem)
    scene.world = _sky() if with_sky else None
    things = {
        "floor": (box((-5, -5, -0.1), (5, 5, 0.0)), (0.42, 0.36, 0.3)),
        "wall_back": (box((-5, 2.5, 0.0), (5, 2.6, 3.5)), (0.72, 0.7, 0.66)),
        "wall_left": (box((-3.1, -5, 0.0), (-3.0, 2.5, 3.5)), (0.55, 0.6, 0.66)),
    }
    if with_table:
        legs = (box((x, y, 0.0), (x + 0.04, y + 0.04, 0.56)) for x in (-0.28, 0.24) for y in (-0.43, 0.39))
        things["table"] = (join(box((-0.3, -0.45, 0.56), (0.3, 0.45, 0.6)), *legs), (0.5, 0.35, 0.2))
    for name, (mesh, colour) in things.items():
        data = bpy.data.meshes.new(name)
        data.from_pydata(mesh.vertices.tolist(), [], mesh.faces.tolist())
        material = bpy.data.materials.new(name)
        material.use_nodes = True
        material.node_tree.nodes["Principled BSDF"].inputs["Base Color"].default_value = (*colour, 1.0)
        data.materials.append(material)
        scene.collection.objects.link(bpy.data.objects.new(name, data))
    lamp = bpy.data.lights.new("key_area", "AREA")
    lamp.energy, lamp.size = 150.0, 2.0
    obj = bpy.data.objects.new("key_area", lamp)
    obj.location = (0.0, -1.0, 3.2)
    scene.collection.objects.link(obj)
    path.parent.mkdir(parents=True, exist_ok=True)
    bpy.data.libraries.write(str(path), {scene})


def _prism(radius: float, height: float, sides: int = 16) -> MeshData:
    """Closed upright prism about the z axis."""
    angle = np.arange(sides) * 2 * np.pi / sides
    ring = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    low, high = (np.column_stack([ring, np.full(sides, z)]) for z in (0.0, height))
    vertices = np.concatenate([low, high, [[0, 0, 0], [0, 0, height]]])
    i = np.arange(sides)
    j, bottom, top = (i + 1) % sides, 2 * sides, 2 * sides + 1
    faces = np.concatenate(
        [
            np.stack([i, j, j + sides], axis=1),
            np.stack([i, j + sides, i + sides], axis=1),
            np.stack([j, i, np.full(sides, bottom)], axis=1),
            np.stack([i + sides, j + sides, np.full(sides, top)], axis=1),
        ]
    )
    return MeshData(vertices, faces.astype(np.int32))


def _wedge() -> MeshData:
    mesh = box((-0.1, -0.06, 0.0), (0.1, 0.06, 0.08))
    vertices = mesh.vertices.copy()
    vertices[vertices[:, 0] > 0, 1] *= 0.5
    return MeshData(vertices, mesh.faces)


def things() -> dict[str, MeshData]:
    """Every object, life-size, metres."""
    legs = (box((x, y, 0.0), (x + 0.04, y + 0.04, 0.38)) for x in (-0.2, 0.16) for y in (-0.2, 0.16))
    stairs = (box((0.05 + 0.3 * i, -0.4, 0.0), (0.35 + 0.3 * i, 0.4, 0.15 * i)) for i in (1, 2, 3))
    return {
        "block": box((-0.1, -0.06, 0.0), (0.1, 0.06, 0.08)),
        "wedge": _wedge(),
        "can": _prism(0.035, 0.12),
        "book": box((-0.105, -0.075, 0.0), (0.105, 0.075, 0.03)),
        "pen": box((-0.07, -0.005, 0.0), (0.07, 0.005, 0.01)),
        "hammer": join(box((-0.14, -0.012, 0.004), (0.1, 0.012, 0.028)), box((0.1, -0.05, 0.0), (0.135, 0.05, 0.032))),
        "ball": _prism(0.07, 0.14, 24),
        "chair": join(box((-0.2, -0.2, 0.38), (0.2, 0.2, 0.42)), box((0.17, -0.2, 0.42), (0.2, 0.2, 0.88)), *legs),
        "stairs": join(*stairs, box((1.25, -0.4, 0.0), (1.85, 0.4, 0.6))),
    }


def write_project(root: Path) -> Path:
    """Write all files below `root`; returns the pipeline file. Empties the open Blender file."""
    statics = ", ".join(
        f"{name}: {{name: cube, pos: [{3 * i}, 0, -50], obj_on_table: false}}" for i, name in enumerate(OBSTACLES)
    )
    (root / "gate.yaml").write_text(CONFIG.replace("{STATICS}", f"{{{statics}}}"))
    (root / "objects.yaml").write_text(OBJECTS)
    meshes = {f"Test/{name}": mesh for name, mesh in things().items()}
    meshes["Scene/cube"] = box((-0.5, -0.5, 0.0), (0.5, 0.5, 1.0))
    for name, mesh in meshes.items():
        path = root / name / "model.obj"
        path.parent.mkdir(parents=True)
        path.write_text(obj_text(mesh))
    bpy.ops.wm.read_factory_settings(use_empty=True)
    write_person(root / "characters" / "dummy.blend")
    for name in ("mini", "bare", "sunlit"):
        write_room(root / "scenes" / f"{name}.blend", with_table=name != "bare", with_sky=name != "sunlit")
    bpy.ops.wm.read_factory_settings(use_empty=True)
    return root / "gate.yaml"
