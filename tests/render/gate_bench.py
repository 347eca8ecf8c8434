# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes frames of the gate's project through the pipeline's own code, spoilt at one point on the way. Needs bpy.

One warm stage serves all frames of a room. What is measured, judged and written is left to the pipeline.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from grail_addon.core.clock import SystemClock
from grail_addon.core.config.find import Places
from grail_addon.core.config.load import load
from grail_addon.core.files import read_json
from grail_addon.core.gate.facts import Task
from grail_addon.core.plan.items import ObjectJob
from grail_addon.core.settle.rest import RestPose, settled
from grail_addon.drivers.blocking import drain
from grail_addon.pipeline.session import Session
from grail_addon.pipeline.stage_options import stage_options
from grail_addon.stage.importers.surface_colour import surface_colour
from grail_addon.stage.importers.write import write_mesh
from grail_addon.stage.render.device import Device
from grail_addon.stage.render.samples import AutoSamples
from grail_addon.stage.workshop import StageWorkshop
from tests.render.gate_maker import SpoiltMaker
from tests.render.gate_project import write_project
from tests.render.gate_spoils import Spoil

ROOT = Path(__file__).resolve().parents[2]
OTHER_TASKS: dict[str, Task] = {"ball": "pickup_ground", "chair": "sitting", "stairs": "terrain_stairs"}


def small_bench(root: Path) -> Bench:
    """The bench over the project of boxes, written below `root`."""
    return Bench(write_project(root), root, OTHER_TASKS, ("chair", "stairs"))


class Bench:
    """A project, its jobs, and the stage that is open."""

    def __init__(self, config_file: Path, root: Path, tasks: Mapping[str, Task], fixed: Container[str]) -> None:
        """tasks: category -> its task where it is not the file's; fixed: categories that are not settled."""
        session = Session(load(config_file, (), Places(root, ROOT, data_dirs=(root,))))
        self._fixed = fixed
        self.layout, self._clock, self._records = session.layout, SystemClock(), session.records
        self._options = stage_options(session.request.config, root)
        jobs = session.jobs
        assert not jobs.missing, jobs.missing
        self._jobs = {job.obj.category: replace(job, task=tasks.get(job.obj.category, job.task)) for job in jobs.ready}
        assert isinstance(session.workshop, StageWorkshop)
        self._shop = session.workshop
        self._device = Device("CPU", "CPU", ())
        self._open = ""
        self._rest: RestPose | None = None

    def _opened(self, category: str) -> tuple[ObjectJob, RestPose]:
        job = self._jobs[category]
        if category != self._open or self._rest is None:
            drain(self._shop.open(job))
            self._open = category
            fixed = category in self._fixed
            self._rest = self._shop.unsettled(job) if fixed else settled(drain(self._shop.settle(job)).result)
            write_mesh(self._shop.stage.imported.object, self.layout.mesh_dir(job.obj))
        return job, self._rest

    def shoot(self, spoil: Spoil) -> dict[str, Any]:
        """Make the frame and return its manifest."""
        job, rest = self._opened(spoil.category)
        mesh, auto = self.layout.mesh(job.obj), AutoSamples(self._options, self.layout, self._clock)
        maker = SpoiltMaker(
            spoil,
            self._shop.stage,
            self._shop.person,
            self._device,
            self._options,
            self.layout,
            self._clock,
            mesh,
            drain(surface_colour(lambda: self._shop.stage.imported.object)),
            auto,
        )
        (item,) = (item for item in job.renders if item.vid is not None and item.vid.seed == spoil.seed)
        try:
            stands = spoil.rest(rest) if spoil.rest else rest
            frame = drain(maker.make(job, item, stands)).finish()
            self._records.write_frame(job, item, stands, frame, self._shop.versions)
        finally:
            maker.undo()
        manifest: dict[str, Any] = read_json(item.manifest)
        return manifest

    def close(self) -> None:
        self._shop.close()
