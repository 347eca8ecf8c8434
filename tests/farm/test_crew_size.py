# SPDX-License-Identifier: GPL-3.0-or-later
"""`--workers auto`: what is chosen from plain numbers, and by a crew that hears of frames whose time is simulated."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from grail_addon.drivers.farm.crew import MeasuredCrew
from grail_addon.drivers.farm.crew_size import LEAST_GAIN, Room, Stretch, choose, more_than
from grail_addon.drivers.farm.machine import CardState, CardWatch
from grail_addon.drivers.farm.units import Unit
from grail_addon.steps.events import Note

CARD = Room(cores=16, most=8, units=500, frames=1000, free_mb=120_000, cards_free_mb=(76_000,))
ONE = Stretch(1, 2.0, 4.0, cpu_seconds=2.4, resident_mb=800, card_mb=4300, card_busy=0.2)
CPU = Room(cores=16, most=8, units=500, frames=1000, free_mb=60_000)


def test_a_card_that_idles_gets_more_workers_while_they_make_more() -> None:
    choice = choose([ONE], CARD)
    assert (choice.workers, choice.is_final) == (2, False)
    assert str(choice) == "auto: 2 workers: 1 makes 0.5 frames a second (cores 8% busy, GPU 20% busy)."
    two = replace(ONE, workers=2, card_busy=0.4)
    assert choose([ONE, two], CARD).workers == 4
    four = replace(ONE, workers=4, frame_seconds=3.0, card_busy=0.6)
    assert choose([ONE, two, four], CARD).workers == 8
    eight = replace(ONE, workers=8, frame_seconds=5.6, card_busy=0.8)
    choice = choose([ONE, two, four, eight], CARD)
    assert (choice.workers, choice.is_final) == (4, True)
    assert str(choice) == "auto: 4 workers: 8 make 1.43 frames a second, 4 made 1.33: not 10% more."


@pytest.mark.parametrize(
    ("now", "room", "workers", "why"),
    [
        ({}, {"most": 1}, 1, "the 16 cores and 1 GPU of this machine have room for no more."),
        ({}, {"units": 1}, 1, "no more than 1 parts of the work are left."),
        ({}, {"frames": 3}, 1, "the rest takes 6 s, and a worker 4 s to start."),
        ({"card_busy": 0.95}, {}, 1, "they keep the GPU 95% busy."),
        ({"cpu_seconds": 31.0}, {}, 1, "they keep the processor 97% busy."),
        ({"resident_mb": 70_000}, {}, 2, ""),
        ({"resident_mb": 110_000}, {}, 1, "a worker holds 110000 MB of memory, and 120000 are free."),
        ({}, {"cards_free_mb": (4500.0,)}, 1, "a worker holds 4300 MB of its GPU, and 4500 are free."),
        ({"card_mb": 2000}, {"cards_free_mb": (4500.0,)}, 2, ""),
        ({"card_mb": None}, {"cards_free_mb": (4500.0,)}, 1, "a worker holds 4300 MB of its GPU, and 4500 are free."),
        ({}, {"cards_free_mb": (None,)}, 1, "the GPU's driver does not say what is free on it."),
        ({}, {"cards_free_mb": (None, None)}, 2, ""),
        ({"card_busy": None, "cpu_seconds": None, "resident_mb": None}, {"free_mb": None}, 2, ""),
    ],
)
def test_each_limit_by_itself(now: dict[str, Any], room: dict[str, Any], workers: int, why: str) -> None:
    choice = choose([replace(ONE, **now)], replace(CARD, **room))
    assert (choice.workers, choice.is_final) == (workers, workers == 1) and choice.why.endswith(why)


def test_a_step_is_cut_to_the_room_there_is() -> None:
    two = replace(ONE, workers=2)
    assert choose([ONE, two], replace(CARD, most=3)).workers == 3
    assert choose([ONE, two], replace(CARD, units=3)).workers == 3
    assert choose([ONE, two], replace(CARD, cards_free_mb=(5000.0,))).workers == 3
    assert choose([ONE, replace(two, resident_mb=60_000)], replace(CARD, free_mb=70_000)).workers == 3


def test_cards_get_one_worker_each_before_any_gets_two() -> None:
    assert [more_than(n, 3) for n in (1, 2, 3, 6)] == [3, 3, 6, 12] and more_than(1, 0) == 2
    room = replace(CARD, most=24, cards_free_mb=(1000.0, 6000.0, 6000.0))
    assert choose([ONE], room).workers == 3, "the first card is full with the first worker"
    three = replace(ONE, workers=3)
    assert choose([ONE, three], replace(room, cards_free_mb=(1000.0, 76_000.0, 76_000.0))).is_final
    assert choose([ONE, three], replace(room, cards_free_mb=(9000.0, 1000.0, 76_000.0))).workers == 4


def test_processors_that_are_busy_get_no_second_worker() -> None:
    busy = Stretch(1, 50.0, 5.0, cpu_seconds=780.0, resident_mb=800)
    assert choose([busy], CPU).workers == 1
    assert choose([replace(busy, cpu_seconds=300.0)], CPU).workers == 2


stretch = st.builds(
    Stretch, st.integers(1, 64), st.floats(0.01, 1e3), st.floats(0, 100), st.none() | st.floats(0, 1e4), st.none() | st.floats(1, 1e5),
    st.none() | st.floats(1, 1e5), st.none() | st.floats(0, 1),
)  # fmt: skip
room = st.builds(
    Room, st.integers(1, 256), st.integers(1, 64), st.integers(0, 5000), st.integers(0, 50_000), st.none() | st.floats(0, 1e6),
    st.lists(st.none() | st.floats(0, 1e5), max_size=8).map(tuple),
)  # fmt: skip


@given(stretch, stretch, room)
@settings(max_examples=100, deadline=None)
def test_whatever_is_measured_the_choice_is_within_the_room(before: Stretch, now: Stretch, there: Room) -> None:
    assume(before.workers < now.workers)
    choice = choose([before, now], there)
    if choice.workers > now.workers:
        assert not choice.is_final and choice.workers <= min(there.most, there.units)
        assert now.rate >= (1 + LEAST_GAIN) * before.rate
        if there.free_mb is not None and now.resident_mb is not None:
            assert (choice.workers - now.workers) * now.resident_mb <= there.free_mb
        assert now.card_busy is None or now.card_busy <= 1 / (1 + LEAST_GAIN)
    else:
        assert choice.is_final and choice.workers in (before.workers, now.workers)


# ---------------------------------------------------------------- a crew


class SimulatedClock:
    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class SimulatedCards(CardWatch):
    """Cards of 16 GB on which each worker holds `each`, and which are busy in proportion to the rate."""

    def __init__(self, workers: Callable[[], int], each: float = 4000.0) -> None:
        super().__init__(("0",))
        self._count, self._each = workers, each

    def start(self) -> None:
        pass

    def held_mb(self, workers: int) -> float:
        return self._each

    def busy(self, workers: int) -> float:
        return 0.1

    def free_mb(self) -> tuple[float, ...]:
        return (16_000 - self._each * self._count(),)


def tell(kind: str, item: str) -> dict[str, Any]:
    return {"say": "event", "unit": item, "event": {"kind": kind, "item": item, "step": "render"}}


def simulate(
    rate: Callable[[int], float], frames: int = 400, most: int = 8, start: float = 3.0, each_mb: float = 1000.0
) -> tuple[MeasuredCrew, list[Note], float]:
    """A run of so many frames whose rate depends on how many workers there are; also its seconds. A worker needs `start`
    seconds before its first frame."""
    units = [Unit(f"o{n}", f"o{n}", (1, 1), (f"render Things/o{n}/v",)) for n in range(frames)]
    clock = SimulatedClock()
    crew = MeasuredCrew(
        clock, units, most, 16, SimulatedCards(lambda: len(running), each_mb), lambda: 64_000.0, spreads.append
    )
    said: list[Note] = []
    running: dict[str, float] = {}
    ends: list[tuple[float, str]] = []
    left = [unit.items[0] for unit in units]

    def more() -> None:
        while len(running) < crew.size:
            name = str(len(running))
            running[name] = clock.now + start
            said.extend(crew.heard(name, {"say": "started"}))
            heapq.heappush(ends, (clock.now + start, name))

    more()
    while left:
        clock.now, name = heapq.heappop(ends)
        if int(name) >= crew.size:
            running.pop(name, None)
            continue
        said += crew.heard(name, tell("done", left.pop()))
        said += crew.heard(name, {"say": "unit_end"})
        more()
        if left:
            used = {"cpu": clock.now / 4, "mb": 900.0}
            said += crew.heard(name, {**tell("start", left[-1]), "used": used})
        at_work = sum(begins <= clock.now for begins in running.values())
        heapq.heappush(ends, (clock.now + at_work / rate(at_work), name))
    said += crew.ending()
    return crew, said, clock.now - 100.0


spreads: list[int] = []


@pytest.mark.parametrize(
    ("rate", "workers", "tried"),
    [
        (lambda n: n, 8, [2, 4, 8, 8]),  # no limit but the highest number
        (lambda n: min(n, 3.0), 4, [2, 4, 8, 4]),  # 4 make half as much again as 2, 8 no more
        (lambda n: min(n, 1.05), 1, [2, 1]),
        (lambda n: n if n < 3 else 1.0, 2, [2, 4, 2]),  # too many are slower
    ],
)
def test_the_crew_grows_while_it_pays(rate: Callable[[int], float], workers: int, tried: list[int]) -> None:
    spreads.clear()
    crew, said, _ = simulate(rate)
    assert crew.size == workers and [note.data["auto"] for note in said] == tried
    assert [note.data["final"] for note in said] == [False] * (len(tried) - 1) + [True]
    assert spreads[0] == 1 and spreads[-1] == workers
    assert all(note.message.startswith(f"auto: {note.data['auto']} worker") for note in said)
    assert said[0].data["measured"]["frame_seconds"] == pytest.approx(1 / rate(1))


def test_a_growing_crew_is_worth_its_trouble() -> None:
    _, _, measured = simulate(lambda n: min(n, 3.0), frames=400)
    _, _, alone = simulate(lambda n: 1.0, frames=400, most=1)
    assert measured < 0.45 * alone


def test_a_card_that_is_full_ends_it() -> None:
    crew, said, _ = simulate(lambda n: n, each_mb=5000.0)
    assert crew.size == 3
    assert said[-1].message.endswith("a worker holds 5000 MB of its GPU, and 1000 are free.")


def test_few_frames_are_made_by_one() -> None:
    crew, said, _ = simulate(lambda n: n, frames=6, start=5.0)
    assert crew.size == 1 and "a worker 4 s to start" in said[-1].message
    crew, said, _ = simulate(lambda n: n, frames=2)
    assert crew.size == 1 and said[-1].message == "auto: 1 worker: the work ended before more could be measured."


def test_what_fails_or_is_up_to_date_is_no_measure_and_a_dead_worker_begins_anew() -> None:
    clock = SimulatedClock()
    units = [Unit("o", "o", (1, 99), tuple(f"render Things/o/v{n}" for n in range(99)))]
    crew = MeasuredCrew(clock, units * 9, 8, 16, CardWatch(()), lambda: None)

    def frames(kind: str, *numbers: int) -> list[Any]:
        said: list[Any] = []
        for number in numbers:
            item = f"render Things/o/v{number}"
            said += crew.heard("0", tell("start", item)) if kind != "skip" else []
            clock.now += 1.0 if kind == "done" else 0.1
            said += crew.heard("0", tell(kind, item))
        return said

    list(crew.heard("0", {"say": "started"}))
    assert not frames("skip", *range(20)) + frames("fail", *range(20, 30)) + frames("done", 30, 31, 32)
    list(crew.heard("0", {"say": "gone"}))
    list(crew.heard("0", {"say": "started"}))
    assert not frames("done", 33, 34) + frames("fail", 35) + frames("done", 36)
    list(crew.heard("0", {"say": "unit_end"}))
    clock.now += 50.0  # another object is opened
    assert not frames("done", 38)
    (note,) = frames("done", 39)
    assert note.data["auto"] == 2 and note.data["measured"]["frame_seconds"] == pytest.approx(1.0)


def test_cards_are_watched_from_before_the_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    from grail_addon.drivers.farm import machine

    used = {"0": [500.0, 4800.0, 4700.0], "1": [100.0, 100.0, 4200.0]}
    looks = {name: iter(values) for name, values in used.items()}
    watch = CardWatch(("0", "1"))

    def state(name: str) -> CardState:
        value = next(looks[name], None)
        if value is None:
            watch.close()
            return CardState(None, None, None)
        return CardState(value, 10_000 - value, value / 10_000)

    monkeypatch.setattr(machine, "card_state", state)
    monkeypatch.setattr(machine, "LOOK_SECONDS", 0.001)
    watch.start()
    assert watch._end.wait(120)
    assert watch.held_mb(2) == 4300.0 and watch.held_mb(3) == 4100.0
    assert watch.busy(1) == pytest.approx((0.05 + 0.48 + 0.47) / 3)
