# SPDX-License-Identifier: GPL-3.0-or-later
"""A run: every item is told of once, one failure stops nothing else, what is up to date stays, a stop is clean."""

from __future__ import annotations

import errno
import threading
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from grail_addon.core.errors import Problem, UserError
from grail_addon.core.files import read_json
from grail_addon.core.layout import ObjectId
from grail_addon.core.plan.items import Item, ObjectJob
from grail_addon.drivers.blocking import Cancelled, drain
from grail_addon.pipeline.jobs import Jobs
from grail_addon.steps.events import Event, Planned
from grail_addon.steps.port import FrameResult, StageLost
from tests.pipeline.driven_run import DrivenRun, items_of, key, spoil_state
from tests.plan_project import jobs_of, make_project
from tests.waiting import PATIENCE

ALL = ("mug", "bowl", "jar")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_project(tmp_path)


def test_all_done_in_order(folder: Path) -> None:
    session = DrivenRun(folder).drain()
    assert session.told("done") == session.told("start") == items_of(*ALL)
    assert session.counts == (9, 0, 0)
    assert session.events[0] == Planned(data={"items": 9, "objects": 3})
    assert session.workshop.made("open") == [f"Things/{c}" for c in ALL] and session.workshop.calls[-1] == ("close", "")


def test_what_an_event_says(folder: Path) -> None:
    session = DrivenRun(folder, "--category", "mug").drain()
    settle, frame = session.event("done", key("mug")), session.event("done", key("mug", 2))
    assert (settle.step, settle.obj, settle.variant, settle.verdict) == ("settle", "Things/mug", "", "stable")
    assert settle.path == "generation/initial_states/Things/mug/initial_state.json" and settle.seconds == 1.0
    assert settle.data == {"confidence": 0.875, "tip_angle_deg": 30.0}
    assert frame.seconds >= 1.0
    assert (frame.step, frame.obj, frame.variant) == ("render", "Things/mug", "kid_stage_rand00002")
    assert (frame.verdict, frame.message) == ("warn", "left hand is near the edge")
    assert frame.path == "generation/asset_renders/Things/mug/kid_stage_rand00002.png"
    notes = [e.message for e in session.events if e.kind == "note"]
    assert any(str(folder / "data/Things/mug/model.obj") in note for note in notes)
    assert frame.to_json() == {
        **{"kind": "done", "item": key("mug", 2), "step": "render", "obj": "Things/mug", "seconds": frame.seconds},
        **{
            "variant": "kid_stage_rand00002",
            "verdict": "warn",
            "message": "left hand is near the edge",
            "path": frame.path,
        },
    }


def test_frames_start_from_the_settled_pose(folder: Path) -> None:
    session = DrivenRun(folder, "--category", "mug")
    session.workshop.settled = {"obj_t": np.array([0.1, 0.2, 0.3]), "rolls": True}
    session.drain()
    for rest in session.workshop.rests.values():
        assert rest.translation.tolist() == [0.1, 0.2, 0.3] and rest.verdict is not None
    assert session.event("done", key("mug")).verdict == "rolls"


FAULTS: list[tuple[str, str, list[str]]] = [
    ("open", "Things/bowl", items_of("bowl")),
    ("settle", "Things/bowl", items_of("bowl")),
    ("render", key("bowl", 1), [key("bowl", 1)]),
]


@pytest.mark.parametrize("error", [UserError("it is broken.", "Mend it."), ZeroDivisionError("by nought")])
@pytest.mark.parametrize(("method", "where", "fails"), FAULTS, ids=[f[0] for f in FAULTS])
def test_one_failure_stops_no_other(folder: Path, method: str, where: str, fails: list[str], error: Exception) -> None:
    session = DrivenRun(folder)
    session.workshop.faults[method, where] = error
    session.drain()
    assert session.told("fail") == fails
    assert session.told("done") == [item for item in items_of(*ALL) if item not in fails]
    assert session.counts == (9 - len(fails), 0, len(fails))
    items = [item for job in session.jobs.ready for item in job.items]
    assert [i.key for i in items if read_json(i.manifest)["status"] == "failed"] == fails
    assert session.workshop.calls[-1][0] == "close"
    first = session.event("fail", fails[0])
    if isinstance(error, UserError):
        assert first.message == "it is broken. Mend it." and first.data == {
            "problems": [{"message": "it is broken.", "fix": "Mend it."}]
        }
    else:
        assert "ZeroDivisionError: by nought" in first.message and "fault in the program" in first.message
        assert "Traceback" in first.data["detail"] and "fake_workshop.py" in first.data["detail"]
    for item in (i for job in session.jobs.ready for i in job.items if i.key in fails):
        manifest = read_json(item.manifest)
        assert manifest["status"] == "failed" and manifest["reasons"]


@pytest.mark.parametrize("method", ["unsettled", "settled state"])
def test_trouble_with_the_rest_pose_stops_no_other(folder: Path, method: str) -> None:
    argv = ["--set", "simulation.use_initial_state=false"] if method == "unsettled" else ["--skip_step1"]
    if method != "unsettled":
        spoil_state(DrivenRun(folder).drain(), "bowl")
    session = DrivenRun(folder, *argv)
    session.workshop.faults[method, "Things/bowl"] = KeyError("obj_R")
    session.drain()
    assert {i.split("/")[1] for i in session.told("fail")} == {"bowl"}
    assert len(session.told("done")) == 4 and session.counts[2] == len(session.told("fail"))
    assert "KeyError" in session.events[[e.kind for e in session.events].index("fail")].message


def test_a_failure_that_cannot_be_recorded(folder: Path) -> None:
    session = DrivenRun(folder)
    session.workshop.faults["render", key("mug", 1)] = UserError("it is broken.")
    session.jobs.ready[0].renders[0].manifest.mkdir(parents=True)  # a folder stands where the manifest belongs
    session.drain()
    assert session.counts == (8, 0, 1)
    assert "it is broken." in session.event("fail", key("mug", 1)).message
    assert "Is a directory" in session.event("fail", key("mug", 1)).message


def test_missing_objects_are_failures(folder: Path) -> None:
    found = jobs_of(folder, "--category", "mug")
    missing = ((ObjectId("Things", "vase"), (Problem("No vase."), Problem("No scene.", "Make one."))),)
    session = DrivenRun(folder, "--category", "mug", jobs=Jobs(found.ready, missing)).drain()
    event = session.event("fail", "object Things/vase")
    assert event.message == "No vase. No scene. Make one." and (event.step, event.obj) == ("object", "Things/vase")
    assert session.counts == (3, 0, 1)


@pytest.mark.parametrize("after", [0, 1, 2, 5])
def test_cancel_is_honoured_between_items(folder: Path, after: int) -> None:
    session = DrivenRun(folder)
    if after == 0:
        session.stop = True

    def heard(event: Event) -> None:
        session.heard(event)
        session.stop = session.stop or session.told("done") == items_of(*ALL)[:after]

    with pytest.raises(Cancelled):
        drain(session.run.events(), heard, is_cancelled=lambda: session.stop)
    done, begun = session.told("done"), session.told("start")
    assert done == items_of(*ALL)[: len(done)] and after <= len(done) <= after + 1
    assert begun[: len(done)] == done and len(begun) <= after + 1, "a next one may be under way, of which nothing stays"
    manifests = [i.key for job in session.jobs.ready for i in job.items if i.manifest.exists()]
    assert manifests == done
    assert not session.told("end", "fail") and session.workshop.calls[-1] == ("close", "")


def test_closed_also_when_nobody_listens_any_more(folder: Path) -> None:
    session = DrivenRun(folder)
    events = session.run.events()
    while not isinstance(said := next(events), Event) or said.kind != "plan":
        pass
    events.close()
    assert session.workshop.calls[-1] == ("close", "")


@pytest.mark.parametrize(("method", "where"), [("settle", "Things/bowl"), ("render", key("bowl", 2))])
def test_a_stage_that_goes_is_opened_again(folder: Path, method: str, where: str) -> None:
    """An undo in the window takes it; the item at hand is made once more."""
    session = DrivenRun(folder)
    lost = [StageLost(), StageLost()]

    def failing(name: str, at: str) -> None:
        session.workshop.calls.append((name, at))
        if (name, at) == (method, where) and lost:
            raise lost.pop()

    session.workshop._call = failing  # type: ignore[method-assign]
    session.drain()
    assert session.counts == (9, 0, 0) and session.told("start") == items_of(*ALL)
    assert session.workshop.made("open") == ["Things/mug", *["Things/bowl"] * 3, "Things/jar"]


def test_a_stage_that_always_goes_is_a_failure(folder: Path) -> None:
    session = DrivenRun(folder)
    session.workshop.faults["render", key("mug", 1)] = StageLost()
    session.drain()
    assert session.counts == (8, 0, 1) and "The stage is gone" in session.event("fail", key("mug", 1)).message


def test_errors_that_are_no_errors_end_the_run(folder: Path) -> None:
    session = DrivenRun(folder)
    session.workshop.faults["render", key("mug", 1)] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        session.drain()
    assert session.workshop.calls[-1] == ("close", "")
    assert not session.jobs.ready[0].renders[0].manifest.exists()


def test_skip_done_makes_nothing_twice(folder: Path) -> None:
    first = DrivenRun(folder).drain()
    again = DrivenRun(folder, "--skip_done").drain()
    assert again.counts == (0, 9, 0) and again.workshop.calls == [("close", "")]
    assert Counter(e.message for e in again.events if e.kind == "skip") == {"up to date": 9}
    before = {e.item: (e.verdict, e.path) for e in first.events if e.kind == "done" and e.step == "render"}
    assert {e.item: (e.verdict, e.path) for e in again.events if e.step == "render"} == before
    assert DrivenRun(folder).drain().counts == (9, 0, 0), "without the flag all is made anew"


def test_skip_done_makes_what_changed(folder: Path) -> None:
    first = DrivenRun(folder).drain()
    bowl = first.jobs.ready[1]
    assert bowl.renders[0].vid is not None
    first.layout.frame(bowl.renders[0].vid).write_text("painted over")
    again = DrivenRun(folder, "--skip_done").drain()
    assert again.told("done") == [key("bowl", 1)] and again.counts == (1, 8, 0)
    assert again.workshop.made("open") == ["Things/bowl"] and not again.workshop.made("settle")
    more = DrivenRun(folder, "--skip_done", "--num_rand_scenes", "3").drain()
    assert more.told("done") == [key(c, 3) for c in ALL] and more.counts == (3, 9, 0)
    assert again.event("skip", key("bowl")).verdict == "stable"


def test_a_new_settle_makes_its_frames_new(folder: Path) -> None:
    DrivenRun(folder).drain()
    (folder / "data/Things/jar/jar.glb").write_text("other")
    again = DrivenRun(folder, "--skip_done").drain()
    assert again.told("done") == items_of("jar")


def test_a_failure_leaves_alone_what_is_up_to_date(folder: Path) -> None:
    """A room that does not open today must not cost yesterday's frames."""
    DrivenRun(folder).drain()
    for method, argv, fails in (
        ("open", ["--num_rand_scenes", "3"], [key("mug", 3)]),
        ("settled state", ["--num_rand_scenes", "3"], [key("mug"), key("mug", 3)]),
    ):
        session = DrivenRun(folder, "--skip_done", "--category", "mug", *argv)
        if method != "open":
            spoil_state(session, "mug")
        session.workshop.faults[method, "Things/mug"] = UserError("not today.")
        session.drain()
        assert session.told("fail") == fails and session.counts == (0, 4 - len(fails), len(fails))
    assert DrivenRun(folder, "--skip_done").drain().counts == (0, 9, 0)


def test_a_failed_new_settle_leaves_fresh_frames_alone(folder: Path) -> None:
    first = DrivenRun(folder).drain()
    first.layout.initial_state_json(ObjectId("Things", "mug")).unlink()
    session = DrivenRun(folder, "--skip_done", "--category", "mug")
    session.workshop.faults["settle", "Things/mug"] = UserError("not today.")
    session.drain()
    assert session.told("fail") == [key("mug")] and session.counts == (0, 2, 1)
    assert DrivenRun(folder, "--skip_done", "--category", "mug").drain().told("done") == [key("mug")]


def test_failed_items_are_tried_again(folder: Path) -> None:
    first = DrivenRun(folder)
    first.workshop.faults["render", key("mug", 2)] = UserError("not today.")
    first.drain()
    again = DrivenRun(folder, "--skip_done").drain()
    assert again.told("done") == [key("mug", 2)] and again.counts == (1, 8, 0)


def test_settling_alone(folder: Path) -> None:
    session = DrivenRun(folder, "--skip_step3").drain()
    assert session.told("done") == [key(c) for c in ALL] and session.counts == (3, 0, 0)


def test_two_shards_do_the_whole(folder: Path) -> None:
    done = []
    for index in range(2):
        session = DrivenRun(folder, "--num_job_chunks", "2", "--job_chunk_idx", str(index)).drain()
        done += [item for item in session.told("done") if item.startswith("render")]
    assert sorted(done) == sorted(i for i in items_of(*ALL) if i.startswith("render"))
    assert DrivenRun(folder, "--skip_done").drain().counts == (0, 9, 0)


def beside(session: DrivenRun, first: str, second: str) -> None:
    """Let the rest of frame `first` wait until `second` is being rendered."""
    rendering = threading.Event()
    finish = session.workshop._finish

    def before(item: Item) -> None:
        if item.key == second:
            rendering.set()

    def slow(job: ObjectJob, item: Item) -> FrameResult:
        if item.key == first:
            assert rendering.wait(PATIENCE), "the next frame was not begun meanwhile"
        return finish(job, item)

    session.workshop.before, session.workshop._finish = before, slow  # type: ignore[method-assign]


def test_a_frame_is_finished_while_the_next_is_rendered(folder: Path) -> None:
    session = DrivenRun(folder, "--category", "mug", "--num_rand_scenes", "3")
    beside(session, key("mug", 1), key("mug", 2))
    session.drain()
    one, two, three = (key("mug", seed) for seed in (1, 2, 3))
    said = [(e.kind, e.item) for e in session.events if e.step == "render"]
    assert said.index(("start", two)) < said.index(("done", one)) < said.index(("start", three))
    assert session.told("done") == session.told("start") == [key("mug"), one, two, three]
    assert session.counts == (4, 0, 0)


def test_a_frame_that_cannot_be_finished_fails_alone(folder: Path) -> None:
    session = DrivenRun(folder, "--category", "mug", "--num_rand_scenes", "3")
    session.workshop.faults["finish", key("mug", 2)] = UserError("its files do not fit.")
    session.drain()
    assert session.told("fail") == [key("mug", 2)] and session.counts == (3, 0, 1)
    manifest = read_json(session.jobs.ready[0].renders[1].manifest)
    assert manifest["status"] == "failed" and manifest["reasons"] == ["its files do not fit."]


def test_a_full_disk_at_the_end_of_a_frame_ends_the_run(folder: Path) -> None:
    session = DrivenRun(folder, "--category", "mug", "--num_rand_scenes", "5")
    session.workshop.faults["finish", key("mug", 1)] = OSError(errno.ENOSPC, "full")
    session.drain()
    assert key("mug", 1) in session.told("fail") and session.run.failed == session.events[-1].data["failed"]
    assert len(session.workshop.made("render")) <= 2, "the one beside it at most"


@pytest.mark.parametrize("fails", [False, True])
def test_a_frame_that_is_being_finished_at_a_stop_is_kept_and_told_of(folder: Path, fails: bool) -> None:
    session = DrivenRun(folder, "--category", "mug", "--num_rand_scenes", "3")
    beside(session, key("mug", 1), key("mug", 2))
    if fails:
        session.workshop.faults["finish", key("mug", 1)] = UserError("not today.")
    rendering = session.workshop.before

    def before(item: Item) -> None:
        rendering(item)
        session.stop = item.key == key("mug", 2)

    session.workshop.before = before
    with pytest.raises(Cancelled):
        session.drain()
    told = {e.item: e.kind for e in session.events if e.kind in ("done", "fail") and e.step == "render"}
    assert told[key("mug", 1)] == ("fail" if fails else "done")
    assert key("mug", 3) not in session.told("start")
    manifest = read_json(session.jobs.ready[0].renders[0].manifest)
    assert manifest["status"] == ("failed" if fails else "done")
    assert not fails or manifest["reasons"] == ["not today."]
    for item in session.jobs.ready[0].renders[1:]:
        assert item.manifest.exists() == (told.get(item.key) == "done")
    assert session.workshop.calls[-1] == ("close", "")
