# SPDX-License-Identifier: GPL-3.0-or-later
"""What the gate is told about a rendered variant, gathered from stage, passes and files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import bpy
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..core.gate_facts import CameraFacts, FrameFacts, SidecarFacts, Task
from ..core.layout import VideoId
from ..core.mesh import Array, MeshData
from ..core.proof import Proof
from ..core.rest import RestPose
from .aim import View
from .person import Person
from .placement import Placed
from .scene import CHARACTER_ID, OBJECT_ID

_MAX_POINTS = 4000


def thinned(mesh: MeshData) -> Array:
    """Up to _MAX_POINTS vertices (N, 3), the extreme ones of each axis and diagonal always among them."""
    points = mesh.vertices
    if len(points) <= _MAX_POINTS:
        return points
    directions = np.array([d for d in np.ndindex(3, 3, 3) if d != (1, 1, 1)], dtype=np.float64) - 1.0
    extreme = np.unique(np.argmax(points @ directions.T, axis=0))
    even = np.linspace(0, len(points) - 1, _MAX_POINTS).astype(int)
    return points[np.union1d(extreme, even)]


def read_rgb(path: Path) -> NDArray[np.uint8]:
    """(H, W, 3) of a written frame."""
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def is_animated(camera: bpy.types.Object) -> bool:
    """Whether anything may move the camera over time: keys, drivers, constraints, on it, its data or its parents."""
    thing: bpy.types.Object | None = camera
    while thing is not None:
        if thing.animation_data is not None or len(thing.constraints):
            return True
        thing = thing.parent
    return camera.data.animation_data is not None


def sidecar_facts(files: Mapping[str, Path], vid: VideoId, proof: Proof) -> dict[str, SidecarFacts]:
    """One entry for each file of the frame; the proof speaks for the set."""
    note = proof.problems[0] if proof.problems else ""
    return {
        role: SidecarFacts(path.is_file(), proof.proved, vid.seed, "" if proof.proved else note)
        for role, path in files.items()
    }


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
    sidecars: Mapping[str, SidecarFacts],
    animated: bool,
) -> FrameFacts:
    """All facts of one frame; see `core.gate_facts.FrameFacts`."""
    seen, camera = view.seen, view.camera
    target = np.array(view.variant.camera.target)
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
        object_points=thinned(placed.object_thing.world),
        character_points=thinned(placed.person_thing.world),
        joints=person.joints(placed.character_position, placed.character_turn_deg, character_scale),
        face_forward=person.face_forward(placed.character_turn_deg),
        contacts=placed.contacts,
        settle=rest.verdict,
        sidecars=sidecars,
        required_sidecars=frozenset(sidecars),
    )
