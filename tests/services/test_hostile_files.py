# SPDX-License-Identifier: GPL-3.0-or-later
"""Clips of other kinds than were asked for, and folders that take no file: a verdict or a clip that waits, and one that harms no
other."""

from __future__ import annotations

import dataclasses
import errno
import os
import random
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from grail_addon.core.files import sha256_file
from grail_addon.core.video.request import ModelTable
from grail_addon.sandbox.movie import MovieOptions
from grail_addon.sandbox.server import SandboxServer
from grail_addon.services import video_check, video_job
from grail_addon.services.purchase import PurchaseContext
from grail_addon.services.video_files import VideoFileError, grey_frames, read_facts, save_last_frame
from grail_addon.services.video_join import join
from tests.services.odd_movies import ODD_MOVIES, movie
from tests.services.paid_helpers import MakePlan, run


@pytest.fixture
def checking(context: PurchaseContext, models: ModelTable) -> PurchaseContext:
    context.inspect = partial(video_check.inspect, models, True)
    return context


@pytest.mark.parametrize("make", ODD_MOVIES.values(), ids=ODD_MOVIES)
def test_a_clip_of_another_kind_ends_in_a_verdict_with_why(
    sandbox: SandboxServer, checking: PurchaseContext, make_plan: MakePlan, make: Callable[[], bytes]
) -> None:
    data = make()
    sandbox.state.movie_file = lambda: data
    (result,) = run(checking, make_plan())
    assert (result.status, result.verdict) == ("done", "suspect") and result.reasons
    assert make_plan().output.read_bytes() == data, "what is paid is kept, whatever it is"
    sandbox.state.movie_file = None
    assert run(checking, make_plan(), make_plan("b"))[1].status == "done" and len(sandbox.state.tasks) == 2


@pytest.mark.parametrize("codec", ["hevc", "vp9", "av1", "mpeg 4"])
def test_segments_of_any_codec_are_joined(tmp_path: Path, codec: str) -> None:
    part = tmp_path / "part.mp4"
    part.write_bytes(ODD_MOVIES[codec]())
    join([part, part], tmp_path / "both.mp4")
    assert read_facts(tmp_path / "both.mp4").frames == 2 * read_facts(part).frames


def test_bytes_changed_at_random_raise_nothing_else(tmp_path: Path) -> None:
    draw = random.Random(7)
    whole = [movie(frames=12, size=(64, 48)), movie("mpeg4", frames=12, size=(64, 48)),
             movie(frames=12, size=(64, 48), box_options={"movflags": "frag_keyframe+empty_moov"})]  # fmt: skip
    path = tmp_path / "clip.mp4"
    ends = set()
    for _ in range(80):
        data = bytearray(draw.choice(whole))
        for _ in range(draw.randint(1, 5)):
            at = draw.randrange(len(data))
            data[at : at + draw.randint(0, 4)] = draw.choice(
                [b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f", b"", bytes(data[:20])]
            )
        path.write_bytes(data)
        for call in (
            lambda: read_facts(path), lambda: grey_frames(path, 640, 5), lambda: save_last_frame(path, tmp_path / "a.png"),
            lambda: join([path, path], tmp_path / "b.mp4"),
        ):  # fmt: skip
            try:
                call()
                ends.add("read")
            except VideoFileError:
                ends.add("refused")
    assert ends == {"read", "refused"}


# ---------------------------------------------------------------- folders


def test_a_clip_whose_folder_takes_no_file_waits_and_harms_no_other(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan, tmp_path: Path
) -> None:
    blocked = tmp_path / "results/blocked"
    blocked.parent.mkdir(parents=True, exist_ok=True)
    blocked.write_text("a file where a folder should be")
    plans = [make_plan("a", output=blocked / "a.mp4"), make_plan("b")]
    found = {result.video_id[-1]: result for result in run(context, *plans)}
    assert (found["a"].status, found["b"].status) == ("pending", "done")
    assert found["a"].problem is not None and "--resume" in found["a"].problem.fix
    assert "fault in the program" not in str(found["a"].problem)
    blocked.unlink()
    context.send = False
    assert run(context, *plans)[0].status == "done" and len(sandbox.state.tasks) == 2


DISK = {
    "full": errno.ENOSPC,
    "read-only": errno.EROFS,
    "broken": errno.EIO,
    "stale": errno.ESTALE,
    "over the share": errno.EDQUOT,
}


@pytest.mark.parametrize("code", DISK.values(), ids=DISK)
@pytest.mark.parametrize("where", ["place_copy", "save_last_frame", "join"])
def test_a_disk_that_fails_at_any_step_of_one_clip(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan, monkeypatch: pytest.MonkeyPatch,
    where: str, code: int,
) -> None:  # fmt: skip
    plans = [make_plan("a"), make_plan("b")]
    if where != "place_copy":
        plans = [dataclasses.replace(plan, prompts=("One.", "Two.")) for plan in plans]
        sandbox.state.options.movie = MovieOptions(shrink=3)  # large enough to go on from
    real = getattr(video_job, where)
    failed: list[int] = []

    def fails_once(*args: object) -> object:
        if not failed:
            failed.append(code)
            raise OSError(code, os.strerror(code))
        return real(*args)

    monkeypatch.setattr(video_job, where, fails_once)
    results = run(context, *plans)
    assert sorted(result.status for result in results) == ["done", "pending"]
    (problem,) = [result.problem for result in results if result.problem is not None]
    assert "--resume" in problem.fix and "fault in the program" not in str(problem)
    bought = len(plans) * len(plans[0].prompts)
    assert [result.status for result in run(context, *plans)] == ["done", "done"] and len(sandbox.state.tasks) == bought
    assert all(sha256_file(plan.output) for plan in plans)


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.EIO, errno.EACCES])
def test_a_folder_whose_locks_fail_buys_nothing_and_says_so(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def no_lock(*args: object, **more: object) -> None:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr(video_job.FileLock, "acquire", no_lock)
        results = run(context, make_plan("a"), make_plan("b"))
    assert [result.status for result in results] == ["pending", "pending"] and not sandbox.state.tasks
    assert all(result.problem is not None and "fault" not in str(result.problem) for result in results)
    assert [result.status for result in run(context, make_plan("a"), make_plan("b"))] == ["done", "done"]


def test_a_purchases_folder_that_is_a_file(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan
) -> None:
    plan = make_plan()
    plan.purchases.parent.mkdir(parents=True, exist_ok=True)
    plan.purchases.write_text("")
    (result,) = run(context, plan)
    assert result.status == "pending" and result.problem is not None and not sandbox.state.tasks
    plan.purchases.unlink()
    assert run(context, plan)[0].status == "done"
