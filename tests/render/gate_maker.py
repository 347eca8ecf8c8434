# SPDX-License-Identifier: GPL-3.0-or-later
"""The pipeline's maker of frames with a hook after each of its steps. Needs bpy."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from grail_addon.core.disk_file import DiskFile
from grail_addon.core.pose import Pose
from grail_addon.core.rotations import from_euler_deg
from grail_addon.core.variant.draw import camera_of
from grail_addon.stage.person.person import Person
from grail_addon.stage.render.aim import sample_view
from grail_addon.stage.render.finish import FrameFinisher, PartTimer, PicturedFrame
from grail_addon.stage.render.frame import FrameMaker
from grail_addon.stage.room.placement import Placed, _contacts
from tests.render.gate_spoils import Spoil

FAR_AWAY = (0.0, 0.0, -80.0)
HAND_BACK_DEG = 55.0


class SpoiltMaker(FrameMaker):
    """Makes a frame as FrameMaker does; `spoil` says what goes wrong on the way."""

    def __init__(self, spoil: Spoil, *args: Any) -> None:
        super().__init__(*args)
        self.spoil = spoil
        self._usual = self._person
        self._posed: Person | None = None

    def undo(self) -> None:
        """Take back what the next frame would not set anew."""
        if self._stage.scene.camera is not None:
            self._stage.scene.camera.animation_data_clear()
        if self.spoil.light != 1.0:
            self._strength().default_value = self._usual_strength
        if self._posed is not None:
            for part in self._posed._handle.parts:
                bpy.data.objects.remove(part.block)

    def _place(self, job: Any, vid: Any, rest: Any) -> Any:
        if self.spoil.hand_back:
            yield from self._take_posed(job)
        drawn, placed = yield from super()._place(job, vid, rest)
        for name, (x, y, z), size in self.spoil.obstacles:
            self._stage.place_static(name, Pose(np.eye(3), np.array([x, y, z]), np.array(size)))
        if self.spoil.place is not None or self.spoil.obstacles:
            placed = self._restand(job, placed)
        return drawn, placed

    def _take_posed(self, job: Any) -> Any:
        with tempfile.TemporaryDirectory() as folder:
            pose = Path(folder) / "pose.json"
            pose.write_text(json.dumps({"upperarm_l": [HAND_BACK_DEG, 0, 0]}))
            self._posed = yield from self._stage.add_person(job.assets.character, "dummy", pose, Path(folder))
        self._usual.place(FAR_AWAY, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
        self._person = self._posed

    def _restand(self, job: Any, placed: Placed) -> Placed:
        where = self.spoil.place(placed) if self.spoil.place is not None else None
        scale = job.settings.character_scale
        pose = where.obj if where is not None and where.obj is not None else placed.obj
        position = where.person if where is not None and where.person is not None else placed.character_position
        turn = placed.character_turn_deg
        if where is not None and where.turn_deg is not None:
            turn = (0.0, 0.0, where.turn_deg)
        thing, person = self._stage.place_object(pose), self._person.place(position, turn, scale)
        return replace(
            placed,
            obj=pose,
            object_mesh=thing,
            character=self._person.pose(position, turn, scale),
            person_mesh=person,
            character_position=position,
            character_turn_deg=turn,
            contacts=_contacts(self._stage, person, thing, placed.support, placed.ground_z),
        )

    def _aim(self, context: Any) -> Any:
        drawn, size = context.drawn, context.size
        if self.spoil.light != 1.0:
            self._usual_strength = self._strength().default_value
            self._dim(self.spoil.light)
        if self.spoil.camera is not None:
            drawn = replace(drawn, camera=self.spoil.camera(drawn.camera))
        if self.spoil.lens is not None:
            posed = camera_of(drawn.camera, *size)
            middle = posed.position - self.spoil.lens * posed.rotation[:, 2]
            turned = from_euler_deg((0.0, 0.0, drawn.camera.azimuth_deg))
            plate = Pose(turned, middle - [0.0, 0.0, 0.5], np.array([0.01, 1.0, 1.0]))
            self._stage.place_static("lens_cap", plate)
        if self.spoil.camera is None and self.spoil.lens is None and not self.spoil.animated:
            return (yield from super()._aim(replace(context, drawn=drawn)))
        view = yield from sample_view(self._stage, drawn, context.placed, *size)
        if self.spoil.animated:
            camera = self._stage.scene.camera
            camera.keyframe_insert("location", frame=1)
            camera.keyframe_insert("location", frame=20)
        return view

    def _dim(self, factor: float) -> None:
        for obj in self._stage.scene.objects:
            if obj.type == "LIGHT":
                obj.data.energy *= factor
        self._strength().default_value *= factor

    def _strength(self) -> Any:
        """Socket of the world's strength."""
        (background,) = (n for n in self._stage.scene.world.node_tree.nodes if n.type == "BACKGROUND")
        return background.inputs["Strength"]

    def _finisher(self, pictured: PicturedFrame, timer: PartTimer) -> FrameFinisher:
        spoil, layout = self.spoil, self._layout

        class SpoiltFinisher(FrameFinisher):
            def _read_back(self, paths: Mapping[str, Path]) -> dict[str, DiskFile]:
                if spoil.files is not None:
                    spoil.files(layout, pictured.context.vid)
                return super()._read_back(paths)

        return SpoiltFinisher(pictured, layout, self._mesh_file, self._options.gate, timer)
