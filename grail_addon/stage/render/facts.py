# SPDX-License-Identifier: GPL-3.0-or-later
"""What the gate reads of a frame, gathered from the stage, the geometry sample and the written files."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass

import bpy
import numpy as np
from PIL import Image

from ...core.arrays import Array
from ...core.disk_file import Readable
from ...core.gate.facts import (
    BodyPart,
    CameraFacts,
    GeometryFacts,
    LooksFacts,
    PictureFacts,
    RegionFacts,
    SupportFacts,
    TextureFacts,
)
from ...core.layout import VideoId
from ...core.mesh import MeshData
from ...core.robot.record import RobotRecord
from ...core.sidecars.check import REQUIRED_ROLES, SidecarFacts
from ..importers.surface_colour import SurfaceColour
from ..measure.meshes import thinned
from ..measure.posed_mesh import PosedMesh, rows
from ..measure.regions import regions
from ..person.person import Person
from ..room.scene import CHARACTER_ID, OBJECT_ID, Stage, height_under
from .aim import View
from .context import FrameContext

_MAX_POINTS = 4000
_MOST_LOOKED_AT, _MOST_LOOKED_FACES = 1500, 200_000


def is_animated(camera: bpy.types.Object) -> bool:
    """Whether anything may move the camera over time: keys, drivers, constraints, on it, its data or its parents."""
    owner: bpy.types.Object | None = camera
    while owner is not None:
        if owner.animation_data is not None or len(owner.constraints):
            return True
        owner = owner.parent
    return camera.data.animation_data is not None


@dataclass(frozen=True, eq=False)
class PersonFacts:
    """A person in its place, posture and gaze. height: metres from sole to crown; joints, part_points, face_forward: as of
    `GeometryFacts`; robot: as of `FrameGeometry`."""

    name: str
    height: float
    joints: Mapping[str, Array]
    part_points: Mapping[BodyPart, Array]
    face_forward: Array
    robot: RobotRecord | None

    @classmethod
    def of(cls, context: FrameContext) -> PersonFacts:
        """As it stands now; the next variant moves it."""
        person, placed, scale = context.person, context.placed, context.job.settings.character_scale
        stands = (placed.character_position, placed.character_turn_deg, scale)
        parts, face = person.part_points(*stands), person.face_forward(placed.character_turn_deg)
        return cls(person.name, person.height(scale), person.joints(*stands), parts, face, person.robot)


@dataclass(frozen=True, eq=False)
class StageFacts:
    """What is read of the stage itself while a variant stands on it. surfaces: of all but object and person; names: id ->
    name; animated: whether anything may move the camera; mesh: the object's, in its own frame; mesh_offset: as of
    `FrameGeometry`."""

    surfaces: tuple[PosedMesh, ...]
    names: Mapping[int, str]
    animated: bool
    mesh: MeshData
    mesh_offset: Array | None
    textures: TextureFacts
    person: PersonFacts

    @classmethod
    def of(cls, stage: Stage, context: FrameContext) -> StageFacts:
        """As the stage stands now, with the variant that it shows."""
        imported = stage.imported
        animated = is_animated(stage.scene.camera)
        surfaces, textures = tuple(stage.room.values()), texture_facts(stage, context.person)
        person, names = PersonFacts.of(context), stage.names()
        return cls(surfaces, names, animated, imported.mesh, imported.offset, textures, person)

    def ground_height(self, xy: tuple[float, float], z: float) -> float:
        """Height of the surface under `xy` near `z`, see `height_under`."""
        return height_under(self.surfaces, xy, z)


def geometry_facts(stage: StageFacts, context: FrameContext, view: View) -> GeometryFacts:
    """What the gate reads of a placed scene and the camera chosen for it. Touches no data of Blender, so it may run in a
    thread."""
    seen, camera, placed = view.seen, view.camera, context.placed
    person, settings = stage.person, context.job.settings
    target = np.array(view.variant.camera.target)
    return GeometryFacts(
        task=context.job.task,
        depth=seen.depth,
        id_map=seen.ids,
        names=stage.names,
        object_ids=frozenset({OBJECT_ID}),
        character_ids=frozenset({CHARACTER_ID}),
        object_amodal=view.amodal,
        object_visible=seen.ids == OBJECT_ID,
        character_visible=seen.ids == CHARACTER_ID,
        camera=CameraFacts(camera, target, placed.ground_z, stage.animated),
        object_points=thinned(placed.object_mesh.world.vertices, _MAX_POINTS),
        character_points=thinned(placed.person_mesh.world.vertices, _MAX_POINTS),
        joints=person.joints,
        face_forward=person.face_forward,
        contacts=placed.contacts,
        settle=context.rest.verdict,
        part_points=person.part_points,
        regions=_regions(stage, context),
        support=SupportFacts(placed.support, placed.support_offset, settings.obj_support),
        textures=stage.textures,
        transparent=view.transparent_share,
    )


def texture_facts(stage: Stage, person: Person) -> TextureFacts:
    """Which pictures of what stands on the stage cannot be shown."""
    own, people, room = stage.imported.textures, person.textures, stage.textures
    things = {"object": own, "character": people, "room": room}
    things |= {name: thing.textures for name, thing in stage.statics.items()}
    lost = tuple(f"{lost.words} (of the {thing})" for thing, found in things.items() for lost in found.lost)
    return TextureFacts(lost, {"object": own.bare_share, "character": people.bare_share})


def looks_facts(colour: SurfaceColour, posed: PosedMesh, view: View) -> LooksFacts | None:
    """What the object's material is at up to `_MOST_LOOKED_AT` of its visible pixels; None for a mesh too fine for that."""
    if len(posed.world.faces) > _MOST_LOOKED_FACES or not colour.colours:
        return None
    shown = (view.seen.ids == OBJECT_ID) & view.amodal
    if view.alone is not None:
        shown &= ~view.alone.clear  # what shines through has colours of its own
    pixels = np.argwhere(shown)
    pixels = pixels[:: max(1, len(pixels) // _MOST_LOOKED_AT)]
    depth = view.seen.depth[pixels[:, 0], pixels[:, 1]]
    points = view.camera.unproject(pixels[:, ::-1] + 0.5, depth)
    faces = np.array([hit[2] for hit in map(posed.tree.find_nearest, rows(points))], dtype=np.int64)
    return LooksFacts(pixels, colour.at(faces, _weights(posed.world.vertices[posed.world.faces[faces]], points)))


def _weights(corners: Array, points: Array) -> Array:
    """Barycentric coordinates (N, 3) of points (N, 3) in triangles (N, 3, 3), kept within them."""
    a, b, c = corners.transpose(1, 0, 2)
    normal = np.cross(b - a, c - a)
    area = np.maximum(np.einsum("ij,ij->i", normal, normal), 1e-30)
    second = np.einsum("ij,ij->i", np.cross(points - a, c - a), normal) / area
    third = np.einsum("ij,ij->i", np.cross(b - a, points - a), normal) / area
    weights = np.clip(np.stack([1.0 - second - third, second, third], axis=1), 0.0, 1.0)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _regions(stage: StageFacts, context: FrameContext) -> Mapping[str, RegionFacts]:
    placed = context.placed
    x, y, _ = placed.character_position
    return regions(context.job.task, placed.object_mesh, (x, y), placed.ground_z, stage.ground_height)


def picture_facts(vid: VideoId, frame: Readable, sidecars: Mapping[str, SidecarFacts]) -> PictureFacts:
    """What the gate reads of a frame's files. Raises OSError for a frame that cannot be read."""
    with Image.open(io.BytesIO(frame.read_bytes())) as image:
        rgb = np.asarray(image.convert("RGB"))
    return PictureFacts(vid.seed, rgb, sidecars, frozenset(REQUIRED_ROLES))
