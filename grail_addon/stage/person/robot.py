# SPDX-License-Identifier: GPL-3.0-or-later
"""A robot from a MuJoCo XML as a character: one object for each drawn shape, in the place that its joints give it.

A robot faces +x in its file and -y as a character, as people do; its soles stand at z = 0 and the origin lies between
its feet.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np

from ...core.arrays import Array
from ...core.files import read_json
from ...core.gate.facts import BODY_PARTS, BodyPart
from ...core.mesh import MeshData
from ...core.robot.anatomy import part_shapes, robot_joints
from ...core.robot.frames import Frame
from ...core.robot.kinematics import JointState, body_frames, rest_state, with_joints
from ...core.robot.model import Color, RobotModel, Shape, read_robot
from ...core.robot.record import RobotRecord, robot_record
from ...core.robot.shapes import shape_mesh
from ...core.robot.xml_file import wrong
from ...core.rotations import about_z
from ...steps.blender_calls import blender_call
from ...steps.effects import Pause, Steps, offload
from ..importers.scratch import Scratch
from ..owned import BlockRef

SHARP_EDGE = math.radians(35.0)
_FACING = Frame(about_z(-math.pi / 2), np.zeros(3))
_SOLE = 0.01  # metres above the lowest point that still count as sole


@dataclass(frozen=True, eq=False)
class RobotFacts:
    """What is known of a robot, in the character's frame. joints: name -> (3,); parts: body part -> (N, 3) points of its
    surface; record: for the sidecars."""

    joints: Mapping[str, Array]
    parts: Mapping[BodyPart, Array]
    record: RobotRecord
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Drawn:
    """A shape that is drawn. body, shape: what it is of; vertices, faces: as lists, in the character's frame."""

    body: str
    shape: Shape
    vertices: list[list[float]]
    faces: list[list[int]]


def build_robot(path: Path, place: Scratch, pose_file: Path | None) -> Steps[tuple[list[BlockRef], RobotFacts]]:
    """Build a robot's objects in a scratch scene, which is to keep them. pose_file: JSON of joint -> degrees (sliding
    joints: metres).

    Raises InputError for a file that cannot be used.
    """
    name, drawn, facts = yield from offload(lambda: _planned(path, pose_file), "person")
    materials: dict[tuple[str, Color], BlockRef] = {}
    objects = []
    for each in drawn:
        yield Pause("person")
        with place.at_work():
            obj = _object(name, each, materials)
            place.scene.collection.objects.link(obj)
            objects.append(BlockRef.of(obj))
    return objects, facts


def _planned(path: Path, pose_file: Path | None) -> tuple[str, list[_Drawn], RobotFacts]:
    """The robot's name, what is to be drawn of it, and what is known of it: all that needs no Blender."""
    model = read_robot(path)
    state = rest_state(model)
    if pose_file is not None:
        state = with_joints(model, state, _read_joints(model, pose_file), pose_file)
    meshes = {
        (b, s): shape_mesh(model, shape) for b, body in enumerate(model.bodies) for s, shape in enumerate(body.shapes)
    }
    if not meshes:
        raise wrong(f"{path.name} holds no robot to see: none of its geoms is drawn.", path)
    frames = _standing(model, state, meshes)
    drawn, points = [], {}
    for (b, s), mesh in meshes.items():
        points[b, s] = frames[b].points(mesh.vertices)
        body = model.bodies[b]
        drawn.append(_Drawn(body.name, body.shapes[s], points[b, s].tolist(), mesh.faces.tolist()))
    parts: dict[BodyPart, Array] = {}
    for part, shapes in part_shapes(model).items():
        known = next(known for known in BODY_PARTS if known == part)
        parts[known] = np.concatenate([points[key] for key in shapes])
    record = robot_record(model, state, frames[0])
    notes = (*model.notes, f"robot {model.name}: {state.name}.")
    return model.name, drawn, RobotFacts(robot_joints(model, frames, points), parts, record, notes)


def _standing(model: RobotModel, state: JointState, meshes: Mapping[tuple[int, int], MeshData]) -> list[Frame]:
    """The bodies' places with the soles at z = 0 and the origin between the feet."""
    frames = [_FACING @ frame for frame in body_frames(model, state)]
    world = np.concatenate([frames[b].points(mesh.vertices) for (b, _), mesh in meshes.items()])
    lowest = float(world[:, 2].min())
    soles = world[world[:, 2] < lowest + _SOLE][:, :2]
    middle = (soles.min(axis=0) + soles.max(axis=0)) / 2
    lift = Frame(np.eye(3), -np.append(middle, lowest))
    return [lift @ frame for frame in frames]


def _read_joints(model: RobotModel, file: Path) -> dict[str, float]:
    """Joint -> radians or metres of a pose file. Raises InputError."""
    if file.suffix.lower() == ".npz":
        raise wrong("a robot's pose file is JSON of joint -> degrees, not .npz.", file)
    try:
        data = read_json(file)
    except (OSError, ValueError) as error:
        raise wrong(f"the pose file cannot be read as JSON: {error}.", file) from error
    if not isinstance(data, dict):
        raise wrong("the pose file should be a mapping of joint -> degrees.", file)
    slides = {joint.name for joint in model.joints if joint.kind == "slide"}
    values: dict[str, float] = {}
    for joint, value in data.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise wrong(f"joint {joint} should be one number, not {value!r}.", file)
        values[joint] = float(value) if joint in slides else math.radians(value)
    return values


def _object(robot: str, drawn: _Drawn, materials: dict[tuple[str, Color], BlockRef]) -> bpy.types.Object:
    """A shape as an object. materials: those that were made; a new one is added."""
    shape = drawn.shape
    data = bpy.data.meshes.new(shape.name)
    with blender_call("Mesh.from_pydata"):
        data.from_pydata(drawn.vertices, [], drawn.faces)
    data.shade_smooth()
    data.set_sharp_from_angle(angle=SHARP_EDGE)
    key = (shape.material, shape.color)
    if key not in materials:
        materials[key] = BlockRef.of(_material(f"{robot} {shape.material or 'colour'}", shape.color))
    data.materials.append(materials[key].block)
    return bpy.data.objects.new(f"{robot} {drawn.body} {shape.name}", data)


def _material(name: str, color: Color) -> bpy.types.Material:
    """Painted plastic of a colour; MJCF's colours are display-referred."""
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    shader = next(node for node in material.node_tree.nodes if node.type == "BSDF_PRINCIPLED")
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color[:3]]
    shader.inputs["Base Color"].default_value = (*linear, 1.0)
    shader.inputs["Roughness"].default_value = 0.42
    shader.inputs["Alpha"].default_value = color[3]
    material.diffuse_color = (*linear, color[3])
    return material
