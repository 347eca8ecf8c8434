# SPDX-License-Identifier: GPL-3.0-or-later
"""A character from a file: appended or imported, in metres, standing on the ground at its own origin, posed and placed.

All its objects hang below one empty, whose frame is the character's: origin on the ground between the feet, z up.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import bpy
import numpy as np
from mathutils import Matrix
from numpy.typing import NDArray

from ...core.arrays import Array
from ...core.bones import joint_sources
from ...core.errors import InputError, Problem, UserError
from ...core.mesh import MeshData
from ...core.mesh_files.named import files_of
from ...core.rotations import from_euler_deg
from ...steps.blender_calls import blender_call
from ...steps.effects import Pause, Steps, offload
from ..importers.displaced import draw_as_bumps
from ..importers.drawn import undrawn
from ..importers.lost import NO_TEXTURES, Textures, mend_textures
from ..importers.readers import READERS, checked, read
from ..importers.scratch import Scratch, scratch
from ..importers.unlit import light_unlit
from ..measure.meshes import merged, mesh_from_object, moved
from ..owned import BlockRef, OwnedData
from .facing import FORWARD, Front, forward_of_mesh, turn_to_front
from .pose import apply_pose, freeze, joint_positions, read_poses
from .robot import RobotFacts, build_robot

_NOT_BODY = frozenset({"CAMERA", "LIGHT", "LIGHT_PROBE", "SPEAKER", "GPENCIL", "GREASEPENCIL"})
_TALLEST_METRES, _TALLEST_CENTIMETRES = 10.0, 300.0
_LYING = 0.6  # height over length; with arms stretched out people are about as long as they are high
_GROUND_TOLERANCE = 0.001  # metres between the lowest point and z = 0 that are left alone


@dataclass(frozen=True)
class CharacterSettings:
    """Where a character stands: metres, degrees (XYZ Euler), factors. The rest as in the configuration."""

    position: Sequence[float] = (0.0, 0.0, 0.0)
    rotation_deg: Sequence[float] = (0.0, 0.0, 0.0)
    scale: Sequence[float] = (1.0, 1.0, 1.0)
    init_pose_file: Path | None = None
    texture_dir: Path | None = None


@dataclass(frozen=True, eq=False)
class CharacterHandle:
    """A loaded character. parts: all its objects but the root; armature: None if unrigged; robot: None for a person.

    file_scale: factor from the file's numbers to metres; file_turn (3, 3), file_shift (3,): p = file_turn @ (file_scale
    * v) + file_shift takes the file's frame, as imported, to the character's; face (3,): level unit vector out of the
    face as posed, in the character's frame; notes: for the user; textures: what became of its pictures; files: what else
    was opened for it, or looked for and not found.
    """

    name: str
    scene: BlockRef
    root: BlockRef
    parts: tuple[BlockRef, ...]
    armature: BlockRef | None
    file_scale: float
    file_turn: Array
    file_shift: Array
    face: Array
    notes: tuple[str, ...]
    robot: RobotFacts | None = None
    textures: Textures = NO_TEXTURES
    files: tuple[Path, ...] = ()


def load_character(
    path: Path, scene: BlockRef, owner: OwnedData, settings: CharacterSettings | None = None, name: str = ""
) -> Steps[CharacterHandle]:
    """Load a character into a new collection of `scene`; `owner` owns it in the end.

    .xml: a robot, see `robot.build_robot`. .blend: the collection called `name` (the file's stem by default), else all objects; other formats are imported.
    Cameras and lights are left out, an animation is stopped at its first frame. A height above 10 units means
    centimetres. Raises UserError if the file has no body, InputError if the pose file is wrong.
    """
    settings = settings or CharacterSettings()
    name = name or path.stem
    with owner.making() as made:
        if path.suffix.lower() == ".xml":
            handle = yield from _load_robot(path, scene, made, settings, name)
        else:
            handle = yield from _load_person(path, scene, made, settings, name)
        place_character(handle, settings.position, settings.rotation_deg, settings.scale)
    return handle


def _load_person(
    path: Path, scene: BlockRef, made: OwnedData, settings: CharacterSettings, name: str
) -> Steps[CharacterHandle]:
    notes: list[str] = []
    if path.suffix.lower() != ".blend":
        yield from checked(path, "person")
    named = yield from offload(lambda: files_of(path), "person")
    with scratch(made) as place:
        parts = yield from _bring_in(path, name, place, notes)
        yield Pause("person")
        with place.at_work():
            if freeze(_blocks(parts), place.scene):
                notes.append(f"{path.name} is animated; its first frame is used.")
        rig = _armature(_blocks(parts))
        yield Pause("person")
        front = Front.of(rig.block, place.depsgraph()) if rig is not None else None
        yield Pause("person")
        notes += _unknown_rig(rig, path)
        if settings.init_pose_file is not None:
            _pose(rig, settings.init_pose_file, path)
        yield Pause("person")
        loose = _let_go(_blocks(parts), place)
        yield Pause("person")
        with place.at_work():
            for obj in _blocks(parts):
                place.keep(obj)
            materials = [slot.material for obj in _blocks(parts) for slot in obj.material_slots]
            notes += [f"{path.name}: {note}" for note in (*draw_as_bumps(materials), *light_unlit(materials, path))]
        textures = yield from mend_textures(parts, path, place.at_work, _folder(settings.texture_dir))
        files = (*named, *place.libraries(), *textures.files)
        yield Pause("person")
    # only now: the file's own collection may have had that name
    root = _hung(scene, made, name, parts)
    nowhere = (1.0, np.eye(3), np.zeros(3))
    handle = CharacterHandle(name, scene, root, parts, rig, *nowhere, FORWARD, ())
    surface = yield from evaluated_mesh(handle)
    unit, upright, shift = yield from offload(lambda: _standing(surface, path, front, notes), "person")
    base = np.eye(4)
    base[:3, :3], base[:3, 3] = upright * unit, shift
    _hang(handle, base, loose)
    yield Pause("person")
    face = FORWARD if front is None or rig is None else front.face(rig.block, _depsgraph(handle))
    notes += textures.said(path.name)
    return replace(
        handle, file_scale=unit, file_turn=upright, file_shift=shift, face=face, notes=tuple(notes), textures=textures,
        files=files,
    )  # fmt: skip


def _load_robot(
    path: Path, scene: BlockRef, made: OwnedData, settings: CharacterSettings, name: str
) -> Steps[CharacterHandle]:
    with scratch(made) as place:
        built, facts = yield from build_robot(path, place, settings.init_pose_file)
        parts = tuple(built)
        with place.at_work():
            for obj in _blocks(parts):
                place.keep(obj)
        yield Pause("person")
    root = _hung(scene, made, name, parts)
    for obj in _blocks(parts):
        obj.parent = root.block
    base = (1.0, np.eye(3), np.zeros(3))
    return CharacterHandle(name, scene, root, parts, None, *base, FORWARD, facts.notes, facts)


def _hung(scene: BlockRef, made: OwnedData, name: str, parts: Sequence[BlockRef]) -> BlockRef:
    """A character's root: an empty, in a new collection of `scene` with its parts."""
    with made.recording():
        root = bpy.data.objects.new(name, None)
        _link(scene.block, name, [root, *_blocks(parts)])
    return BlockRef.of(root)


def _blocks(refs: Sequence[BlockRef]) -> list[bpy.types.Object]:
    """The objects themselves; not to be kept across ticks. Raises StageLost if one was removed."""
    return [ref.block for ref in refs]


def place_character(
    handle: CharacterHandle, position: Sequence[float], rotation_deg: Sequence[float], scale: Sequence[float]
) -> None:
    """Put the character's origin (ground between the feet) at `position`, metres; rotation in degrees, XYZ Euler.

    Nothing is set where it stands so: Blender would evaluate the whole body again.
    """
    root = handle.root.block
    wanted = np.array([position, [math.radians(a) for a in rotation_deg], scale], dtype=np.float32)
    now = np.array([root.location, root.rotation_euler, root.scale], dtype=np.float32)
    if root.rotation_mode == "XYZ" and np.array_equal(wanted, now):
        return
    root.rotation_mode = "XYZ"
    root.location, root.rotation_euler, root.scale = wanted.tolist()


def evaluated_mesh(handle: CharacterHandle) -> Steps[MeshData]:
    """The visible body and clothes in world space, posed and skinned, in the character's own scene."""
    found = []
    for ref in handle.parts:
        yield Pause("posed person")
        _depsgraph(handle)  # the body is evaluated here, and read in the next step
        yield Pause("measure person")
        obj, depsgraph = ref.block, _depsgraph(handle)
        if not obj.hide_render:
            matrix = np.array(obj.evaluated_get(depsgraph).matrix_world)
            found.append((mesh_from_object(obj, depsgraph), matrix))
    return (yield from offload(lambda: merged([moved(*part).drawn() for part in found]), "measure person"))


def joints(handle: CharacterHandle) -> dict[str, NDArray[np.float64]]:
    """Joint name (see `core.bones`) -> (3,) world position; empty for a character without bones."""
    if handle.robot is not None:
        to_world = np.array(handle.root.block.matrix_world)
        return {name: to_world[:3, :3] @ point + to_world[:3, 3] for name, point in handle.robot.joints.items()}
    if handle.armature is None:
        return {}
    return joint_positions(handle.armature.block, _depsgraph(handle))


def _depsgraph(handle: CharacterHandle) -> bpy.types.Depsgraph:
    view_layer = handle.scene.block.view_layers[0]
    with blender_call("ViewLayer.update"):
        view_layer.update()
    return view_layer.depsgraph


def _bring_in(path: Path, name: str, place: Scratch, notes: list[str]) -> Steps[tuple[BlockRef, ...]]:
    """The character's objects, linked into the scratch scene."""
    if path.suffix.lower() == ".blend":
        with place.at_work():
            _append(path, name, place)
    else:
        notes += yield from read(path, place, "person")
    yield Pause("person")
    objects = [o for o in place.scene.objects if o.type not in _NOT_BODY]
    if not any(o.type == "MESH" for o in objects):
        raise UserError(Problem(f"{path.name} holds no body: it has no mesh.", file=str(path)))
    left_out = undrawn(objects)
    for obj in left_out:
        obj.hide_render = True
    if left_out:
        notes.append(f"{path.name}: not drawn, left out: {', '.join(sorted(obj.name for obj in left_out))}.")
    return tuple(BlockRef.of(obj) for obj in objects)


def _append(path: Path, name: str, place: Scratch) -> None:
    try:
        with blender_call("libraries.load"), bpy.data.libraries.load(str(path), link=False) as (there, wanted):
            if name in there.collections:
                wanted.collections = [name]
            else:
                wanted.objects = list(there.objects)
    except OSError as error:
        raise UserError(Problem(f"{path.name} cannot be opened.", detail=str(error), file=str(path))) from error
    collection = place.scene.collection
    members = wanted.collections[0].all_objects if wanted.collections else wanted.objects
    for obj in members:
        collection.objects.link(obj)


def _armature(objects: Sequence[bpy.types.Object]) -> BlockRef | None:
    """The skeleton with most bones."""
    rigs = [o for o in objects if o.type == "ARMATURE"]
    return BlockRef.of(max(rigs, key=lambda o: len(o.data.bones))) if rigs else None


def _unknown_rig(rig: BlockRef | None, path: Path) -> list[str]:
    """A sentence where bones are there and none of them is known."""
    bones = rig.block.data.bones.keys() if rig is not None else []
    if rig is None or joint_sources(bones):
        return []
    some = ", ".join(bones[:4])
    return [
        f"{path.name}: this rig is not known (bones {some} ...), so head, hands and feet cannot be told apart. Name its "
        "bones as Mixamo, VRM, Unreal, Rigify or RenderPeople rigs do."
    ]


def _pose(rig: BlockRef | None, pose_file: Path, path: Path) -> None:
    pose = read_poses(pose_file)[0]
    if rig is None:
        raise InputError(Problem(f"A start pose needs bones, and {path.name} has none.", file=str(pose_file)))
    apply_pose(rig.block, pose, pose_file)


def _let_go(objects: Sequence[bpy.types.Object], place: Scratch) -> dict[int, Matrix]:
    """Take the objects off parents that do not come along; session uid -> the transform that such a one leaves behind."""
    loose = [o for o in objects if o.parent is not None and o.parent not in objects]
    if not loose:
        return {}
    depsgraph = place.depsgraph()
    left = {o.session_uid: o.evaluated_get(depsgraph).matrix_world.copy() for o in loose}
    for obj in loose:
        obj.parent = None
        obj.matrix_world = left[obj.session_uid]
    return left


def _standing(mesh: MeshData, path: Path, front: Front | None, notes: list[str]) -> tuple[float, Array, Array]:
    """Unit factor, turn (3, 3) and shift (3,) from the file's frame that put a character (its surface, world) upright,
    facing -Y, in metres, feet on the ground."""
    vertices = mesh.vertices
    if len(vertices) == 0:
        raise UserError(Problem(f"{path.name} holds no body: its meshes are empty or hidden.", file=str(path)))
    upright = np.eye(3)
    size = np.ptp(vertices, axis=0)
    reader = READERS.get(path.suffix.lower())
    if reader is not None and reader.in_file_axes and size[1] > size[2]:
        # a standing person is thinnest from front to back
        upright = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
        notes.append(f"{path.name}: y is up in this file; turned upright.")
    vertices = vertices @ upright.T
    forward = front.body if front is not None else forward_of_mesh(MeshData(vertices, mesh.faces))
    degrees = 0.0 if forward is None else turn_to_front(forward)
    if forward is None:
        notes.append(f"{path.name}: which way it faces is told by neither bones nor feet; taken as -Y.")
    if degrees:
        notes.append(f"{path.name}: faces another way than -Y in this file; turned by {abs(degrees):.0f} degrees.")
    turn = from_euler_deg((0.0, 0.0, degrees))
    upright, vertices = turn @ upright, vertices @ turn.T
    height = float(np.ptp(vertices[:, 2]))
    unit = _unit(height)
    if unit != 1.0:
        notes.append(f"{path.name}: {height:.4g} units tall, taken as {'centi' if unit == 0.01 else 'milli'}metres.")
    along = float(np.ptp(vertices[:, :2], axis=0).max())
    if height < _LYING * along:
        notes.append(
            f"{path.name}: lies in its file, {height * unit:.2f} m high and {along * unit:.2f} m long. Turn it upright there if "
            "it should stand."
        )
    shift = _to_origin(vertices * unit)
    if shift.any():
        notes.append(
            f"{path.name}: moved by {np.round(shift, 3).tolist()} m, so that its origin lies between the feet."
        )
    return unit, upright, shift


def _hang(handle: CharacterHandle, base: Array, loose: Mapping[int, Matrix]) -> None:
    """Parent the topmost objects to the root, with `base` (4, 4) in front of their transform. loose: see `_let_go`."""
    root, front = handle.root.block, Matrix(base.tolist())
    tops = [obj for obj in (ref.block for ref in handle.parts) if obj.parent is None]
    before = {obj: loose.get(obj.session_uid, obj.matrix_basis).copy() for obj in tops}
    for obj, matrix in before.items():
        obj.parent = root
        obj.parent_type = "OBJECT"
        obj.matrix_parent_inverse = Matrix.Identity(4)
        obj.matrix_basis = front @ matrix


def _unit(height: float) -> float:
    if height <= _TALLEST_METRES:
        return 1.0
    return 0.01 if height <= _TALLEST_CENTIMETRES else 0.001


def _to_origin(vertices: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shift (3,) in metres that puts the ground between the feet at the origin; a file that has it there keeps its own."""
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    soles = vertices[vertices[:, 2] < low[2] + 0.05 * (high[2] - low[2])][:, :2]
    near, far = soles.min(axis=0), soles.max(axis=0)
    shift = np.zeros(3)
    if abs(low[2]) > _GROUND_TOLERANCE:
        shift[2] = -low[2]
    if (near > 0.0).any() or (far < 0.0).any():
        shift[:2] = -(near + far) / 2
    return shift


def _folder(texture_dir: Path | None) -> list[Path]:
    return [texture_dir] if texture_dir is not None and texture_dir.is_dir() else []


def _link(scene: bpy.types.Scene, name: str, objects: Sequence[bpy.types.Object]) -> None:
    collection = bpy.data.collections.new(name)
    scene.collection.children.link(collection)
    for obj in objects:
        collection.objects.link(obj)
