# SPDX-License-Identifier: GPL-3.0-or-later
"""What step 4 would spend, and what was spent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..core.clock import Clock
from ..core.config.request import Request
from ..core.layout import ResultsLayout, VideoId
from ..core.ledger.place import ledger_path
from ..core.ledger.rows import ClipKey, Entry, Payee
from ..core.ledger.store import Ledger
from ..core.video.prices import Cost
from .options import RunOptions
from .paid import PaidServices, ledger_folder, review_cost, segment_cost
from .videos.frames import NotSent, clips_of, order_of
from .videos.payee import expected_payee

_UNPAID = ("failed", "refused", "released", "expired")


@dataclass(frozen=True)
class Quote:
    """clips: of all frames that may be sent; bought: their segments that the ledger holds already; to_buy: the rest at
    list prices. review: micro-dollars that a vision model's look at those costs at most. unmade: frames that this run is to make, which count as if they pass; refused: frames not sent."""

    frames: int
    clips: int
    bought: int
    unmade: int
    refused: int
    to_buy: Cost
    review: int = 0

    @property
    def most(self) -> int:
        """Micro-dollars that step 4 spends at most."""
        return self.to_buy.micro_usd + self.review


def quote(
    request: Request,
    options: RunOptions,
    paid: PaidServices,
    frames: Sequence[VideoId],
    clock: Clock,
    as_it_stands: bool = False,
) -> Quote:
    """The most that step 4 will spend by list prices. as_it_stands: frames that are there are not made again; else
    those that the run makes again count in full."""
    layout = ResultsLayout(request.results_dir)
    config = request.config
    renders = not (config.skip_step3 or options.resume)
    as_it_stands = as_it_stands or not renders or config.skip_done
    segments = config.video.num_video_segments
    clips = bought = unmade = refused = 0
    keys: list[ClipKey] = []
    payee = payee_of(request, clock)
    for vid in frames:
        order = order_of(request, layout, vid, payee, options.send_failed)
        if isinstance(order, NotSent):
            if as_it_stands if order.made else not renders:
                refused += 1
                continue
            unmade += 1
        elif as_it_stands:
            keys += [
                ClipKey(payee, order.fingerprint, str(vid), clip, segment)
                for clip in range(order.clips)
                for segment in range(segments)
            ]
        clips += clips_of(request, vid)
    path = ledger_of(request)
    if path.is_file():
        with Ledger(path, clock) as ledger:
            rows = [ledger.latest(key) for key in keys]
        bought = sum(row is not None and row.state not in _UNPAID for row in rows)
    each = segment_cost(request, paid)
    assert each is not None  # an option that has none is refused before
    count = clips * segments - bought
    review = count * (review_cost(request, paid) or 0)
    return Quote(len(frames), clips, bought, unmade, refused, Cost(each.units * count, each.micro_usd * count), review)


def payee_of(request: Request, clock: Clock) -> Payee:
    """Whose money a request would spend, see `videos.payee`."""
    path = ledger_of(request)
    if not path.is_file():
        return "kling"
    with Ledger(path, clock) as ledger:
        return expected_payee(request, ledger)


def ledger_of(request: Request) -> Path:
    """The ledger of a request's results folder. Raises InputError where another machine keeps it."""
    return ledger_path(ResultsLayout(request.results_dir), ledger_folder(request))


def ledger_entries(request: Request, clock: Clock) -> Sequence[Entry]:
    """All that was spent in a request's results folder."""
    path = ledger_of(request)
    if not path.is_file():
        return ()
    with Ledger(path, clock) as ledger:
        return ledger.entries()
