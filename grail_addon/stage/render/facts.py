# SPDX-License-Identifier: GPL-3.0-or-later
"""What the gate reads of a frame, gathered from the stage, the geometry sample and the written files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import bpy
import numpy as np
from PIL import Image

from ...core.gate.facts import CameraFacts, GeometryFacts, PictureFacts, RegionFacts, SupportFacts, TextureFacts
from ...core.layout import VideoId
from ...core.sidecars.check import REQUIRED_ROLES, SidecarFacts
from ..measure.meshes import thinned
from ..measure.regions import regions
from ..person.person import Person
from ..room.scene import CHARACTER_ID, OBJECT_ID, Stage
from .aim import View
from .context import FrameContext

_MAX_POINTS = 4000


def is_animated(camera: bpy.types.Object) -> bool:
    """Whether anything may move the camera over time: keys, drivers, constraints, on it, its data or its parents."""
    owner: bpy.types.Object | None = camera
    while owner is not None:
        if owner.animation_data is not None or len(owner.constraints):
            return True
        owner = owner.parent
    return camera.data.animation_data is not None


def geometry_facts(stage: Stage, context: FrameContext, view: View, animated: bool) -> GeometryFacts:
    """What the gate reads of a placed scene and the camera chosen for it. Touches no data of Blender, so it may run in a
    thread. animated: whether anything may move the camera, see `is_animated`."""
    seen, camera, placed = view.seen, view.camera, context.placed
    person, settings = context.person, context.job.settings
    target = np.array(view.variant.camera.target)
    stands = (placed.character_position, placed.character_turn_deg, settings.character_scale)
    return GeometryFacts(
        task=context.job.task,
        depth=seen.depth,
        id_map=seen.ids,
        names=stage.names(),
        object_ids=frozenset({OBJECT_ID}),
        character_ids=frozenset({CHARACTER_ID}),
        object_amodal=view.amodal,
        object_visible=seen.ids == OBJECT_ID,
        character_visible=seen.ids == CHARACTER_ID,
        camera=CameraFacts(camera, target, placed.ground_z, animated),
        object_points=thinned(placed.object_mesh.world.vertices, _MAX_POINTS),
        character_points=thinned(placed.person_mesh.world.vertices, _MAX_POINTS),
        joints=person.joints(*stands),
        face_forward=person.face_forward(placed.character_turn_deg),
        contacts=placed.contacts,
        settle=context.rest.verdict,
        part_points=person.part_points(*stands),
        regions=_regions(stage, context),
        support=SupportFacts(placed.support, placed.support_offset, settings.obj_support),
        textures=texture_facts(stage, person),
    )


def texture_facts(stage: Stage, person: Person) -> TextureFacts:
    """Which pictures of what stands on the stage cannot be shown."""
    own, people, room = stage.imported.textures, person.textures, stage.textures
    things = {"object": own, "character": people, "room": room}
    things |= {name: thing.textures for name, thing in stage.statics.items()}
    lost = tuple(f"{lost.words} (of the {thing})" for thing, found in things.items() for lost in found.lost)
    return TextureFacts(lost, {"object": own.bare_share, "character": people.bare_share})


def _regions(stage: Stage, context: FrameContext) -> Mapping[str, RegionFacts]:
    placed = context.placed
    x, y, _ = placed.character_position
    return regions(context.job.task, placed.object_mesh, (x, y), placed.ground_z, stage.ground_height)


def picture_facts(vid: VideoId, frame: Path, sidecars: Mapping[str, SidecarFacts]) -> PictureFacts:
    """What the gate reads of a frame's files. Raises OSError for a frame that cannot be read."""
    with Image.open(frame) as image:
        rgb = np.asarray(image.convert("RGB"))
    return PictureFacts(vid.seed, rgb, sidecars, frozenset(REQUIRED_ROLES))
