# SPDX-License-Identifier: GPL-3.0-or-later
"""Stages of the starter assets as the pipeline sets them up, and pictures of what may happen on them afterwards. Needs bpy.

Each picture is rendered once and kept as a file: films share most of theirs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix, Vector

from grail_addon.cli.arguments import read_command_line
from grail_addon.core.settle.rest import settled
from grail_addon.core.task import Task
from grail_addon.drivers.blocking import drain
from grail_addon.pipeline.session import Session
from grail_addon.stage.render.render import Quality, render_frame
from grail_addon.stage.workshop import StageWorkshop
from tests.render.clip_moves import Shown
from tests.render.runs import ROOT

SIZE = (320, 180)
QUALITY = Quality(samples=3, denoise=True, bounces=2, guided=False)
ARM_BONES, BENT_BONES = 4, 6
"""Bones that follow a hand: the arm, the collar bone and a part of the spine; down to the floor all of it."""

SINKS = 0.3
"""Metres that the body sinks to reach the floor."""

LEG_BONES = 2


@dataclass(frozen=True)
class Setting:
    """A stage: its task, the object's dataset and category, and settings beside the pipeline file's."""

    task: Task
    category: str
    more: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.task}-{self.category}"


class ClipStage:
    """The stage of one setting, as its conditioning frame shows it. pictures: folder that all pictures are kept in."""

    def __init__(self, setting: Setting, starter: Path, results: Path, pictures: Path) -> None:
        argv = [
            "--config", f"{setting.task}.yaml", "--category", setting.category, "--character", "kid",
            "--data_dir", str(starter), "--results_dir", str(results), "--num_rand_scenes", "1", "--samples", "4",
            "--skip_step2", "--skip_step4", "--set", f"rendering.width={SIZE[0]}", "--set", f"rendering.height={SIZE[1]}",
            "--set", "rendering.gpu=false", "--set", "simulation.drops=2", "--seed", "0",
            *(word for text in setting.more for word in ("--set", text)),
        ]  # fmt: skip
        session = Session(read_command_line(argv, results, ROOT)[0])
        (job,) = session.jobs.ready
        assert isinstance(session.workshop, StageWorkshop)
        self._setting, self._shop, self._pictures, self._starter = setting, session.workshop, pictures, starter
        drain(self._shop.open(job))
        still = job.settings.scene.startswith("indoor1") and setting.task == "terrain_stairs"
        rest = self._shop.unsettled(job) if still else settled(drain(self._shop.settle(job)).result)
        (item,) = (item for item in job.renders if item.vid is not None)
        self.verdict = drain(self._shop.render(job, item, rest)).finish().verdict
        assert item.vid is not None
        self.frame, self.depth = session.layout.frame(item.vid), session.layout.depth_png(item.vid)
        self.person_mask = session.layout.human_mask(item.vid)
        self.object_mask = session.layout.object_visible_mask(item.vid)
        self._scene.render.use_persistent_data = True
        self._take_hold()

    @property
    def _scene(self) -> bpy.types.Scene:
        return self._shop.stage.scene

    def close(self) -> None:
        self._shop.close()

    # ---------------------------------------------------------------- what can be moved

    def _take_hold(self) -> None:
        """Remember where everything is, and tie hands and feet to points that can be moved."""
        stage, person = self._shop.stage, self._shop.person
        self._object = stage.imported.object
        self._object_at = self._object.matrix_world.copy()
        points = [self._object_at @ Vector(corner) for corner in self._object.bound_box]
        self._grip = sum(points, Vector()) / 8.0
        self._camera_at = self._scene.camera.matrix_world.copy()
        self._lens = self._scene.camera.data.lens
        self._person, self._root = person, person._root
        self._root_at = self._root.location.copy()
        self._root_turn = self._root.rotation_euler.z
        rig = person._handle.armature
        assert rig is not None
        self._rig = rig.block
        bend = BENT_BONES if self._setting.task == "pickup_ground" else ARM_BONES
        self._arm = self._tie("lowerarm_l", bend)
        self._legs = {bone: (self._tie(bone, LEG_BONES), self._tail(bone)) for bone in ("calf_l", "calf_r")}
        self._other: Any = None
        self._extra: bpy.types.Object | None = None
        self._materials = [slot.material for slot in self._object.material_slots]

    def _tail(self, bone: str) -> Vector:
        now = self._rig.evaluated_get(self._shop.stage.depsgraph())
        return now.matrix_world @ now.pose.bones[bone].tail

    def _tie(self, bone: str, count: int) -> Any:
        """A constraint that pulls the end of a bone, and `count` bones with it, to a point; it does not pull yet."""
        target = bpy.data.objects.new(f"{bone} goes to", None)
        self._scene.collection.objects.link(target)
        tie = self._rig.pose.bones[bone].constraints.new("IK")
        tie.target, tie.chain_count, tie.influence = target, count, 0.0
        return tie

    # ---------------------------------------------------------------- pictures

    def picture(self, shown: Shown) -> Path:
        """The picture of the stage as `shown` says."""
        name = hashlib.sha256(repr((self._setting, shown, QUALITY, SIZE)).encode()).hexdigest()[:24]
        path = self._pictures / f"{name}.png"
        if not path.is_file():
            self._show(shown)
            drain(render_frame(self._scene, path, QUALITY, 1 + int(name[:6], 16)))
        return path

    def _show(self, shown: Shown) -> None:
        shift = Vector(shown.thing)
        pivot = Matrix.Translation(self._grip)
        size = Matrix.Scale(shown.thing_size, 4)
        self._object.matrix_world = Matrix.Translation(shift) @ pivot @ size @ pivot.inverted() @ self._object_at
        self._object.hide_render = not shown.thing_seen
        for slot, material in zip(self._object.material_slots, self._materials, strict=True):
            slot.material = material if shown.thing_colour is None else _paint(shown.thing_colour)
        self._place_person(shown, shift)
        self._person.show(shown.person_seen)
        camera = self._scene.camera
        turn = Matrix.Rotation(np.radians(shown.pan), 4, "Z")
        around = Matrix.Translation(self._grip) @ Matrix.Rotation(np.radians(shown.orbit), 4, "Z")
        moved = around @ Matrix.Translation(-self._grip) @ self._camera_at
        place = Matrix.Translation(moved.translation + Vector(shown.dolly))
        camera.matrix_world = place @ turn @ moved.to_3x3().to_4x4() @ Matrix.Rotation(np.radians(shown.roll), 4, "Z")
        camera.data.lens = self._lens * shown.zoom
        self._place_other(shown)
        self._place_extra(shown.crate)

    def _place_person(self, shown: Shown, shift: Vector) -> None:
        low = SINKS * shown.reach if self._setting.task == "pickup_ground" else 0.0
        walk, turn = Vector(shown.walk) - Vector((0.0, 0.0, low)), Matrix.Rotation(np.radians(shown.turn), 3, "Z")
        self._root.location = self._root_at + walk
        self._root.rotation_euler.z = self._root_turn + np.radians(shown.turn)
        self._arm.target.location = self._grip + shift if shown.holds else self._grip
        self._arm.influence = shown.reach
        for tie, rest in self._legs.values():
            tie.influence = float(walk.z < 0.0)  # feet stay on the ground when the body sinks
            tie.target.location = self._root_at + turn @ (rest - self._root_at) + Vector((walk.x, walk.y, 0.0))

    def _place_other(self, shown: Shown) -> None:
        if self._other is None and shown.other is not None:
            file = self._starter / "characters" / "person_b"
            (path,) = file.glob("*.blend")
            self._other = drain(self._shop.stage.add_person(path, "person_b", None, file))
        if self._other is not None:
            self._other.show(shown.other is not None)
            if shown.other is not None:
                x, y = shown.other
                self._other.place((self._root_at.x + x, self._root_at.y + y, self._root_at.z), (0, 0, 120), (1, 1, 1))

    def _place_extra(self, at: Sequence[float] | None) -> None:
        if self._extra is None and at is not None:
            mesh = bpy.data.meshes.new("crate")
            h = 0.28
            corners = [(x, y, z) for x in (-h, h) for y in (-h, h) for z in (0, 2 * h)]
            faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
            mesh.from_pydata(corners, [], faces)
            mesh.materials.append(_paint((0.9, 0.75, 0.1)))
            self._extra = bpy.data.objects.new("crate", mesh)
            self._scene.collection.objects.link(self._extra)
        if self._extra is not None:
            self._extra.hide_render = at is None
            if at is not None:
                self._extra.location = self._root_at + Vector(at)


def _paint(colour: tuple[float, float, float]) -> bpy.types.Material:
    name = f"painted {colour}"
    if name not in bpy.data.materials:
        made = bpy.data.materials.new(name)
        if not made.node_tree:
            made.use_nodes = True
        shader = next(node for node in made.node_tree.nodes if node.type == "BSDF_PRINCIPLED")
        shader.inputs["Base Color"].default_value = (*colour, 1.0)
    return bpy.data.materials[name]
