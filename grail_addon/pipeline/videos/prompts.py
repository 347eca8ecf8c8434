# SPDX-License-Identifier: GPL-3.0-or-later
"""The prompts that step 4 sends with its frames: picked, refined where wanted, and saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from types import MappingProxyType

from ...core.clock import Clock
from ...core.config.request import Request
from ...core.errors import Problem, UserError
from ...core.layout import ResultsLayout
from ...core.video.order import FrameOrder
from ...core.video.request import Generation
from ...services.prompt_writer import ClipPrompts, PromptOrder, write_prompts
from ...services.vision import VisionError, VisionModel
from ...steps.effects import Pause, Steps, offload
from ...steps.events import Note, Started
from ..attempt import Failure, attempt_steps
from ..options import RunOptions
from ..paid import PaidServices, refines
from .pace import failed_event, video_event


class _HoldsForAll(Problem):
    """A problem that every further question would run into."""


_DO_WITHOUT = "Or pass --set video.skip_prompt_refinement=true."


class Prompter:
    """Writes the prompts of a run. generation: of the service they go to; also: video id -> fingerprint of the same frame for
    another payee, to whom the same words go. prompts: video id -> those of its clips."""

    def __init__(
        self,
        request: Request,
        options: RunOptions,
        paid: PaidServices,
        generation: Generation,
        clock: Clock,
        also: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._request, self._options, self._paid, self._generation = request, options, paid, generation
        self._clock, self._also = clock, also
        self._layout = ResultsLayout(request.results_dir)
        self.prompts: dict[str, Sequence[ClipPrompts]] = {}

    def write(self, orders: dict[str, FrameOrder]) -> Steps[None]:
        """Prompts of all frames; a frame without them is dropped from `orders`, with an event."""
        name_of_model = self._request.config.video.refinement_model
        refine = refines(self._request, self._options)
        model: VisionModel | None = None
        if refine:  # in a thread: the library takes seconds to import
            secrets, clock = self._paid.secrets, self._clock
            model = yield from offload(lambda: VisionModel(secrets, name_of_model, "high", clock), "opening the model")
        stop: Failure | None = None
        try:
            for name, order in list(orders.items()):
                yield Pause("prompt")
                yield video_event(Started, order.vid, message="prompt")
                prompts = stop or (yield from attempt_steps(offload(partial(self._prompts_of, order, model), "prompt")))
                if isinstance(prompts, Failure):
                    del orders[name]
                    yield failed_event(order.vid, prompts.problems)
                    stop = prompts if any(isinstance(p, _HoldsForAll) for p in prompts.problems) else stop
                    continue
                self.prompts[name] = prompts
                for note in dict.fromkeys(clip.note for clip in prompts if clip.note):
                    yield video_event(Note, order.vid, message=f"{order.vid}: {note}")
        finally:
            if model is not None:
                model.close()

    def _prompts_of(self, order: FrameOrder, model: VisionModel | None) -> Sequence[ClipPrompts]:
        config = self._request.config.video
        name = self._paid.models.canonical(config.kling_model_name) or config.kling_model_name
        wanted = PromptOrder(
            str(order.vid),
            order.fingerprint,
            self._layout.prompt(order.vid),
            self._layout.frame(order.vid),
            config.base_prompt,
            self._request.config.seed,
            order.clips,
            config.num_video_segments,
            self._paid.models.models[name].prompt_max[self._generation],
            config.prompt_refinement_system_message,
            self._also.get(str(order.vid), ""),
        )
        try:
            return write_prompts(wanted, model)
        except VisionError as error:
            problem = error.problem()
            do_without = "" if self._options.in_window else _DO_WITHOUT
            raise UserError(_HoldsForAll(problem.message, f"{problem.fix} {do_without}".strip())) from None
