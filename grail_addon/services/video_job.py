# SPDX-License-Identifier: GPL-3.0-or-later
"""Step 4 for one clip: buys its segments one after the other, joins them, and says how it ended."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from filelock import FileLock, Timeout

from ..core.config.video import VideoConfig
from ..core.errors import Problem, disk_problem
from ..core.files import sha256_file
from ..core.layout import ResultsLayout, VideoId
from ..core.ledger.rows import Entry, Payee
from ..core.ledger.store import ConflictError
from ..core.task import Task
from ..core.video.verdict import worst_verdict
from .lanes import call
from .purchase import ClipPlan, PurchaseContext
from .video_events import ClipEvent, ClipProgress, ClipResult, ClipRun, ClipStatus, Reply, StopStepError
from .video_files import VideoFileError, place_copy, save_last_frame
from .video_join import join
from .video_segment import FailedError, Segment, purchase_file
from .video_submit import PendingError


def plan_clips(
    layout: ResultsLayout,
    video_id: VideoId,
    fingerprint: str,
    prompts: Sequence[Sequence[str]],
    config: VideoConfig,
    tails: Sequence[Path] = (),
    masks: Sequence[Path] = (),
    depth: Path | None = None,
    task: Task | None = None,
) -> list[ClipPlan]:
    """The clips of one conditioning frame: `num_videos` for each end frame (or without one).

    prompts: one list of segment prompts per clip, in that order. Several clips are named `_000`, `_001`, ...
    """
    ends: list[Path | None] = [*tails] if tails else [None]
    ordered = [end for end in ends for _ in range(config.num_videos)]
    return [
        ClipPlan(
            video_id=str(video_id), fingerprint=fingerprint, clip=number, frame=layout.frame(video_id),
            prompts=tuple(prompts[number]), model=config.kling_model_name, mode=config.kling_mode,
            duration=int(config.duration), output=layout.video(video_id, number if len(ordered) > 1 else None),
            purchases=layout.results_dir / "purchases", tail=end, tail_segment=config.seg_idx_for_tail_image,
            masks=tuple(masks), depth=depth, task=task,
            person_mask=_there(layout.human_mask(video_id)), object_mask=_there(layout.object_visible_mask(video_id)),
        )
        for number, end in enumerate(ordered)
    ]  # fmt: skip


def _there(path: Path) -> Path | None:
    return path if path.is_file() else None


def run_clip(plan: ClipPlan, context: PurchaseContext) -> ClipRun:
    """Generator of one clip; see `video_events`. Never raises for what an outside service does."""
    payee = context.service.payee()
    path = plan.purchases / "locks" / f"{plan.fingerprint[:40]}-{plan.clip}-{payee}.lock"
    lock = FileLock(path, blocking=False, thread_local=False)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        problem = Problem("Another process is working on this clip.")
        return ClipResult(plan.video_id, plan.clip, "busy", payee, problem=problem)
    except OSError as error:
        return ClipResult(plan.video_id, plan.clip, "pending", payee, problem=_disk_problem(error))
    try:
        return (yield from _run_locked(plan, context, payee))
    finally:
        lock.release()


def _run_locked(plan: ClipPlan, context: PurchaseContext, payee: Payee) -> ClipRun:
    bought: list[Entry] = []
    try:
        yield from _buy_all(plan, context, payee, bought)
        lossless = yield from call(partial(_assemble, plan, tuple(bought)), "files")
    except (PendingError, FailedError) as error:
        status: ClipStatus = "pending" if isinstance(error, PendingError) else "failed"
        return _result(plan, context, payee, status, bought, error.problem)
    except StopStepError as error:
        return _result(plan, context, payee, "stopped", bought, error.problems[0])
    except ConflictError as error:
        return _result(plan, context, payee, "pending", bought, error.problems[0])
    except VideoFileError as error:
        return _result(plan, context, payee, "failed", bought, Problem(str(error), "The bought files are kept."))
    except OSError as error:  # of this clip's own files; the ledger tells of its own in other words
        return _result(plan, context, payee, "pending", bought, _disk_problem(error))
    if len(bought) > 1:
        text = "without loss" if lossless else "encoded anew, since the segments differ in format"
        yield ClipProgress(plan.video_id, plan.clip, len(bought) - 1, "joined", text)
    return _result(plan, context, payee, "done", bought, None)


def _disk_problem(error: OSError) -> Problem:
    found = disk_problem(error)
    return replace(found, fix=f"{found.fix} Then run again with --resume; what is paid stays paid.".strip())


def _buy_all(
    plan: ClipPlan, context: PurchaseContext, payee: Payee, bought: list[Entry]
) -> Generator[ClipEvent, Reply, None]:
    frame = plan.frame
    for number in range(len(plan.prompts)):
        entry = yield from Segment(context, plan, payee, number, frame).buy()
        bought.append(entry)
        if number + 1 < len(plan.prompts):
            frame = plan.purchases / f"{entry.external_id}_last.png"
            if not frame.is_file():
                yield from call(partial(save_last_frame, purchase_file(plan, entry.external_id), frame), "files")


def _assemble(plan: ClipPlan, bought: Sequence[Entry]) -> bool:
    parts = [purchase_file(plan, entry.external_id) for entry in bought]
    if len(parts) > 1:
        return join(parts, plan.output)
    if not (plan.output.is_file() and sha256_file(plan.output) == bought[0].sha256):
        place_copy(parts[0], plan.output)
    return True


def _result(
    plan: ClipPlan,
    context: PurchaseContext,
    payee: Payee,
    status: ClipStatus,
    bought: Sequence[Entry],
    problem: Problem | None,
) -> ClipResult:
    rows = [context.ledger.latest(plan.key(payee, number)) for number in range(len(plan.prompts))]
    known = [row for row in rows if row is not None]
    worst = worst_verdict(row.verdict for row in bought)
    return ClipResult(
        plan.video_id, plan.clip, status, payee,
        file=plan.output if status == "done" else None,
        verdict=worst if status == "done" else None,
        reasons=tuple(row.message for row in bought if row.verdict in ("warn", "suspect")),
        cost=sum(row.charged for row in known),
        external_ids=tuple(row.external_id for row in known),
        problem=problem,
    )  # fmt: skip
