# SPDX-License-Identifier: GPL-3.0-or-later
"""Step 4 of a run: prompts and clips of the frames that may be sent, as one generator of events in one thread.

It never sleeps: where it has to wait it yields `Wait`. Closing it leaves what was submitted in the ledger for a later run
and frees the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from ...core.clock import Clock
from ...core.config.request import Request
from ...core.errors import UserError
from ...core.files import read_json
from ...core.layout import ResultsLayout, VideoId
from ...core.ledger.place import claim_ledger
from ...core.ledger.rows import EntryState, Payee
from ...core.ledger.store import Ledger
from ...core.locks import check_locks
from ...core.money import micro_usd, usd_text
from ...core.video.order import FrameOrder
from ...core.video.review import REVIEW_ATTEMPTS
from ...core.video.verdict import Verdict, worst_verdict
from ...services import video_check
from ...services.clip_review import ClipReviewer
from ...services.kling import VideoService, open_service
from ...services.purchase import ClipPlan, PurchaseContext
from ...services.secrets import redact
from ...services.video_events import ClipProgress, ClipResult, Delay
from ...services.video_job import plan_clips
from ...services.video_pool import identify_service, run_pool
from ...services.vision import VisionModel
from ...steps.effects import Pause, Steps, Wait, mapped, offload
from ...steps.events import Done, Event, Note, Progressed, Skipped
from ..attempt import Failure, attempt, attempt_steps
from ..options import RunOptions
from ..paid import PaidServices, ledger_folder
from ..records.videos import cost_part, finished_before, prompt_part, status_of, video_part, write_parts
from .frames import NotSent, order_of
from .pace import failed_event, not_sent_event, video_event
from .payee import check_payee
from .prompts import Prompter

OPEN_STATES: tuple[EntryState, ...] = ("reserved", "submitting", "submitted", "succeeded", "downloaded")


class VideoStep:
    """Step 4 over `frames`."""

    def __init__(
        self,
        request: Request,
        options: RunOptions,
        paid: PaidServices,
        frames: Sequence[VideoId],
        clock: Clock,
    ) -> None:
        self._request, self._options, self._paid, self._clock = request, options, paid, clock
        self._frames = tuple(frames)
        self._layout = ResultsLayout(request.results_dir)

    @property
    def planned(self) -> int:
        """How many items there are: one for each frame."""
        return len(self._frames)

    def events(self) -> Steps[None]:
        """Do the work. No key of this run is in any event."""
        return mapped(self._events(), self._redacted)

    def _claimed_ledger(self) -> Path:
        check_locks(self._layout.results_dir / "purchases")
        return claim_ledger(self._layout, ledger_folder(self._request))

    def _redacted(self, event: Event) -> Event:
        secrets = self._paid.secrets
        data = {name: redact(value, secrets) if isinstance(value, str) else value for name, value in event.data.items()}
        return replace(event, message=redact(event.message, secrets), data=data)

    def _events(self) -> Steps[None]:
        due = []
        for vid in self._frames:
            hashed = offload(
                partial(order_of, self._request, self._layout, vid, "kling", self._options.send_failed), "hashing"
            )
            order = yield from attempt_steps(hashed)
            if isinstance(order, Failure):
                yield failed_event(vid, order.problems)
            elif isinstance(order, NotSent):
                yield not_sent_event(vid, order)
            elif self._request.config.skip_done and (
                yield from offload(partial(finished_before, self._layout, order, "kling"), "hashing")
            ):
                yield video_event(Skipped, vid, message="up to date", verdict="pass")
            else:
                due.append(vid)
        if not due:
            return
        path = attempt(self._claimed_ledger)
        if isinstance(path, Failure):
            for vid in due:
                yield failed_event(vid, path.problems)
            return
        config = self._request.config.video
        model, host, paid = config.kling_model_name, config.kling_host, self._paid
        # reading the system's certificates takes longer than a tick
        service = yield from offload(
            lambda: open_service(paid.models, model, host, paid.secrets, self._clock), "opening the service"
        )
        try:
            with Ledger(path, self._clock) as ledger:
                purchases = PurchaseRun(self._request, self._options, self._paid, ledger, service, self._clock)
                try:
                    yield from purchases.events(due)
                finally:
                    purchases.close()
        finally:
            service.close()


class PurchaseRun:
    """The part of step 4 that talks to the services, over frames that may be sent."""

    def __init__(
        self,
        request: Request,
        options: RunOptions,
        paid: PaidServices,
        ledger: Ledger,
        service: VideoService,
        clock: Clock,
    ) -> None:
        self._request, self._options = request, options
        self._config, self._paid = request.config.video, paid
        self._layout, self._ledger, self._service = ResultsLayout(request.results_dir), ledger, service
        self._clock = clock
        self._verdicts: dict[str, dict[tuple[int, int], Verdict]] = {}
        self._results: dict[str, list[ClipResult]] = {}
        self._orders: dict[str, FrameOrder] = {}
        self._prompter = Prompter(request, options, paid, service.generation, clock)
        self._started: dict[str, float] = {}
        config = self._config
        self._reviewer: ClipReviewer | None = None
        if config.review_model is not None:
            self._reviewer = ClipReviewer(
                VisionModel(paid.secrets, config.review_model, "high", clock, REVIEW_ATTEMPTS)
            )
        self._context = PurchaseContext(
            ledger, service, paid.models, paid.prices, clock, self._inspect,
            review=None if self._reviewer is None else self._review,
            cap=None if config.budget_usd is None else micro_usd(config.budget_usd),
            slots=config.max_in_flight,
            max_retries=config.video_max_retries,
            retry_wait=config.video_retry_wait,
            patience=None if config.wait_minutes is None else config.wait_minutes * 60.0,
            retry_failed=options.retry_failed,
            absent=frozenset(options.send_again),
            send=not options.resume,
        )  # fmt: skip

    def _inspect(self, plan: ClipPlan, segment: int, frame: Path, video: Path) -> Verdict:
        sandbox = self._service.payee() == "sandbox"
        found = attempt(partial(video_check.inspect, self._paid.models, sandbox, plan, segment, frame, video))
        if isinstance(found, Failure):
            found = Verdict("suspect", tuple(f"The clip cannot be checked: {problem}" for problem in found.problems))
        verdict = found
        self._verdicts.setdefault(plan.video_id, {})[plan.clip, segment] = verdict
        return verdict

    def _review(self, plan: ClipPlan, segment: int, video: Path, verdict: Verdict) -> Verdict:
        assert self._reviewer is not None
        category, task = self._orders[plan.video_id].vid.obj.category, plan.task if segment == 0 else None
        reviewed = self._reviewer.review(verdict, video, category, task)
        self._verdicts.setdefault(plan.video_id, {})[plan.clip, segment] = reviewed
        return reviewed

    def close(self) -> None:
        """Close what was opened for this run."""
        if self._reviewer is not None:
            self._reviewer.close()

    def events(self, due: Sequence[VideoId]) -> Steps[None]:
        try:
            for delay in identify_service(self._context):
                assert isinstance(delay, Delay)  # there is nothing else before the service has answered
                yield Wait(delay.seconds, delay.why)
            payee = self._service.payee()
            if not self._options.resume:  # nothing new is sent then
                check_payee(self._request, self._ledger, payee)
        except UserError as error:
            for vid in due:
                yield failed_event(vid, error.problems)
            return
        for vid in due:
            order = yield from attempt_steps(offload(partial(self._order_of, vid, payee), "hashing"))
            if not isinstance(order, Failure | NotSent):
                order = attempt(partial(self._with_ledger, vid, order, payee))
            if isinstance(order, Failure):
                yield failed_event(vid, order.problems)
            elif isinstance(order, NotSent):
                yield not_sent_event(vid, order)
            else:
                self._orders[str(vid)] = order
        yield from self._orphans(due, payee)
        yield from self._not_in_doubt(payee)
        yield from self._prompter.write(self._orders)
        plans: list[ClipPlan] = []
        for name, order in list(self._orders.items()):
            made = attempt(partial(self._plans, order))
            if isinstance(made, Failure):
                del self._orders[name]
                yield failed_event(order.vid, made.problems)
            else:
                plans += made
        yield from self._buy(plans)

    # ---------------------------------------------------------------- before anything is sent

    def _order_of(self, vid: VideoId, payee: Payee) -> FrameOrder | NotSent:
        order = order_of(self._request, self._layout, vid, payee, self._options.send_failed)
        if isinstance(order, NotSent):
            return order
        if payee == "sandbox":
            kept = read_json(self._layout.manifest(vid)).get("video") or {}
            if kept.get("vendor") == "kling" and any(clip.get("file") for clip in kept.get("clips") or ()):
                return NotSent("it has a real video; the sandbox would put its own in that place.")
        return order

    def _with_ledger(self, vid: VideoId, order: FrameOrder, payee: Payee) -> FrameOrder | NotSent:
        """The order, unless it waits for nothing: on `--resume` only what was sent before is of interest."""
        if self._options.resume and not self._ledger.has(payee, order.fingerprint):
            return NotSent("nothing was sent for it so far.")
        return order

    def _orphans(self, due: Sequence[VideoId], payee: Payee) -> Steps[None]:
        """A note about tasks that were sent for these frames under other settings, or for pictures that are gone."""
        wanted, names = {order.fingerprint for order in self._orders.values()}, {str(vid) for vid in due}
        left = [
            row
            for row in self._ledger.in_states(payee, OPEN_STATES)
            if row.video_id in names and row.fingerprint not in wanted
        ]
        if left:
            some = ", ".join(sorted({row.video_id for row in left})[:4])
            yield Note(
                step="video",
                message=f"{len(left)} clips that were sent under other settings or for other pictures are still open and "
                f"are not fetched now ({some}). Run with the old settings and --resume to fetch them.",
            )

    def _not_in_doubt(self, payee: Payee) -> Steps[None]:
        doubtful = {row.external_id for row in self._ledger.in_states(payee, ["submitting"])}
        for name in sorted(set(self._options.send_again) - doubtful):
            yield Note(
                step="video", message=f"{name} is no clip in doubt in this results folder; nothing is done about it."
            )

    def _plans(self, order: FrameOrder) -> list[ClipPlan]:
        prompts = [clip.segments for clip in self._prompter.prompts[str(order.vid)]]
        return plan_clips(
            self._layout, order.vid, order.fingerprint, prompts, self._config, order.tails, order.masks, order.depth,
            order.task,
        )  # fmt: skip

    # ---------------------------------------------------------------- the pool

    def _buy(self, plans: Sequence[ClipPlan]) -> Steps[None]:
        ended: set[str] = set()
        broken: Failure | None = None
        pool = run_pool(plans, self._context, self._config.poll_seconds)
        try:
            while True:
                said = attempt(lambda: next(pool, None))
                if isinstance(said, Failure):
                    broken = said
                if said is None or isinstance(said, Failure):
                    break
                if isinstance(said, Delay):
                    yield Wait(said.seconds, said.why)
                elif isinstance(said, ClipResult):
                    results = self._results.setdefault(said.video_id, [])
                    results.append(said)
                    if len(results) == self._orders[said.video_id].clips:
                        ended.add(said.video_id)
                        yield (yield from self._finished(self._orders[said.video_id]))
                else:
                    yield self._progress(said)
                yield Pause("video")
        finally:
            pool.close()
            # stopped in between: what is known so far goes into the manifests
            for name in self._orders.keys() - ended:
                attempt(partial(self._record, self._orders[name]))
        if broken is not None:
            for name in sorted(self._orders.keys() - ended):
                yield failed_event(self._orders[name].vid, broken.problems)

    def _progress(self, event: ClipProgress) -> Event:
        self._started.setdefault(event.video_id, self._clock.monotonic())
        clip = f"clip {event.clip}, " if self._orders[event.video_id].clips > 1 else ""
        segment = f"segment {event.segment}, " if self._config.num_video_segments > 1 else ""
        data = {"clip": event.clip, "segment": event.segment, "step": event.step}
        vid = self._orders[event.video_id].vid
        return video_event(Progressed, vid, message=f"{clip}{segment}{event.step} {event.text}".strip(), data=data)

    # ---------------------------------------------------------------- results

    def _record(self, order: FrameOrder) -> None:
        """Write what is known of a frame's clips into its manifest."""
        self._writing(order)()

    def _recorded(self, order: FrameOrder) -> Steps[None]:
        """The same in a thread."""
        yield from offload(self._writing(order), "records")

    def _writing(self, order: FrameOrder) -> Callable[[], None]:
        """What writes it, without the ledger: the clips are looked into for it, which takes milliseconds."""
        name, payee = str(order.vid), self._service.payee()
        path = self._layout.manifest(order.vid)
        results = self._results.get(name, [])
        missing = sorted(set(range(order.clips)) - {result.clip for result in results})
        results = [*results, *(ClipResult(name, clip, "pending", payee) for clip in missing)]
        prompts, verdicts = self._prompter.prompts[name], dict(self._verdicts.get(name, {}))
        cost = cost_part(self._ledger, name, payee)

        def write() -> None:
            before = read_json(path).get("video") or {}
            prompt = prompt_part(self._layout, order, self._config, self._request.config.seed, prompts)
            video = video_part(self._layout, order, payee, results, verdicts, before)
            write_parts(path, prompt=prompt, video=video, cost=cost)

        return write

    def _finished(self, order: FrameOrder) -> Steps[Event]:
        """All clips of a frame have ended."""
        written = yield from attempt_steps(self._recorded(order))
        results = self._results[str(order.vid)]
        if isinstance(written, Failure):
            return failed_event(order.vid, written.problems)
        seconds = self._clock.monotonic() - self._started.get(str(order.vid), self._clock.monotonic())
        status, payee = status_of(results), self._service.payee()
        problems = [result.problem for result in results if result.problem is not None]
        if status in ("failed", "stopped"):
            return failed_event(order.vid, list(dict.fromkeys(problems)))
        if status in ("pending", "busy"):
            why = " ".join(dict.fromkeys(str(problem) for problem in problems))
            return video_event(Skipped, order.vid, message=why, verdict="pending")
        file = min((result.file for result in results if result.file is not None), key=str)
        verdict = worst_verdict(result.verdict for result in results)
        money = f"{usd_text(sum(result.cost for result in results))}{' of the sandbox' if payee == 'sandbox' else ''}"
        reasons = dict.fromkeys(reason for result in results for reason in result.reasons)
        return video_event(
            Done,
            order.vid,
            seconds=seconds,
            verdict=verdict,
            path=file.relative_to(self._layout.results_dir).as_posix(),
            message=" ".join([f"{money}.", *reasons]),
            data={"vendor": payee, "clips": len(results), "cost_micro_usd": sum(r.cost for r in results)},
        )
