# SPDX-License-Identifier: GPL-3.0-or-later
"""The paid steps on the command line: what is checked, shown and asked before a run, and what the run is given."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ..core.clock import Clock
from ..core.config.request import Request
from ..core.layout import ResultsLayout, VideoId
from ..core.plan.items import Hasher
from ..pipeline.jobs import Jobs
from ..pipeline.money import Paid, agreed, quote, quote_text
from ..pipeline.probe import Prober
from ..pipeline.run import LastStep
from ..pipeline.videos.dry import DryStep
from ..pipeline.videos.frames import NotSent, frames_to_send, order_of, planned_frames
from ..pipeline.videos.record import finished_before
from ..pipeline.videos.step import VideoStep

NO_JOBS = Jobs((), ())


def only_videos(request: Request) -> bool:
    """Whether the run is about step 4 alone, so that no asset and no Blender is needed."""
    config = request.config
    return request.resume or request.estimate or (config.skip_step1 and config.skip_step2 and config.skip_step3)


@dataclass(frozen=True)
class PaidSteps:
    """Steps 2 and 4 of one run. frames: those that videos start from."""

    request: Request
    paid: Paid
    frames: tuple[VideoId, ...]
    clock: Clock

    @classmethod
    def of(cls, request: Request, paid: Paid, jobs: Jobs, clock: Clock) -> PaidSteps:
        frames: Sequence[VideoId | None] = ()
        if not request.config.skip_step4:
            made = [item.vid for job in jobs.ready for item in job.renders]
            frames = planned_frames(request) if only_videos(request) or request.config.skip_step3 else made
        return cls(request, paid, frames_to_send(frames), clock)

    def estimate(self) -> str:
        """What step 4 would buy, for `--estimate`."""
        found = quote(self.request, self.paid, self.frames, self.clock)
        return quote_text(self.request, self.paid, found, self.clock.time())

    def agreed(self) -> bool:
        """Whether the money may be spent; asks on a terminal. Raises InputError where nobody can be asked."""
        if not self.frames:
            return True
        found = quote(self.request, self.paid, self.frames, self.clock)
        return agreed(self.request, self.paid, found, self.clock.time(), sys.stdin, sys.stdout)

    def prober(self, hasher: Hasher) -> Prober:
        """For `Run`: finds scales."""
        request = self.request
        return Prober(
            request.config,
            ResultsLayout(request.results_dir),
            self.clock,
            self.paid.secrets,
            self.paid.priors,
            hasher,
            shared=request.num_job_chunks > 1,
        )

    def videos(self, is_cancelled: Callable[[], bool]) -> LastStep | None:
        """For `Run`: step 4; None where it is skipped."""
        if self.request.config.skip_step4:
            return None
        if self.request.config.video.model_api == "dry-run":
            return DryStep(self.request, self.paid, self.frames)
        return VideoStep(self.request, self.paid, self.frames, self.clock, is_cancelled)

    def explained(self) -> Iterator[str]:
        """For `--explain`: a line for each frame's videos."""
        layout = ResultsLayout(self.request.results_dir)
        for vid in self.frames:
            order = order_of(self.request, layout, vid, "kling")
            if isinstance(order, NotSent):
                made = order.made or only_videos(self.request) or self.request.config.skip_step3
                yield f"{'does not send' if made else 'may send'}  video {vid}: {order.reason}"
            elif finished_before(layout, order):
                verb = "skips" if self.request.config.skip_done else "looks at"
                yield f"{verb}  video {vid}: bought and up to date"
            else:
                yield f"sends  video {vid}: what is in the ledger already is fetched, the rest is bought"
