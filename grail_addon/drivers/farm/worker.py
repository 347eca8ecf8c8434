# SPDX-License-Identifier: GPL-3.0-or-later
"""What a worker process does: takes units as lines of JSON, makes them in one warm workshop, says what happens.

In:  {"do": "request", ...}, then any number of {"do": "unit", ...}, at last {"do": "close"}. Another request may follow
     at any time. An input that ends without `close` means that the dealer is gone: the worker leaves, too.
Out: {"say": "ready"}, {"say": "refused", "why": ...}, {"say": "event", "unit": id, "event": ..., "used": ...}, {"say": "unit_end"}, and at last
     {"say": "closed"}, or {"say": "stopped"} where it was asked to stop.
"""

from __future__ import annotations

import os
import platform
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from queue import SimpleQueue
from typing import Any

from ...core.clock import Clock
from ...core.config.portable import from_portable
from ...core.config.request import Request
from ...core.errors import InputError
from ...core.files import mark_writer
from ...core.layout import ObjectId, ResultsLayout
from ...core.plan.items import caching_hasher
from ...pipeline.attempt import Failure
from ...pipeline.options import RunOptions
from ...pipeline.session import Session, WorkshopFactory, stage_workshop
from ...steps.events import Event, Failed, Started
from ...steps.options import StageOptions
from ...steps.port import Workshop
from ..blocking import drain
from .lines import object_of
from .machine import used_here
from .units import Unit, narrowed

Say = Callable[[Mapping[str, Any]], None]


class Worker:
    """Does units of one request after another. say: where messages go; make_workshop: called when the first object is
    about to be made, and again where a later request needs another one; before_long: as of `drain`."""

    def __init__(
        self,
        say: Say,
        clock: Clock,
        is_cancelled: Callable[[], bool],
        make_workshop: WorkshopFactory = stage_workshop,
        before_long: Callable[[], None] = lambda: None,
    ) -> None:
        self._say, self._clock, self._is_cancelled = say, clock, is_cancelled
        self._make_workshop, self._before_long = make_workshop, before_long
        self._hasher = caching_hasher()
        self._request: Request | None = None
        self._options = RunOptions()
        self._workshop: tuple[StageOptions, ResultsLayout, Workshop] | None = None

    def work(self, messages: Iterable[Mapping[str, Any]]) -> None:
        """Do all that `messages` say. Raises Cancelled where the user asked to stop."""
        with ExitStack() as marks:
            try:
                for message in messages:
                    if message["do"] == "request":
                        self._take_request(message, marks)
                    elif message["do"] == "unit":
                        self._unit(Unit.from_json(message))
            finally:
                if self._workshop is not None:
                    self._workshop[2].close()
        self._say({"say": "closed"})

    def _take_request(self, message: Mapping[str, Any], marks: ExitStack) -> None:
        try:
            self._request = from_portable(message, check_objects=False)
        except InputError as error:
            self._say({"say": "refused", "why": str(error)})
            return
        marks.enter_context(mark_writer(self._request.results_dir))
        self._options = RunOptions(verify=bool(message.get("verify")), in_window=bool(message.get("in_window")))
        self._say({"say": "ready", "pid": os.getpid(), "node": platform.node()})

    def _unit(self, unit: Unit) -> None:
        if self._request is None:
            self._say({"say": "refused", "why": "a unit came before its request."})
            return

        def on_event(event: Event) -> None:
            used = {"used": used_here()} if isinstance(event, Started) else {}
            self._say({"say": "event", "unit": unit.id, "node": platform.node(), "event": event.to_json(), **used})

        request = narrowed(self._request, unit)
        session = Session(
            request, self._options, self._clock, make_workshop=self._warm, hasher=self._hasher, keep_open=True
        )
        try:
            drain(
                session.run(),
                on_event,
                is_cancelled=self._is_cancelled,
                clock=self._clock,
                before_long=self._before_long,
            )
        except InputError as error:
            obj = str(ObjectId(request.dataset, unit.category))
            on_event(Failed(f"object {obj}", "object", obj, **Failure(error.problems).said))
        self._say({"say": "unit_end", "unit": unit.id})

    def _warm(self, options: StageOptions, layout: ResultsLayout, clock: Clock) -> Workshop:
        """The workshop of the unit before, where it does for this one, too."""
        # which frames there are is no matter of the stage
        same = replace(options, rendering=options.rendering.model_copy(update={"num_rand_scenes": 1}))
        if self._workshop is not None and self._workshop[:2] == (same, layout):
            return self._workshop[2]
        if self._workshop is not None:
            self._workshop[2].close()
        self._workshop = (same, layout, self._make_workshop(options, layout, clock))
        return self._workshop[2]


def messages_of(lines: Iterable[bytes], on_orphaned: Callable[[], None]) -> Iterator[Mapping[str, Any]]:
    """The messages in `lines`, which another thread reads, up to `close`. on_orphaned: called in that thread where the
    lines end without it, or one is none: half a line of a dealer that died while it wrote."""
    queue: SimpleQueue[Mapping[str, Any] | None] = SimpleQueue()

    def read() -> None:
        for line in lines:
            message = object_of(line)
            if message is None or not isinstance(message.get("do"), str):
                break
            queue.put(message)
            if message["do"] == "close":
                return
        on_orphaned()
        queue.put(None)

    threading.Thread(target=read, daemon=True, name="dealer").start()
    while (message := queue.get()) is not None and message["do"] != "close":
        yield message
