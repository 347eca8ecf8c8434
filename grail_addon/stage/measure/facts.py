# SPDX-License-Identifier: GPL-3.0-or-later
"""What the gate is told about a rendered variant, gathered from stage, passes and files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import bpy
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ...core.gate.facts import CameraFacts, FrameFacts, RegionFacts
from ...core.layout import VideoId
from ...core.settle.rest import RestPose
from ...core.sidecars.check import REQUIRED_ROLES, SidecarFacts
from ...core.task import Task
from ..person.person import Person
from ..render.aim import View
from ..room.placement import Placed
from ..room.scene import CHARACTER_ID, OBJECT_ID
from .meshes import thinned

_MAX_POINTS = 4000


def read_rgb(path: Path) -> NDArray[np.uint8]:
    """(H, W, 3) of a written frame."""
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def is_animated(camera: bpy.types.Object) -> bool:
    """Whether anything may move the camera over time: keys, drivers, constraints, on it, its data or its parents."""
    owner: bpy.types.Object | None = camera
    while owner is not None:
        if owner.animation_data is not None or len(owner.constraints):
            return True
        owner = owner.parent
    return camera.data.animation_data is not None


def frame_facts(
    *,
    task: Task,
    vid: VideoId,
    rgb: NDArray[np.uint8],
    view: View,
    names: Mapping[int, str],
    placed: Placed,
    person: Person,
    character_scale: tuple[float, float, float],
    rest: RestPose,
    regions: Mapping[str, RegionFacts],
    sidecars: Mapping[str, SidecarFacts],
    animated: bool,
) -> FrameFacts:
    """All facts of one frame; see `core.gate_facts.FrameFacts`."""
    seen, camera = view.seen, view.camera
    target = np.array(view.variant.camera.target)
    stands = (placed.character_position, placed.character_turn_deg, character_scale)
    return FrameFacts(
        task=task,
        seed=vid.seed,
        frame=rgb,
        depth=seen.depth,
        id_map=seen.ids,
        names=names,
        object_ids=frozenset({OBJECT_ID}),
        character_ids=frozenset({CHARACTER_ID}),
        object_amodal=view.amodal,
        object_visible=seen.ids == OBJECT_ID,
        character_visible=seen.ids == CHARACTER_ID,
        camera=CameraFacts(camera.K, camera.cam_to_world, target, placed.ground_z, animated),
        object_points=thinned(placed.object_mesh.world.vertices, _MAX_POINTS),
        character_points=thinned(placed.person_mesh.world.vertices, _MAX_POINTS),
        joints=person.joints(*stands),
        face_forward=person.face_forward(placed.character_turn_deg),
        contacts=placed.contacts,
        settle=rest.verdict,
        sidecars=sidecars,
        required_sidecars=frozenset(REQUIRED_ROLES),
        part_points=person.part_points(*stands),
        regions=regions,
    )
