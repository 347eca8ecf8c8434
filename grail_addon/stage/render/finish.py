# SPDX-License-Identifier: GPL-3.0-or-later
"""What is left to do of a frame once its picture is there: the other files, their proof, the verdict.

All of it is work on plain arrays and search trees, which a thread may do while the next variant is on the stage.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ...core.clock import Clock
from ...core.config.gate import GateConfig
from ...core.disk_file import DiskFile, file_entry
from ...core.gate.judge import judge_frame
from ...core.layout import ResultsLayout
from ...core.sidecars.check import SidecarFacts, sidecar_facts
from ...core.sidecars.proof import DistanceTo, Truth, prove
from ...core.sidecars.write import FrameGeometry, write_sidecars
from ...steps.port import FrameResult
from ..importers.surface_colour import SurfaceColour
from ..room.scene import CHARACTER_ID, OBJECT_ID
from .aim import View
from .context import FrameContext
from .facts import StageFacts, geometry_facts, looks_facts, picture_facts


class PartTimer:
    """Seconds that the parts of one frame took."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.seconds: dict[str, float] = {}

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Add what is done meanwhile to a part."""
        start = self._clock.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + self._clock.monotonic() - start


@dataclass(frozen=True, eq=False)
class PicturedFrame:
    """A frame whose picture is written, and all that is known of it. colour: of the object's surface; parameters, render,
    notes: for its `FrameResult`."""

    stage: StageFacts
    context: FrameContext
    view: View
    colour: SurfaceColour
    parameters: Mapping[str, Any]
    render: Mapping[str, Any]
    notes: tuple[str, ...]


class FrameFinisher:
    """Writes the files beside one picture, proves and judges them. mesh_file: the object's, in the results folder."""

    def __init__(
        self, frame: PicturedFrame, layout: ResultsLayout, mesh_file: Path, gate: GateConfig, timer: PartTimer
    ) -> None:
        self._frame, self._layout, self._gate, self._timer = frame, layout, gate, timer
        self._picture, self._mesh = layout.frame(frame.context.vid), mesh_file

    def finish(self) -> FrameResult:
        """What the frame's manifest records."""
        frame, vid, results = self._frame, self._frame.context.vid, self._layout.results_dir
        with self._timer.part("total"):
            with self._timer.part("sidecars"):
                geometry = _geometry(frame)
                paths = {"frame": self._picture, **write_sidecars(self._layout, vid, geometry)}
            with self._timer.part("proof"):
                files = self._read_back(paths)
                proof = prove(files, frame.view.camera, _truth(frame))
            with self._timer.part("gate"):
                facts = geometry_facts(frame.stage, frame.context, frame.view)
                looks = looks_facts(frame.colour, frame.context.placed.object_mesh, frame.view)
                facts = replace(facts, looks=looks)
                mesh = file_entry(self._mesh, results)
                found = sidecar_facts(files, vid, proof, geometry)
                found = {"frame": found["frame"], "mesh": SidecarFacts(bool(mesh["sha256"]), True), **found}
                verdict = judge_frame(facts, picture_facts(vid, files["frame"], found), self._gate)
            with self._timer.part("hashes"):
                entries = {"mesh": mesh, **{role: file.entry(results) for role, file in files.items()}}
        return FrameResult(
            verdict=verdict,
            files={"mesh": self._mesh, **paths},
            parameters=frame.parameters,
            proof=proof.to_json(),
            render=frame.render,
            timings=dict(self._timer.seconds),
            notes=frame.notes,
            entries=entries,
        )

    def _read_back(self, paths: Mapping[str, Path]) -> dict[str, DiskFile]:
        """The files as they are on the disk, each opened once for proof, gate and manifest."""
        return {role: DiskFile.of(path) for role, path in paths.items()}


def _geometry(frame: PicturedFrame) -> FrameGeometry:
    view, placed, person = frame.view, frame.context.placed, frame.stage.person
    ids = view.seen.ids
    return FrameGeometry(
        camera=view.camera,
        obj=placed.obj,
        character_name=person.name,
        character=placed.character,
        character_height=person.height,
        depth=view.seen.depth,
        object_mask=view.whole | (ids == OBJECT_ID),
        object_visible=ids == OBJECT_ID,
        human_mask=ids == CHARACTER_ID,
        static_objects=placed.statics,
        mesh_offset=frame.stage.mesh_offset,
        robot=person.robot,
    )


def _truth(frame: PicturedFrame) -> Truth:
    placed = frame.context.placed
    surfaces: dict[int, tuple[str, DistanceTo]] = {
        posed.number: (posed.name, posed.distance) for posed in frame.stage.surfaces
    }
    surfaces[OBJECT_ID] = ("object", placed.object_mesh.distance)
    surfaces[CHARACTER_ID] = ("character", placed.person_mesh.distance)
    return Truth(
        frame.stage.mesh,
        placed.object_mesh.world,
        frame.view.seen.ids,
        OBJECT_ID,
        CHARACTER_ID,
        surfaces,
        frame.view.drawn,
    )
