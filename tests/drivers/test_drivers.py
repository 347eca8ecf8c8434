# SPDX-License-Identifier: GPL-3.0-or-later
"""Both drivers answer every effect, throw its errors where the steps can catch them, and close the steps on a cancel."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from grail_addon.core.errors import UserError
from grail_addon.drivers.blocking import Cancelled, drain
from grail_addon.drivers.window import WindowDriver
from grail_addon.steps.effects import Begin, Offload, Pause, Render, Steps, Stop, Wait, begin, mapped, offload
from grail_addon.steps.events import Event, Note
from tests.waiting import PATIENCE


class Clock:
    """Moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Renderer:
    """A render job that has ended at the third look; its picture says what was rendered."""

    def __init__(self, fails: bool = False) -> None:
        self.fails, self.looks, self.cancelled = fails, 0, False

    def begin(self, effect: Render) -> None:
        self.effect, self.looks = effect, 0

    def poll(self) -> bool:
        self.looks += 1
        if self.looks < 3:
            return False
        if self.cancelled:
            return True
        if self.fails:
            raise UserError("no picture.")
        self.effect.path.write_text(self.effect.scene)
        return True

    def cancel(self) -> None:
        self.cancelled = True

    def at_once(self, effect: Render) -> None:
        self.begin(effect)
        while not self.poll():
            pass


def play(driver: WindowDriver[Any], clock: Clock, each: Callable[[], None] = lambda: None) -> None:
    """Blender's timer."""
    while (wait := driver.tick()) is not None:
        each()
        clock.sleep(wait)
        time.sleep(0.0005)  # a thread may be at work


def in_window(steps: Steps[Any], renderer: Renderer | None = None) -> tuple[Any, list[Event]]:
    events: list[Event] = []
    ends: list[Any] = []
    clock = Clock()
    driver = WindowDriver(steps, renderer or Renderer(), events.append, ends.append, clock)
    play(driver, clock)
    (result,) = ends
    return result, events


def blocking(steps: Steps[Any], renderer: Renderer | None = None) -> tuple[Any, list[Event]]:
    events: list[Event] = []
    result = drain(steps, events.append, clock=Clock(), render=(renderer or Renderer()).at_once)
    return result, events


DRIVERS = pytest.mark.parametrize("driven", [blocking, in_window])
Driven = Callable[..., tuple[Any, list[Event]]]


def everything(folder: Path) -> Steps[list[Any]]:
    found: list[Any] = []
    yield Note(message="first")
    found.append((yield Pause("a part")))
    found.append((yield from offload(threading.get_ident)) != threading.get_ident())
    found.append((yield Wait(3.0, "for a while")))
    found.append((yield Render("scene", folder / "picture.png")))
    yield Note(message="last")
    return found


@DRIVERS
def test_every_effect_is_answered_and_the_result_comes_back(driven: Driven, tmp_path: Path) -> None:
    result, events = driven(everything(tmp_path))
    assert result == [None, True, None, None], "work was done in another thread, the others say nothing"
    assert [event.message for event in events] == ["first", "last"]
    assert (tmp_path / "picture.png").read_text() == "scene"


def failing(folder: Path) -> Steps[list[str]]:
    caught = []
    try:
        yield from offload(lambda: 1 / 0)
    except ZeroDivisionError as error:
        caught.append(str(error))
    try:
        yield Render("scene", folder / "picture.png")
    except UserError as error:
        caught.append(str(error))
    yield Pause()
    return caught


@DRIVERS
def test_errors_are_thrown_where_the_effect_was_asked_for(driven: Driven, tmp_path: Path) -> None:
    result, _ = driven(failing(tmp_path), Renderer(fails=True))
    assert result == ["division by zero", "no picture."]


@DRIVERS
def test_an_error_that_nobody_catches_comes_out(driven: Driven) -> None:
    def steps() -> Steps[None]:
        yield from offload(lambda: [][1])

    with pytest.raises(IndexError):
        driven(steps())


@DRIVERS
def test_mapped_steps_keep_answers_and_errors(driven: Driven, tmp_path: Path) -> None:
    def shout(event: Event) -> Event:
        return Note(message=event.message.upper())

    result, events = driven(mapped(everything(tmp_path), shout))
    assert result == [None, True, None, None] and [e.message for e in events] == ["FIRST", "LAST"]
    result, _ = driven(mapped(failing(tmp_path), shout), Renderer(fails=True))
    assert result == ["division by zero", "no picture."]


class Nest:
    """Counts what is open, so that a test sees whether a cancel closed it."""

    def __init__(self) -> None:
        self.open = 0
        self.reached: list[int] = []

    def steps(self, folder: Path, effects: int) -> Steps[None]:
        self.open += 1
        try:
            for number in range(effects):
                kinds = (Pause(), Wait(1.0), Render("scene", folder / "x.png"), Offload(lambda: None))
                yield kinds[number % 4]
                self.reached.append(number)
        finally:
            self.open -= 1


@pytest.mark.parametrize("after", range(8))
def test_a_cancel_closes_the_steps_where_they_may_stop(after: int, tmp_path: Path) -> None:
    """At a pause, a wait or a render; work in a thread is ended first, and what belongs to it is done."""
    nest = Nest()
    stops_at = after + 1 if after % 4 == 3 else after
    with pytest.raises(Cancelled):
        drain(
            nest.steps(tmp_path, 12), is_cancelled=lambda: len(nest.reached) >= after, clock=Clock(),
            render=Renderer().at_once,
        )  # fmt: skip
    assert nest.open == 0 and nest.reached == list(range(stops_at))

    nest, clock, renderer, ends = Nest(), Clock(), Renderer(), list[Any]()
    driver = WindowDriver(nest.steps(tmp_path, 12), renderer, lambda _: None, ends.append, clock, enough=0.0)

    def cancel() -> None:
        if len(nest.reached) == after and driver.waits_for is not None:
            driver.cancel()

    play(driver, clock, cancel)
    assert nest.open == 0 and nest.reached == list(range(stops_at)) and ends == [None]
    assert renderer.cancelled == (after % 4 == 2), "only a render that is under way is ended"


def test_stopping_the_window_driver_waits_for_its_thread(tmp_path: Path) -> None:
    done = threading.Event()

    def steps() -> Iterator[Any]:
        yield Offload(lambda: (time.sleep(0.1), done.set()))

    driver = WindowDriver(steps(), Renderer(), lambda _: None, lambda _: None)  # type: ignore[arg-type]
    driver.tick()
    driver.stop()
    assert done.is_set() and driver.ended and driver.tick() is None


def test_a_tick_ends_when_its_budget_is_spent() -> None:
    def steps() -> Steps[None]:
        for _ in range(100):
            end = time.perf_counter() + 0.002
            while time.perf_counter() < end:
                pass
            yield Pause("spin")

    driver = WindowDriver(steps(), Renderer(), lambda _: None, lambda _: None, enough=0.008)
    ticks = 0
    while driver.tick() is not None:
        ticks += 1
    assert ticks >= 20, "four pauses of 2 ms fit into one tick of 8 ms"
    assert driver.times.parts.count["spin"] == 100 and driver.times.parts.longest["spin"] >= 0.001


def test_an_error_of_the_steps_leaves_the_tick_and_the_driver_can_be_stopped() -> None:
    def steps() -> Steps[None]:
        yield Pause()
        raise KeyError("broken")

    ends: list[Any] = []
    driver = WindowDriver(steps(), Renderer(), lambda _: None, ends.append)
    with pytest.raises(KeyError):
        play(driver, Clock())
    driver.stop()
    assert ends == [None] and driver.tick() is None


@DRIVERS
def test_begun_work_goes_on_beside_a_render_and_gives_its_result_later(driven: Driven, tmp_path: Path) -> None:
    rendered = threading.Event()

    def steps() -> Steps[list[Any]]:
        ours = yield from begin(lambda: (rendered.wait(PATIENCE), threading.get_ident()))
        yield Render("scene", tmp_path / "picture.png")
        rendered.set()  # work that the steps had waited for could never end
        failing = yield from begin(lambda: 1 / 0)
        seen, thread = yield from offload(ours.result)
        with pytest.raises(ZeroDivisionError):
            yield from offload(failing.result)
        return [seen, thread == threading.get_ident()]

    result, _ = driven(mapped(steps(), lambda event: event))
    assert result == [True, False]


@pytest.mark.parametrize("in_the_window", [False, True])
def test_what_was_begun_is_ended_and_told_of_when_the_user_stops(in_the_window: bool) -> None:
    done: list[str] = []

    def steps() -> Steps[None]:
        yield Begin(lambda: (time.sleep(0.05), done.append("begun")))
        try:
            while True:
                yield Pause()
        except Stop:
            yield Note(message=f"{done}")
            raise

    events: list[Event] = []
    if in_the_window:
        ends: list[Any] = []
        driver = WindowDriver(steps(), Renderer(), events.append, ends.append, Clock())
        play(driver, Clock(), driver.cancel)
        assert ends == [None]
    else:
        looks = iter([False, False])
        with pytest.raises(Cancelled):
            drain(steps(), events.append, is_cancelled=lambda: next(looks, True), clock=Clock())
    assert done == ["begun"]
    assert len(events) == 1
