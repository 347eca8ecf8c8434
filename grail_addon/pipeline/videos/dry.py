# SPDX-License-Identifier: GPL-3.0-or-later
"""Step 4 with `--video_model_api dry-run`: writes the exact requests and what they would cost. Needs no key."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from ...core.config.request import Request
from ...core.layout import ResultsLayout, VideoId
from ...core.money import usd_text
from ...core.video.order import FrameOrder
from ...core.video.prices import FREE, Cost
from ...core.video.request import Generation
from ...services.dry_run import write_requests
from ...services.kling.factory import DEFAULT_HOST
from ...services.prompt_writer import PromptOrder, write_prompts
from ...services.video_job import plan_clips
from ...steps.effects import Steps, offload
from ...steps.events import Done
from ..attempt import Failure, attempt_steps
from ..options import RunOptions
from ..paid import PaidServices
from .frames import NotSent, order_of
from .pace import failed_event, not_sent_event, video_event


class DryStep:
    """Like `videos.VideoStep`, but nothing is sent, no manifest changes, and prompts are the base prompts."""

    def __init__(self, request: Request, options: RunOptions, paid: PaidServices, frames: Sequence[VideoId]) -> None:
        self._request, self._options, self._paid, self._frames = request, options, paid, tuple(frames)
        self._layout = ResultsLayout(request.results_dir)

    @property
    def planned(self) -> int:
        return len(self._frames)

    def events(self) -> Steps[None]:
        for vid in self._frames:
            hashed = offload(
                partial(order_of, self._request, self._layout, vid, "dry-run", self._options.send_failed), "hashing"
            )
            order = yield from attempt_steps(hashed)
            if isinstance(order, Failure):
                yield failed_event(vid, order.problems)
                continue
            if isinstance(order, NotSent):
                yield not_sent_event(vid, order)
                continue
            written = yield from attempt_steps(offload(partial(self._write, order)))
            if isinstance(written, Failure):
                yield failed_event(vid, written.problems)
                continue
            files, cost = written
            path = files[0].parent.relative_to(self._layout.results_dir).as_posix()
            message = f"{len(files)} requests, {usd_text(cost.micro_usd)}; nothing was sent."
            yield video_event(Done, vid, verdict="dry run", path=path, message=message)

    def _write(self, order: FrameOrder) -> tuple[list[Path], Cost]:
        config, tables = self._request.config.video, self._paid
        rules = tables.models.models[tables.models.canonical(config.kling_model_name) or config.kling_model_name]
        generation: Generation = "new" if "new" in rules.generations else "legacy"
        folder = self._layout.results_dir / "requests" / str(order.vid)
        wanted = PromptOrder(
            str(order.vid),
            order.fingerprint,
            folder / "prompt.txt",
            self._layout.frame(order.vid),
            config.base_prompt,
            self._request.config.seed,
            order.clips,
            config.num_video_segments,
            rules.prompt_max[generation],
        )
        prompts = [clip.segments for clip in write_prompts(wanted, None)]
        files: list[Path] = []
        total = FREE
        for plan in plan_clips(self._layout, order.vid, order.fingerprint, prompts, config, order.tails):
            made, cost = write_requests(
                plan, generation, tables.models, tables.prices, config.kling_host or DEFAULT_HOST, folder
            )
            files += made
            total += cost
        return files, total
