# SPDX-License-Identifier: GPL-3.0-or-later
"""Configured sizes against the table of plausible ones: a note for each object that is off, and the run goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from grail_addon.core.clock import SystemClock
from grail_addon.core.errors import InputError
from grail_addon.core.layout import ResultsLayout
from grail_addon.core.scale.priors import read_priors
from grail_addon.drivers.blocking import drain
from grail_addon.pipeline.records.store import Records
from grail_addon.pipeline.run import Run
from grail_addon.steps.events import Event
from tests.pipeline.fake_workshop import FakeWorkshop
from tests.plan_project import jobs_of, make_project, request_of

TABLE = "sizes:\n  mug: {longest_m: [0.09, 0.15], source: spec}\n  bowl: {longest_m: [0.09, 0.3], source: spec}\n"


def notes(folder: Path, table: Path, *argv: str) -> tuple[Run, list[str]]:
    """A run of all three objects, each 0.1 m long before scaling; the mug's scale is 2, the others' is 1."""
    request, clock = request_of(folder, *argv), SystemClock()
    layout = ResultsLayout(request.results_dir)
    shop = FakeWorkshop(None, layout, clock)
    run = Run(request.config, Records(layout, clock), jobs_of(folder, *argv), shop, clock, priors=read_priors(table))
    events: list[Event] = []
    drain(run.events(), events.append)
    return run, [e.message for e in events if e.kind == "note" and "long" in e.message]


def test_only_what_is_off_is_told_and_nothing_fails(tmp_path: Path) -> None:
    folder = make_project(tmp_path)
    table = folder / "sizes.yaml"
    table.write_text(TABLE)
    run, (note,) = notes(folder, table)
    assert note.startswith("mug is 0.2 m long, which is large") and "obj_scale" in note and "\n" not in note
    assert run.failed == 0 and run.done == 9
    _, told = notes(folder, table, "--set", "objects.mug.obj_scale=[1, 1, 1.2]", "--set", "objects.bowl.obj_scale=0.5")
    assert [text.split(",")[0] for text in told] == ["bowl is 0.05 m long"]


def test_without_a_table_nothing_is_checked_and_a_damaged_one_is_refused(tmp_path: Path) -> None:
    folder = make_project(tmp_path)
    assert notes(folder, folder / "none.yaml")[1] == []
    (folder / "bad.yaml").write_text("sizes: {mug: {longest_m: [2, 1], source: x}}\n")
    with pytest.raises(InputError):
        read_priors(folder / "bad.yaml")


def test_a_file_in_millimetres_is_asked_about_and_the_answer_is_taken(tmp_path: Path) -> None:
    """The mug is 0.1 m long before scaling, so with a scale of 1200 as long as one whose file is in millimetres."""
    folder = make_project(tmp_path)
    table = folder / "sizes.yaml"
    table.write_text(TABLE)
    huge = ("--set", "objects.mug.obj_scale=1200")
    run, told = notes(folder, table, *huge)
    assert (run.failed, run.done) == (3, 6), "the other objects are made"
    run, told = notes(folder, table, *huge, "--set", "objects.mug.obj_unit=m")
    assert run.failed == 0 and any(text.startswith("mug is 120 m long") for text in told)


def test_a_unit_counts_in_fingerprints_once_it_is_set(tmp_path: Path) -> None:
    folder = make_project(tmp_path)

    def inputs(*argv: str) -> list[dict[str, object]]:
        (job,) = jobs_of(folder, "--category", "mug", *argv).ready
        return [dict(item.inputs) for item in job.items]

    plain, set_to_mm = inputs(), inputs("--set", "objects.mug.obj_unit=mm")
    assert all("obj_unit" not in str(item) for item in plain), "what was made before the key existed stays up to date"
    assert all(a != b for a, b in zip(plain, set_to_mm, strict=True))
