# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes what a run leaves on disk about its items, and reads it back: manifests, settled states, scales.

Every method is plain file work, so it may run in a thread. A manifest is written last, so where it is all files are whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...core.clock import Clock
from ...core.disk_file import file_entries
from ...core.errors import Problem
from ...core.files import read_json, sha256_file, write_json
from ...core.gate.types import lost_textures
from ...core.layout import ObjectId, ResultsLayout
from ...core.plan.items import Freshness, Hasher, Item, ObjectJob, freshness
from ...core.plan.opened import OpenedFiles, opened_entries, shapes_alone
from ...core.settle.rest import RestPose
from ...core.settle.result import SettleResult
from ...core.sidecars.initial_state import write_state
from ...steps.port import FrameResult, SettledObject
from .decisions import write_keeping_decision
from .manifest import failed_manifest, frame_manifest, probe_manifest, settle_manifest

Versions = Mapping[str, str]
NOTHING: OpenedFiles = {}


@dataclass(frozen=True)
class Records:
    """The records of one results folder. hasher: SHA-256 of a file, for the assets that many frames share. verify: hash
    every file before it counts as unchanged."""

    layout: ResultsLayout
    clock: Clock
    hasher: Hasher = sha256_file
    verify: bool = False

    def freshness(self, item: Item) -> Freshness:
        """Whether an item is up to date, and why not."""
        return freshness(item, self.layout.results_dir, self.verify, self.hasher)

    def settled_state(self, obj: ObjectId) -> SettleResult:
        """The state that an earlier run wrote. Raises OSError or ValueError where it cannot be read."""
        return SettleResult.from_json(read_json(self.layout.initial_state_json(obj)))

    def scale(self, obj: ObjectId) -> Mapping[str, Any]:
        """Content of obj_scale.json. Raises OSError or ValueError where it cannot be read."""
        record: Mapping[str, Any] = read_json(self.layout.obj_scale(obj))
        return record

    def verdict(self, item: Item) -> tuple[str, dict[str, list[str]]]:
        """The verdict in an item's manifest, empty where it has none, and what `lost_textures` finds there."""
        manifest = read_json(item.manifest)
        return str(manifest.get("verdict", "")), lost_textures(manifest.get("measurements", ()))

    def _opened(self, item: Item, opened: OpenedFiles) -> dict[str, dict[str, str]]:
        return opened_entries(opened, item.sources, self.hasher)

    def write_settled(
        self, item: Item, settled: SettledObject, versions: Versions, opened: OpenedFiles = NOTHING
    ) -> None:
        """Write the state files of a settled object and its manifest. opened: what the assets brought with them."""
        written = write_state(self.layout, item.obj, settled.result, item.fingerprint)
        files = {"initial_state": written["json"], "initial_state_pickle": written["pickle"]}
        if settled.usd is not None:
            files["usd"] = settled.usd
        entries = file_entries(files, self.layout.results_dir)
        manifest = settle_manifest(
            item, settled.result, entries, versions, settled.notes, settled.seconds, self.clock.time()
        )
        write_json(item.manifest, {**manifest, "opened": self._opened(item, shapes_alone(opened))})

    def write_scale(
        self,
        item: Item,
        record: Mapping[str, Any],
        pictures: tuple[Path, ...],
        versions: Versions,
        seconds: float,
        opened: OpenedFiles = NOTHING,
    ) -> None:
        """Write obj_scale.json of a probed object and its manifest; record: content of obj_scale.json."""
        path = self.layout.obj_scale(item.obj)
        write_json(path, record)
        files = {"obj_scale": path, **{f"picture_{number}": file for number, file in enumerate(pictures)}}
        entries = file_entries(files, self.layout.results_dir)
        manifest = probe_manifest(item, record, entries, versions, seconds, self.clock.time())
        write_json(item.manifest, {**manifest, "opened": self._opened(item, opened)})

    def write_frame(
        self,
        job: ObjectJob,
        item: Item,
        rest: RestPose,
        frame: FrameResult,
        versions: Versions,
        opened: OpenedFiles = NOTHING,
    ) -> None:
        """Write the manifest of a frame whose files are there."""
        assets, results = job.assets, self.layout.results_dir
        inputs = {
            name: {"path": str(path), "sha256": self.hasher(path)}
            for name, path in (("object", assets.mesh), ("character", assets.character), ("scene", assets.scene))
        }
        settle_file = None
        if rest.verdict is not None:
            settle_file = self.layout.initial_state_json(job.obj).relative_to(results).as_posix()
        manifest = frame_manifest(
            item,
            job,
            frame,
            rest=rest,
            inputs=inputs,
            files=frame.entries or file_entries(frame.files, results),
            versions=versions,
            settle_file=settle_file,
            now=self.clock.time(),
        )
        manifest["opened"] = self._opened(item, opened)
        write_keeping_decision(item.manifest, manifest, frame.picture)

    def write_failure(self, job: ObjectJob, item: Item, problems: tuple[Problem, ...], versions: Versions) -> None:
        """Write a manifest that says why an item could not be made."""
        reasons = [str(problem) for problem in problems]
        write_keeping_decision(item.manifest, failed_manifest(item, job, reasons, versions, self.clock.time()))
