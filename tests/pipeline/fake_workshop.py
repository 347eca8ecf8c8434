# SPDX-License-Identifier: GPL-3.0-or-later
"""A workshop without Blender: leaves the same manifests as the real one, and fails where it is told to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from grail_addon.core.clock import Clock
from grail_addon.core.config.run import RunConfig
from grail_addon.core.files import read_json, write_json, write_text
from grail_addon.core.layout import ResultsLayout
from grail_addon.core.mesh import MeshData
from grail_addon.core.plan.items import Item, ObjectJob, file_entries
from grail_addon.core.settle.rest import RestPose, as_configured
from grail_addon.core.settle.result import SettleResult
from grail_addon.pipeline.records.manifest import failed_manifest, probe_manifest, settle_manifest
from grail_addon.steps.port import FrameResult, Sizes, Workshop
from tests.settle_samples import settle_result


class FakeWorkshop:
    """calls: (method, key) in order. faults: (method, key) -> what to raise. before: called before each frame."""

    def __init__(self, config: RunConfig, layout: ResultsLayout, clock: Clock, texture_dir: Path = Path()) -> None:
        self.layout, self.clock = layout, clock
        self.calls: list[tuple[str, str]] = []
        self.faults: dict[tuple[str, str], BaseException] = {}
        self.settled: dict[str, Any] = {}
        self.rests: dict[str, RestPose] = {}
        self.before: Callable[[Item], None] = lambda _: None

    def _call(self, method: str, key: str) -> None:
        self.calls.append((method, key))
        if (method, key) in self.faults:
            raise self.faults[method, key]

    def open(self, job: ObjectJob) -> Sequence[str]:
        self._call("open", str(job.obj))
        return job.assets.notes

    def sizes(self, job: ObjectJob) -> Sizes:
        self._call("sizes", str(job.obj))
        return Sizes((0.1, 0.08, 0.09), 1.32)

    def probe_views(self, job: ObjectJob, scale: tuple[float, float, float], folder: Path) -> Sequence[Path]:
        self._call("probe_views", f"{job.obj} {scale[0]:.3g}")
        paths = [folder / f"view{n}.png" for n in range(2)]
        for path in paths:
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (32, 24), (90, 90, 90)).save(path)
        return paths

    def record_probe(self, item: Item, record: Mapping[str, Any], files: Mapping[str, Path], seconds: float) -> None:
        self._call("record_probe", str(item.obj))
        entries = file_entries(files, self.layout.results_dir)
        write_json(item.manifest, probe_manifest(item, record, entries, {}, seconds, self.clock.time()))

    def settle(self, job: ObjectJob, item: Item) -> SettleResult:
        self._call("settle", str(job.obj))
        result = settle_result(**self.settled)
        path = self.layout.initial_state_json(job.obj)
        write_json(path, result.to_json())
        files = file_entries({"initial_state": path}, self.layout.results_dir)
        write_json(item.manifest, settle_manifest(item, result, files, {}, [], 0.1, self.clock.time()))
        return result

    def cached_settle(self, job: ObjectJob) -> SettleResult:
        self._call("cached_settle", str(job.obj))
        return SettleResult.from_json(read_json(self.layout.initial_state_json(job.obj)))

    def unsettled(self, job: ObjectJob) -> RestPose:
        self._call("unsettled", str(job.obj))
        mesh = MeshData(np.eye(3), np.array([[0, 1, 2]], dtype=np.int32))
        return as_configured(mesh, job.settings.obj_scale, job.settings.obj_rot)

    def render(self, job: ObjectJob, item: Item, rest: RestPose) -> FrameResult:
        self._call("render", item.key)
        self.before(item)
        assert item.vid is not None
        self.rests[item.key] = rest
        path = self.layout.frame(item.vid)
        write_text(path, item.fingerprint)
        manifest = {
            "status": "done",
            "fingerprint": item.fingerprint,
            "verdict": "warn",
            "plan_inputs": item.inputs,
            "files": file_entries({"frame": path}, self.layout.results_dir),
        }
        write_json(item.manifest, manifest)
        return FrameResult("warn", ("left hand is near the edge",), path)

    def record_failure(self, job: ObjectJob, item: Item, reasons: Sequence[str]) -> None:
        self._call("record_failure", item.key)
        write_json(item.manifest, failed_manifest(item, job, reasons, {}, self.clock.time()))

    def close(self) -> None:
        self._call("close", "")

    def made(self, *methods: str) -> list[str]:
        """Keys of the calls of these methods, in order."""
        return [key for method, key in self.calls if method in methods]


_: type[Workshop] = FakeWorkshop
