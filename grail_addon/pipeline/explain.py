# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run would do with each item, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..core.config.request import Request
from ..core.layout import ResultsLayout, VideoId
from ..core.ledger.rows import Payee
from ..core.plan.items import Freshness, Item
from .jobs import Jobs
from .probe import Prober
from .records.store import Records
from .records.videos import finished_before
from .videos.frames import NotSent, order_of


@dataclass(frozen=True)
class PlannedItem:
    """verb: what a run would do, e.g. `runs`, `skips`, `refuses`, `cannot run`. item: its key, or an object's name."""

    verb: str
    item: str
    why: str

    def __str__(self) -> str:
        return f"{self.verb}  {self.item}: {self.why}"


def planned_items(request: Request, jobs: Jobs, prober: Prober | None, records: Records) -> Iterator[PlannedItem]:
    """Objects that cannot run, then the items of the others."""
    for obj, problems in jobs.missing:
        yield PlannedItem("cannot run", str(obj), " ".join(map(str, problems)))
    for job in jobs.ready:
        if job.probe is not None and prober is not None:
            known = prober.known(job)
            yield PlannedItem("skips" if known.fresh else "runs", job.probe.key, known.why)
            if not known.fresh:
                for item in job.items[1:]:
                    yield PlannedItem("may run", item.key, "its scale comes from the probe")
                continue
            job = prober.with_known_scale(job)
        for item in job.items:
            if item.step != "probe":
                yield _planned(request, item, records.freshness(item))


def _planned(request: Request, item: Item, state: Freshness) -> PlannedItem:
    config = request.config
    if item.step == "settle" and config.skip_step1:
        verb = "uses cached" if state.fresh else "refuses"
    elif state.fresh and config.skip_done:
        verb = "skips"
    else:
        verb = "runs"
    why = state.why if config.skip_done or not state.fresh else "up to date, but skip_done is off"
    return PlannedItem(verb, item.key, why)


def planned_videos(
    request: Request, frames: Sequence[VideoId], renders: bool, send_failed: bool, payee: Payee
) -> Iterator[PlannedItem]:
    """The videos of each frame. renders: whether the run makes frames, too; payee: whose money it would spend, as far as is known."""
    layout = ResultsLayout(request.results_dir)
    for vid in frames:
        order = order_of(request, layout, vid, payee, send_failed)
        if isinstance(order, NotSent):
            verb = "does not send" if order.made or not renders else "may send"
            yield PlannedItem(verb, f"video {vid}", order.reason)
        elif finished_before(layout, order, payee):
            verb = "skips" if request.config.skip_done and payee == "kling" else "looks at"
            yield PlannedItem(
                verb,
                f"video {vid}",
                "bought and up to date" if payee == "kling" else "made by the sandbox and up to date",
            )
        else:
            yield PlannedItem("sends", f"video {vid}", "what is in the ledger already is fetched, the rest is bought")
