# SPDX-License-Identifier: GPL-3.0-or-later
"""A run over the little project that a test drives itself, with a workshop that makes pictures and nothing else."""

from __future__ import annotations

from pathlib import Path

from grail_addon.core.disk_file import file_entries
from grail_addon.core.files import read_json, write_json
from grail_addon.core.layout import ObjectId, ResultsLayout
from grail_addon.drivers.blocking import drain
from grail_addon.pipeline.jobs import Jobs
from grail_addon.pipeline.records.store import Records
from grail_addon.pipeline.run import Run
from grail_addon.steps.events import Event
from tests.pipeline.fake_workshop import FakeWorkshop
from tests.plan_project import jobs_of, request_of


class SteadyClock:
    """Every look at it takes a second."""

    def __init__(self) -> None:
        self.now = 0.0

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        self.now += 1.0
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class DrivenRun:
    """One run over the project, as the command line would make it."""

    def __init__(self, folder: Path, *argv: str, jobs: Jobs | None = None) -> None:
        request = request_of(folder, *argv)
        self.layout = ResultsLayout(request.results_dir)
        self.jobs = jobs or jobs_of(folder, *argv)
        clock = SteadyClock()
        self.workshop = FakeWorkshop(None, self.layout, clock)
        self.stop = False
        self.run = Run(request.config, Records(self.layout, clock), self.jobs, self.workshop, clock)
        self.events: list[Event] = []

    def drain(self) -> DrivenRun:
        drain(self.run.events(), self.heard, is_cancelled=lambda: self.stop, clock=SteadyClock())
        return self

    def heard(self, event: Event) -> None:
        self.events.append(event)

    def told(self, *kinds: str) -> list[str]:
        return [e.item for e in self.events if e.kind in kinds]

    def event(self, kind: str, item: str) -> Event:
        (found,) = [e for e in self.events if e.kind == kind and e.item == item]
        return found

    @property
    def counts(self) -> tuple[int, int, int]:
        assert self.events[-1].kind == "end"
        found = (self.run.done, self.run.skipped, self.run.failed)
        assert dict(self.events[-1].data) == dict(zip(("done", "skipped", "failed"), found, strict=True))
        assert found == tuple(len(self.told(kind)) for kind in ("done", "skip", "fail"))
        assert sum(found) == self.events[0].data["items"], "every item ends in exactly one way"
        return found


def key(category: str, seed: int | None = None) -> str:
    return f"settle Things/{category}" if seed is None else f"render Things/{category}/kid_stage_rand{seed:05d}"


def items_of(*categories: str) -> list[str]:
    return [key(c, seed) for c in categories for seed in (None, 1, 2)]


def spoil_state(session: DrivenRun, category: str) -> None:
    """Take the rotation out of a settled state, and let its manifest vouch for what is left."""
    obj = ObjectId("Things", category)
    path = session.layout.initial_state_json(obj)
    write_json(path, {name: value for name, value in read_json(path).items() if name != "obj_R"})
    manifest = session.layout.item_manifest("settle", obj)
    record = read_json(manifest)
    record["files"] |= file_entries({"initial_state": path}, session.layout.results_dir)
    write_json(manifest, record)
