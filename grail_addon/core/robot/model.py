# SPDX-License-Identifier: GPL-3.0-or-later
"""The robot that an MJCF file describes: bodies with joints and drawn shapes, and the states that the file names."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from ..arrays import Array
from .frames import UNMOVED, Frame, frame_of, numbers, to_quat_wxyz
from .xml_file import XmlFile, read_xml, wrong

JointKind = Literal["hinge", "slide", "ball", "free"]
Color = tuple[float, float, float, float]

_NUMBERS_OF: Mapping[str, int] = {"hinge": 1, "slide": 1, "ball": 4, "free": 7}
_GREY: Color = (0.5, 0.5, 0.5, 1.0)
_LAST_SHOWN_GROUP = 2  # MuJoCo's viewer shows groups 0 to 2 unless told otherwise; the rest is for collisions
_BRAND = "logo"
_UNREAD = frozenset({"replicate", "composite", "flexcomp", "attach"})


@dataclass(frozen=True, eq=False)
class Joint:
    """axis, anchor: (3,) in its body's frame; ref: value at which the body is as the file has it; limits in radians or
    metres, None where there are none; address: of its first number in MuJoCo's qpos."""

    name: str
    kind: JointKind
    axis: Array
    anchor: Array
    ref: float
    limits: tuple[float, float] | None
    address: int


@dataclass(frozen=True, eq=False)
class Shape:
    """A drawn geom. mesh: name of a mesh, or empty for a primitive with its kind and sizes (metres, MuJoCo's halves)."""

    name: str
    frame: Frame
    kind: str
    size: tuple[float, ...]
    mesh: str
    material: str
    color: Color


@dataclass(frozen=True, eq=False)
class Body:
    """parent: index among the model's bodies, -1 for the world; frame: place in the parent."""

    name: str
    parent: int
    frame: Frame
    joints: tuple[Joint, ...]
    shapes: tuple[Shape, ...]


@dataclass(frozen=True, eq=False)
class MeshFile:
    """path: None where the vertices stand in the XML; ref: place that becomes the mesh's origin."""

    path: Path | None
    scale: Array
    ref: Frame
    vertices: Array | None = None
    faces: Array | None = None


@dataclass(frozen=True, eq=False)
class RobotModel:
    """bodies: of the largest tree, parents first; keys: name -> qpos of all joints of the file; files: XML and meshes
    that it is made of; notes: for the user."""

    name: str
    path: Path
    bodies: tuple[Body, ...]
    meshes: Mapping[str, MeshFile]
    keys: Mapping[str, Array]
    files: tuple[Path, ...]
    notes: tuple[str, ...] = ()

    @property
    def joints(self) -> tuple[Joint, ...]:
        """All joints but the one that lets the whole robot move."""
        return tuple(joint for body in self.bodies for joint in body.joints if joint.kind != "free")


@dataclass
class _Reader:
    xml: XmlFile
    materials: dict[str, Color] = field(default_factory=dict)
    bodies: list[Body] = field(default_factory=list)
    address: int = 0
    notes: list[str] = field(default_factory=list)
    touching: set[int] = field(default_factory=set)

    def read_material(self, element: ET.Element) -> None:
        values = self.xml.attributes(element, "main")
        self.materials[values.get("name", "")] = _color(values.get("rgba", "1 1 1 1"))

    def read_body(self, element: ET.Element, parent: int, child_class: str, outer: Frame) -> None:
        """A body, what hangs on it, and all below it. outer: of the <frame> elements around it."""
        child_class = element.get("childclass", child_class)
        index = len(self.bodies)
        frame = outer @ frame_of(element.attrib, self.xml.compiler)
        joints: list[Joint] = []
        shapes: list[Shape] = []
        name = element.get("name") or f"body_{index}"
        self.bodies.append(Body(name, parent, frame, (), ()))
        below: list[tuple[ET.Element, str, Frame]] = []
        for child, own_class, inner in _members(element, child_class, UNMOVED, self.xml):
            if child.tag in ("joint", "freejoint"):
                joints.append(self._joint(child, own_class, name, len(joints)))
            elif child.tag == "geom":
                shapes += self._shape(child, own_class, name, inner)
            elif child.tag == "body":
                below.append((child, own_class, inner))
            elif child.tag in _UNREAD:
                self.notes.append(f"{self.xml.path.name}: <{child.tag}> in {name} is not read.")
        self.bodies[index] = Body(name, parent, frame, tuple(joints), tuple(shapes))
        for child, own_class, inner in below:
            self.read_body(child, index, own_class, inner)

    def _joint(self, element: ET.Element, own_class: str, body: str, index: int) -> Joint:
        free = element.tag == "freejoint"
        values = dict(element.attrib) if free else self.xml.attributes(element, own_class)
        kind = "free" if free else values.get("type", "hinge")
        if kind not in _NUMBERS_OF:
            raise ValueError(f"a joint of type {kind}")
        turns = kind in ("hinge", "ball") and self.xml.compiler.get("angle", "degree") != "radian"
        unit = math.pi / 180.0 if turns else 1.0
        limits = None
        if "range" in values and values.get("limited", "auto") != "false":
            low, high = numbers(values["range"], 2) * unit
            limits = (float(low), float(high))
        name, axis = values.get("name") or f"{body}_joint_{index}", numbers(values.get("axis", "0 0 1"), 3)
        if kind in ("hinge", "slide") and not axis.any():
            raise ValueError(f"the axis of {name} has no direction")
        joint = Joint(
            name,
            kind,  # type: ignore[arg-type]  # one of _NUMBERS_OF
            axis,
            numbers(values.get("pos", "0 0 0"), 3),
            float(values.get("ref", "0")) * unit,
            limits,
            self.address,
        )
        self.address += _NUMBERS_OF[kind]
        return joint

    def _shape(self, element: ET.Element, own_class: str, body: str, outer: Frame) -> Iterator[Shape]:
        values = self.xml.attributes(element, own_class)
        mesh = values.get("mesh", "")
        kind = "mesh" if mesh else values.get("type", "sphere")
        color = self._color_of(values)
        if int(values.get("group", "0")) > _LAST_SHOWN_GROUP or color[3] == 0.0 or kind in ("plane", "hfield", "sdf"):
            return
        if _BRAND in mesh.lower():
            self.notes.append(f"{self.xml.path.name}: {mesh} is left out, it is a brand's mark.")
            return
        size = [float(v) for v in numbers(values.get("size", ""))]
        frame = frame_of(values, self.xml.compiler)
        if "fromto" in values and kind != "mesh":
            frame, size = _between(values, size)
        shape = Shape(
            values.get("name") or mesh or f"{body}_{kind}",
            outer @ frame, kind, tuple(size), mesh, values.get("material", ""), color,
        )  # fmt: skip
        if values.get("contype", "1") != "0" or values.get("conaffinity", "1") != "0":
            self.touching.add(id(shape))
        yield shape

    def _color_of(self, values: Mapping[str, str]) -> Color:
        """The geom's own colour where it differs from MuJoCo's default, else its material's."""
        own = _color(values["rgba"]) if "rgba" in values else _GREY
        return own if own != _GREY else self.materials.get(values.get("material", ""), own)


def _color(text: str) -> Color:
    r, g, b, a = (min(max(float(v), 0.0), 1.0) for v in numbers(text, 4))
    return r, g, b, a


def _between(values: Mapping[str, str], size: list[float]) -> tuple[Frame, list[float]]:
    """Place and sizes of a geom that is given by its two ends."""
    ends = numbers(values["fromto"], 6)
    along = ends[:3] - ends[3:]
    turned = frame_of({"zaxis": " ".join(map(str, along))}, {})
    half = float(np.linalg.norm(along)) / 2
    around = size[:1] if values.get("type") in ("capsule", "cylinder") else [size[0], size[-1] if size[1:] else size[0]]
    return Frame(turned.rotation, (ends[:3] + ends[3:]) / 2), [*around, half]


def _members(
    element: ET.Element, child_class: str, outer: Frame, xml: XmlFile
) -> Iterator[tuple[ET.Element, str, Frame]]:
    """Children of a body, those in its <frame> elements with the frame's place, each with its default class."""
    for child in element:
        if child.tag == "frame":
            inner = outer @ frame_of(child.attrib, xml.compiler)
            yield from _members(child, child.get("childclass", child_class), inner, xml)
        else:
            yield child, child_class, outer


def read_robot(path: Path) -> RobotModel:
    """The largest tree of bodies of an MJCF file. Raises InputError for what cannot be read, or where meshes are missing."""
    xml = read_xml(path)
    reader = _Reader(xml)
    try:
        for assets in xml.sections("asset"):
            for element in assets.findall("material"):
                reader.read_material(element)
        meshes = dict(_mesh(e, xml) for assets in xml.sections("asset") for e in assets.findall("mesh"))
        for world in xml.sections("worldbody"):
            top = world.get("childclass", "main")
            for child, own_class, inner in _members(world, top, UNMOVED, xml):
                if child.tag == "body":
                    reader.read_body(child, -1, own_class, inner)
                elif child.tag in _UNREAD:
                    reader.notes.append(f"{path.name}: <{child.tag}> is not read.")
        keys = {
            key.get("name") or f"key {n}": numbers(key.get("qpos", ""))
            for frames in xml.sections("keyframe")
            for n, key in enumerate(frames.findall("key"))
        }
    except ValueError as error:
        raise wrong(f"{path.name} cannot be read as a robot: {error}.", path) from error
    if not reader.bodies:
        unread = "".join(f" {note.split(': ', 1)[1]}" for note in reader.notes)
        raise wrong(f"{path.name} holds no robot: it has no <body>.{unread}", path)
    bodies = _largest_tree(reader)
    used = {shape.mesh for body in bodies for shape in body.shapes if shape.mesh}
    _require(used, meshes, path)
    kept = {name: mesh for name, mesh in meshes.items() if name in used}
    files = [*xml.files, *(mesh.path for mesh in kept.values() if mesh.path is not None)]
    name = xml.root.get("model") or path.stem
    fitting = {key: qpos for key, qpos in keys.items() if len(qpos) == reader.address}
    return RobotModel(
        name, path, bodies, kept, fitting, tuple(dict.fromkeys(files)), tuple(dict.fromkeys(reader.notes))
    )


def _require(used: set[str], meshes: Mapping[str, MeshFile], path: Path) -> None:
    unknown = sorted(used - set(meshes))
    if unknown:
        raise wrong(f"{path.name} draws meshes that it does not name: {', '.join(unknown[:5])}.", path)
    files = [mesh.path for name, mesh in sorted(meshes.items()) if name in used and mesh.path is not None]
    gone = [file for file in files if not file.is_file()]
    if gone:
        more = f" and {len(gone) - 1} more" if len(gone) > 1 else ""
        address = any(part.endswith(":") for part in gone[0].parts)
        fix = (
            "Write the path of the file instead of package://..."
            if address
            else "Keep the XML and its mesh folder together."
        )
        raise wrong(f"the robot's mesh {gone[0]}{more} is missing.", path, fix)


def _mesh(element: ET.Element, xml: XmlFile) -> tuple[str, MeshFile]:
    values = xml.attributes(element, "main")
    file = values.get("file", "")
    ref = {"pos": values.get("refpos", "0 0 0"), "quat": values.get("refquat", "1 0 0 0")}
    scale, frame = numbers(values.get("scale", "1 1 1"), 3), frame_of(ref, xml.compiler)
    if not file:
        vertices = numbers(values.get("vertex", "")).reshape(-1, 3)
        return values.get("name", ""), MeshFile(
            None, scale, frame, vertices, numbers(values.get("face", "")).reshape(-1, 3)
        )
    folder = xml.compiler.get("meshdir", xml.compiler.get("assetdir", ""))
    if xml.compiler.get("strippath") == "true":
        file = Path(file).name
    return values.get("name") or Path(file).stem, MeshFile(xml.path.parent / folder / file, scale, frame)


def _largest_tree(reader: _Reader) -> tuple[Body, ...]:
    """The bodies below the world's child that has most, without shapes that stand for collisions or come twice."""
    root_of: list[int] = []
    for index, body in enumerate(reader.bodies):
        root_of.append(index if body.parent < 0 else root_of[body.parent])
    root = max(sorted(set(root_of)), key=root_of.count)
    others = sorted({reader.bodies[r].name for r in root_of if r != root})
    if others:
        reader.notes.append(
            f"{reader.xml.path.name}: besides {reader.bodies[root].name}, left out: {', '.join(others)}."
        )
    members = [i for i, r in enumerate(root_of) if r == root]
    new = {old: n for n, old in enumerate(members)}
    shapes = [shape for i in members for shape in reader.bodies[i].shapes]
    only_shown = any(id(shape) not in reader.touching for shape in shapes)
    return tuple(
        Body(body.name, new.get(body.parent, -1), body.frame, body.joints, tuple(_drawn(body, reader, only_shown)))
        for body in (reader.bodies[i] for i in members)
    )


def _drawn(body: Body, reader: _Reader, only_shown: bool) -> Iterator[Shape]:
    seen = set()
    for shape in body.shapes:
        place = np.concatenate([to_quat_wxyz(shape.frame.rotation), shape.frame.position])
        key = (shape.mesh, shape.kind, shape.size, tuple(np.round(place, 6)))
        if key not in seen and not (only_shown and id(shape) in reader.touching):
            seen.add(key)
            yield shape
