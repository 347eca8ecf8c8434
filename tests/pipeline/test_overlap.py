# SPDX-License-Identifier: GPL-3.0-or-later
"""A frame that is being finished when the run is stopped: told of once, and on disk as what it became, wherever the stop came."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grail_addon.core.errors import UserError
from grail_addon.core.files import read_json
from grail_addon.steps.effects import Begin, Effect, Offload, Pause, stop
from grail_addon.steps.events import Event
from tests.pipeline.driven_run import DrivenRun, key
from tests.pipeline.test_run import folder

__all__ = ["folder"]

ONE = key("mug", 1)

PLACES: dict[str, Callable[[Effect], bool]] = {
    "as it is begun": lambda effect: isinstance(effect, Begin),
    "at the next pause": lambda effect: isinstance(effect, Pause),
    "while it is waited for": lambda effect: isinstance(effect, Offload) and effect.what == "gate",
    "while its failure is written down": lambda effect: isinstance(effect, Offload) and effect.what == "records",
}
FAULTS = {"whole": None, "fails": UserError("not today."), "a fault of ours": ValueError("odd")}


def stopped(folder: Path, place: str, fault: Exception | None) -> DrivenRun:
    """A run of two frames that is stopped at the first such effect after the first frame's rest was begun. As in the window,
    work that was asked for is done before the stop."""
    session = DrivenRun(folder, "--category", "mug", "--num_rand_scenes", "2")
    if fault is not None:
        session.workshop.faults["finish", ONE] = fault
    steps, is_begun = session.run.events(), False
    answer: Any = None
    error: Exception | None = None
    while True:
        said = steps.send(answer) if error is None else steps.throw(error)
        answer = error = None
        if isinstance(said, Event):
            session.heard(said)
            continue
        is_begun = is_begun or isinstance(said, Begin)
        if isinstance(said, (Begin, Offload)):
            try:
                answer = said.work()
            except Exception as thrown:
                error = thrown
        if is_begun and PLACES[place](said):
            stop(steps, session.heard)
            return session


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("place", list(PLACES)[:3])
def test_a_stop_leaves_no_frame_untold(folder: Path, place: str, fault: Exception | None) -> None:
    session = stopped(folder, place, fault)
    assert [e.kind for e in session.events if e.item == ONE] == ["start", "done" if fault is None else "fail"]
    manifest = read_json(session.jobs.ready[0].renders[0].manifest)
    assert manifest["status"] == ("done" if fault is None else "failed")
    assert fault is None or str(fault) in manifest["reasons"][0]
    assert (session.run.done, session.run.failed) == ((2, 0) if fault is None else (1, 1)), "the settle and this frame"
    assert not session.jobs.ready[0].renders[1].manifest.exists()


def test_a_stop_while_a_failure_is_written_down_counts_it_once(folder: Path) -> None:
    session = stopped(folder, "while its failure is written down", FAULTS["fails"])
    assert [e.kind for e in session.events if e.item == ONE] == ["start", "fail"]
    assert read_json(session.jobs.ready[0].renders[0].manifest)["reasons"] == ["not today."]
    assert (session.run.done, session.run.failed) == (1, 1)


def test_a_full_disk_at_a_stop_is_told_and_nothing_more_is_written(folder: Path) -> None:
    session = stopped(folder, "at the next pause", OSError(errno.ENOSPC, "full"))
    assert [e.kind for e in session.events if e.item == ONE] == ["start", "fail"]
    assert not session.jobs.ready[0].renders[0].manifest.exists()
