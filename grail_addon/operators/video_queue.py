# SPDX-License-Identifier: GPL-3.0-or-later
"""What the Video panel shows, as plain records: frames and prompts, what sending costs, and the queue as the ledger has it.

Read in a thread; a queue that an earlier Blender left is found in the same way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy

from ..core.errors import Problem
from ..preferences import key_environment, preferences
from . import sessions
from .gallery import LOOK_SECONDS, settings_key
from .gate_words import GateFinding, findings_of
from .online import may_connect
from .redraw import tag_panels
from .request import request_loader
from .threads import Work, in_thread

if TYPE_CHECKING:
    from ..core.config.request import Request
    from ..core.layout import VideoId
    from ..core.ledger.rows import Entry
    from ..core.video.order import FrameOrder
    from ..core.video.verdict import ClipVerdict
    from ..pipeline.session import Session
    from ..pipeline.videos.frames import NotSent

OPEN = ("reserved", "submitting", "submitted", "succeeded", "downloaded")
"""States of the ledger that a clip is in while it is not there yet."""


@dataclass(frozen=True)
class ClipView:
    """A finished clip. verdict: pass, warn or suspect; reasons: sentences."""

    file: Path
    verdict: ClipVerdict
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class VideoRow:
    """A frame. reason: why it is not sent, empty where it is; reasons, findings: those of its verdict. prompt: of its first clip, segments with # between; source:
    base, refined, fallback or edited. states: (state in the ledger, how many). charged: micro-dollars."""

    video_id: str
    reason: str = ""
    prompt: str = ""
    source: str = "base"
    fingerprint: str = ""
    clips_wanted: int = 1
    states: tuple[tuple[str, int], ...] = ()
    charged: int = 0
    clips: tuple[ClipView, ...] = ()
    reasons: tuple[str, ...] = ()
    findings: tuple[GateFinding, ...] = ()

    @property
    def is_bought(self) -> bool:
        """Whether something of it was sent, so that its prompt is what it is."""
        return any(state not in ("failed", "refused", "released", "expired") for state, _ in self.states)


@dataclass
class VideoQueue:
    """rows: frames of the request. refines: the vision model writes their prompts. to_buy: micro-dollars that sending costs at
    most; clips: how many that buys; left: of the budget, micro-dollars. problems: why nothing can be sent; lacking: "kling"
    and "openai" where there is no key."""

    rows: tuple[VideoRow, ...] = ()
    problems: tuple[Problem, ...] = ()
    lacking: tuple[str, ...] = ()
    refines: bool = False
    to_buy: int = 0
    clips: int = 0
    left: int | None = None
    is_known: bool = False

    @property
    def open_tasks(self) -> int:
        """Clips that were sent and are not there yet."""
        return sum(count for row in self.rows for state, count in row.states if state in OPEN)

    @property
    def unwritten(self) -> int:
        """Frames that may be sent and whose prompt the vision model has still to write."""
        return sum(self.refines and not row.reason and row.source == "base" and not row.is_bought for row in self.rows)

    @property
    def sendable(self) -> int:
        """Frames that may be sent."""
        return sum(not row.reason for row in self.rows)


QUEUE = VideoQueue()


@dataclass
class _Reader:
    key: tuple[Any, ...] = ()
    is_reading: bool = False
    orders: dict[tuple[Any, ...], FrameOrder | NotSent] = field(default_factory=dict)


_READER = _Reader()


def _key(context: bpy.types.Context) -> tuple[Any, ...]:
    own = preferences()
    return (*settings_key(context), own.budget_usd, own.kling_host, own.key_source, bool(bpy.app.online_access))


def keep_queue_current(context: bpy.types.Context) -> None:
    """Have the queue read anew soon, where it may be another one; does no work itself, so `draw` may call it."""
    if _key(context) == _READER.key or _READER.is_reading:
        return
    if not bpy.app.timers.is_registered(_read):
        bpy.app.timers.register(_read, first_interval=LOOK_SECONDS, persistent=True)


def is_current(context: bpy.types.Context) -> bool:
    """Whether the queue is that of the settings and files as they are."""
    return QUEUE.is_known and not _READER.is_reading and _key(context) == _READER.key


def _import() -> None:
    from ..core.config import find, load, overrides, yaml_source  # noqa: F401
    from ..pipeline import session  # noqa: F401


def _read() -> None:
    _READER.is_reading = True
    in_thread(_import, lambda _: _read_now())


def _read_now() -> None:
    context = bpy.context
    _READER.key = _key(context)
    load = request_loader(context, sessions.VIDEOS)
    environment = key_environment()
    in_thread(lambda: read_queue(load, environment, _READER.orders), _show)


def read_queue(load: Callable[[], Request], environment: Mapping[str, str], orders: dict[tuple[Any, ...], Any]) -> VideoQueue:  # fmt: skip
    """The queue of a request. orders: of frames whose files did not change since; runs in a thread."""
    from ..core.clock import SystemClock
    from ..core.errors import InputError
    from ..core.ledger.store import Ledger
    from ..core.money import micro_usd
    from ..pipeline.options import RunOptions
    from ..pipeline.paid import key_problems, refines, services_without_key
    from ..pipeline.quote import ledger_of
    from ..pipeline.session import Session
    from ..pipeline.videos.payee import expected_payee

    found = VideoQueue(is_known=True)
    try:
        options = RunOptions(in_window=True, may_connect=may_connect)
        session = Session(load(), options, environ=environment)
        paid = session.paid
        quote = session.quote()
    except InputError as error:
        found.problems = error.problems[:2]
        return found
    assert paid is not None  # VIDEOS leaves step 4 in
    found.refines = refines(session.request, session.options)
    found.lacking = tuple(services_without_key(session.request, session.options, paid.secrets))
    problems = [] if found.lacking else key_problems(session.request, session.options, paid.secrets)
    found.problems = tuple(problems[:2])
    if quote is not None:
        segments = session.request.config.video.num_video_segments
        found.to_buy, found.clips = quote.most, -(-(quote.clips * segments - quote.bought) // segments)
    entries: Sequence[Entry] = ()
    committed = 0
    ledger_file = ledger_of(session.request)
    if ledger_file.is_file():
        with Ledger(ledger_file, SystemClock()) as ledger:
            entries = ledger.entries()
            committed = ledger.committed(expected_payee(session.request, ledger))
    budget = session.request.config.video.budget_usd
    found.left = None if budget is None else micro_usd(budget) - committed
    found.rows = tuple(_row(session, vid, entries, orders) for vid in session.frames)
    return found


def _row(session: Session, vid: VideoId, entries: Sequence[Entry], orders: dict[tuple[Any, ...], Any]) -> VideoRow:
    from ..core.video.prompts import pick_base_prompt
    from ..pipeline.videos.frames import FRAME_FAILED, NotSent, order_of
    from ..services.prompt_writer import recalled

    layout, config = session.layout, session.request.config
    key = (
        str(vid),
        _stamp(layout.manifest(vid)),
        _stamp(layout.frame(vid)),
        config.video.model_dump_json(),
        config.seed,
    )
    order = orders.get(key)
    if order is None:
        order = orders[key] = order_of(session.request, layout, vid, "kling")
    mine = [entry for entry in entries if entry.video_id == str(vid)]
    states = tuple(sorted(Counter(entry.state for entry in mine).items()))
    charged, clips = sum(entry.charged for entry in mine), _clips(layout.manifest(vid), layout.results_dir)
    if isinstance(order, NotSent):
        reasons, findings = _verdict(layout.manifest(vid)) if order.reason.startswith(FRAME_FAILED) else ((), ())
        return VideoRow(
            str(vid), order.reason, states=states, charged=charged, clips=clips, reasons=reasons, findings=findings
        )
    prompts = recalled(layout.prompt(vid), order.fingerprint)
    base = pick_base_prompt(config.video.base_prompt, config.seed, str(vid), 0)
    text = " # ".join(dict.fromkeys(prompts[0].segments)) if prompts else base
    source = prompts[0].source if prompts else "base"
    return VideoRow(str(vid), "", text, source, order.fingerprint, order.clips, states, charged, clips)


def _verdict(manifest: Path) -> tuple[tuple[str, ...], tuple[GateFinding, ...]]:
    """Reasons of a frame's verdict, and the checks behind them."""
    from ..core.files import read_json

    try:
        found = read_json(manifest)
        return tuple(map(str, found["reasons"])), findings_of(found)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return (), ()


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return (found.st_size, found.st_mtime_ns)


def _clips(manifest: Path, results: Path) -> tuple[ClipView, ...]:
    from ..core.files import read_json
    from ..core.video.verdict import clip_verdict

    try:
        clips = (read_json(manifest).get("video") or {}).get("clips") or ()
        return tuple(
            ClipView(results / clip["file"], clip_verdict(clip["verdict"]), tuple(map(str, clip["reasons"])))
            for clip in clips
            if "file" in clip
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ()


def _show(work: Work[VideoQueue]) -> None:
    from ..pipeline.attempt import failure_of

    _READER.is_reading = False
    found = work.value
    if found is None:
        found = VideoQueue(problems=failure_of(work.error).problems, is_known=True)
    vars(QUEUE).update(vars(found))
    tag_panels()


def unregister() -> None:
    """Stop looking, and forget."""
    if bpy.app.timers.is_registered(_read):
        bpy.app.timers.unregister(_read)
    vars(QUEUE).update(vars(VideoQueue()))
    _READER.key, _READER.is_reading = (), False
    _READER.orders.clear()
