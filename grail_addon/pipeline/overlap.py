# SPDX-License-Identifier: GPL-3.0-or-later
"""The frame whose picture is there and whose rest (files, proof, verdict, manifest) goes on in a thread beside the next
picture. There is one at most; what came of it is told once, also where the user stops the run meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from ..core.plan.items import Item, ObjectJob
from ..steps.effects import Effect, Steps, begin, offload, relayed
from ..steps.events import Event
from ..steps.port import FrameResult, MadePicture
from .attempt import Failure, attempt


@dataclass(frozen=True, eq=False)
class Finished:
    """A frame with its manifest. seconds: it took, from its start."""

    frame: FrameResult
    seconds: float


Outcome = Finished | Failure


@dataclass(frozen=True, eq=False)
class _Begun:
    job: ObjectJob
    item: Item
    future: Future[Finished]


class Overlap:
    """attempt: result of steps, or why there is none. tell: says what came of a frame, on disk too where it failed; tell_now:
    the same by its event alone, with what is to be written written at once."""

    def __init__(
        self,
        attempt: Callable[[Steps[Finished]], Steps[Outcome]],
        tell: Callable[[ObjectJob, Item, Outcome], Steps[None]],
        tell_now: Callable[[ObjectJob, Item, Outcome], Event],
    ) -> None:
        self._attempt, self._tell, self._tell_now = attempt, tell, tell_now
        self._begun: _Begun | None = None

    def begin(self, job: ObjectJob, item: Item, finish: Callable[[], Finished]) -> Steps[None]:
        """Begin to finish a frame; the one before has been waited for."""
        future: Future[Finished] = Future()

        def work() -> None:
            try:
                future.set_result(finish())
            except BaseException as error:
                future.set_exception(error)

        self._begun = _Begun(job, item, future)  # known before the driver answers, as it may stop the run instead
        yield from begin(work)

    def beside(self, steps: Steps[MadePicture]) -> Steps[MadePicture]:
        """`steps` of the next frame; the frame before is told of as soon as it is ready."""
        return relayed(steps, self._with_news)

    def _with_news(self, said: Effect | Event) -> Steps[Any]:
        if self._begun is not None and self._begun.future.done() and not isinstance(said, Event):
            yield from self.wait()
        return (yield said)

    def wait(self) -> Steps[None]:
        """Wait for the frame that was begun, if any, and say what came of it."""
        begun = self._begun
        if begun is None:
            return
        outcome = yield from self._attempt(offload(begun.future.result, "gate"))
        yield from self._tell(begun.job, begun.item, outcome)
        self._begun = None  # not before: a stop at one of these effects has it told of by `last_words`

    def last_words(self) -> Steps[None]:
        """As `wait`, by events alone: the run is being stopped."""
        begun, self._begun = self._begun, None
        if begun is not None:
            yield self._tell_now(begun.job, begun.item, attempt(begun.future.result))
