# SPDX-License-Identifier: GPL-3.0-or-later
"""A workshop without Blender: makes small pictures of its own, writes no record, and fails where it is told to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from grail_addon.core.clock import Clock
from grail_addon.core.files import write_text
from grail_addon.core.gate.types import GateVerdict
from grail_addon.core.layout import ResultsLayout
from grail_addon.core.mesh import MeshData
from grail_addon.core.plan.items import Item, ObjectJob
from grail_addon.core.plan.opened import OpenedFiles
from grail_addon.core.settle.rest import RestPose, as_configured
from grail_addon.core.variant.draw import draw_variant
from grail_addon.steps.effects import Pause, Steps, offload
from grail_addon.steps.options import StageOptions
from grail_addon.steps.port import FrameResult, MadePicture, SettledObject, Sizes, Workshop
from tests.settle_samples import settle_result


class FakeWorkshop:
    """calls: (method, key) in order. faults: (method, key) -> what to raise. before: called before each frame."""

    def __init__(self, options: StageOptions | None, layout: ResultsLayout, clock: Clock) -> None:
        self.layout, self.clock = layout, clock
        self.calls: list[tuple[str, str]] = []
        self.faults: dict[tuple[str, str], BaseException] = {}
        self.settled: dict[str, Any] = {}
        self.brought: OpenedFiles = {}
        self.rests: dict[str, RestPose] = {}
        self.before: Callable[[Item], None] = lambda _: None

    def _call(self, method: str, key: str) -> None:
        self.calls.append((method, key))
        if (method, key) in self.faults:
            raise self.faults[method, key]

    @property
    def versions(self) -> Mapping[str, str]:
        return {"blender": "none"}

    @property
    def opened(self) -> OpenedFiles:
        return self.brought

    def open(self, job: ObjectJob) -> Steps[Sequence[str]]:
        yield Pause("room")
        self._call("open", str(job.obj))
        return job.assets.notes

    def sizes(self, job: ObjectJob) -> Sizes:
        self._call("sizes", str(job.obj))
        return Sizes((0.1, 0.08, 0.09), 1.32)

    def probe_views(self, job: ObjectJob, scale: tuple[float, float, float], folder: Path) -> Steps[Sequence[Path]]:
        yield Pause("picture")
        self._call("probe_views", f"{job.obj} {scale[0]:.3g}")
        paths = [folder / f"view{n}.png" for n in range(2)]
        for path in paths:
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (32, 24), (90, 90, 90)).save(path)
        return paths

    def settle(self, job: ObjectJob) -> Steps[SettledObject]:
        yield Pause("drop")
        self._call("settle", str(job.obj))
        return SettledObject(settle_result(**self.settled), None, (), 0.1)

    def unsettled(self, job: ObjectJob) -> RestPose:
        self._call("unsettled", str(job.obj))
        mesh = MeshData(np.eye(3), np.array([[0, 1, 2]], dtype=np.int32))
        return as_configured(mesh, job.settings.obj_scale, job.settings.obj_rot)

    def render(self, job: ObjectJob, item: Item, rest: RestPose) -> Steps[MadePicture]:
        yield Pause("picture")
        self._call("render", item.key)
        self.before(item)
        assert item.vid is not None
        self.rests[item.key] = rest
        path = self.layout.frame(item.vid)
        yield from offload(lambda: write_text(path, item.fingerprint), "picture")
        return MadePicture(lambda: self._finish(job, item))

    def _finish(self, job: ObjectJob, item: Item) -> FrameResult:
        self._call("finish", item.key)
        assert item.vid is not None
        return FrameResult(
            verdict=GateVerdict("warn", ("left hand is near the edge",), ()),
            files={"frame": self.layout.frame(item.vid)},
            parameters=draw_variant(0, item.vid, job.settings).parameters(),
            proof={"ok": True},
            render={"samples": 1},
            timings={"total": 0.5},
        )

    def close(self) -> None:
        self._call("close", "")

    def made(self, *methods: str) -> list[str]:
        """Keys of the calls of these methods, in order."""
        return [key for method, key in self.calls if method in methods]


_: type[Workshop] = FakeWorkshop
