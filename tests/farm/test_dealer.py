# SPDX-License-Identifier: GPL-3.0-or-later
"""The dealer with workers that are threads of the test: each item told once, tries counted, nothing lost, clean stops."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from queue import SimpleQueue
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grail_addon.drivers.blocking import Cancelled, drain
from grail_addon.drivers.farm.dealer import Dealer
from grail_addon.drivers.farm.link import Inbox
from grail_addon.drivers.farm.units import Unit
from grail_addon.steps.events import Event
from tests.waiting import PATIENCE

UNITS = [
    Unit(name, name, (1, 3), (f"settle Things/{name}", *(f"render Things/{name}/v{n}" for n in (1, 2, 3))))
    for name in ("mug", "bowl", "jar")
]


class FakeWorker:
    """A link whose worker is a thread. dies_after: messages it says of a unit before it dies, for each unit in turn;
    None: it does not die. What it made stays made for those that come after it, as files would."""

    made: set[str]

    def __init__(self, name: str, inbox: Inbox, made: set[str], deaths: list[int | None], log: list[str]) -> None:
        self.name, self.node = name, "here"
        self._inbox, self._made, self._deaths, self._log = inbox, made, deaths, log
        self._orders: SimpleQueue[Mapping[str, Any] | None] = SimpleQueue()
        self._gone = threading.Event()
        self.stopped = False
        threading.Thread(target=self._work, daemon=True).start()

    def send(self, message: Mapping[str, Any]) -> None:
        self._orders.put(message)

    def stop(self) -> None:
        self.stopped = True
        self._orders.put(None)

    kill = stop

    def wait(self, seconds: float) -> bool:
        return self._gone.wait(seconds)

    def _say(self, say: str, **more: Any) -> None:
        self._inbox.put((self, {"say": say, **more}))

    def _work(self) -> None:
        while (order := self._orders.get()) is not None and order["do"] != "close":
            if order["do"] == "request":
                self._say("ready", node="there")
            elif not self._unit(order):
                break
        self._gone.set()
        self._say("gone", why="was ended by SIGKILL")

    def _unit(self, order: Mapping[str, Any]) -> bool:
        unit = next(u for u in UNITS if u.id == order["id"])
        self._log.append(unit.id)
        dies_after = self._deaths.pop(0) if self._deaths else None
        said = 0
        for key in unit.items:
            for kind in ("start", "done") if key not in self._made else ("skip",):
                if said == dies_after:
                    return False
                if kind == "done":
                    self._made.add(key)
                step = key.split()[0]
                event = {"kind": kind, "item": key, "step": step, "obj": f"Things/{unit.category}"}
                self._say("event", unit=unit.id, event=event)
                said += 1
        if said == dies_after:
            return False
        self._say("unit_end", unit=unit.id)
        return True


class Farm:
    """A dealer over fake workers, drained."""

    def __init__(self, deaths: Sequence[int | None], workers: int = 2, tries: int = 3) -> None:
        self.made: set[str] = set()
        self.log: list[str] = []
        self.links: list[FakeWorker] = []
        self.deaths = list(deaths)
        self.events: list[Event] = []
        self.dealer = Dealer({"do": "request"}, UNITS, self.start, workers, tries)

    def start(self, slot: int, inbox: Inbox) -> FakeWorker:
        self.links.append(FakeWorker(str(slot), inbox, self.made, self.deaths, self.log))
        return self.links[-1]

    def drain(self, stop_at: int = 10**9) -> None:
        drain(self.dealer.steps(), self.events.append, is_cancelled=lambda: len(self.events) >= stop_at)

    def told(self) -> Counter[str]:
        return Counter(event.item for event in self.events if event.kind in ("done", "skip", "fail"))


ALL = [key for unit in UNITS for key in unit.items]


def test_all_units_are_done_and_each_item_is_told_once() -> None:
    farm = Farm([])
    farm.drain()
    assert farm.told() == Counter(ALL) and sorted(farm.log) == ["bowl", "jar", "mug"]
    tally = farm.dealer.tally
    assert (tally.done, tally.skipped, tally.failed) == (12, 0, 0)
    done = next(event for event in farm.events if event.kind == "done")
    assert done.data["worker"] in ("0", "1") and done.data["node"] == "there"
    assert all(link.wait(0) and not link.stopped for link in farm.links), "they left when they were told to"


def test_no_more_workers_than_units() -> None:
    farm = Farm([], workers=8)
    farm.drain()
    assert len(farm.links) == 3


@given(st.lists(st.one_of(st.none(), st.integers(0, 8)), max_size=12), st.integers(1, 3), st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_whatever_dies_every_item_is_told_once(deaths: list[int | None], workers: int, tries: int) -> None:
    farm = Farm(deaths, workers, tries)
    farm.drain()
    assert farm.told() == Counter(ALL)
    assert max(Counter(farm.log).values()) <= tries
    failed = {event.item for event in farm.events if event.kind == "fail"}
    tally = farm.dealer.tally
    assert tally.done + tally.skipped + tally.failed == len(ALL) and tally.failed == len(failed)


def test_a_unit_whose_worker_dies_goes_on_where_it_ended() -> None:
    farm = Farm([3], workers=1)  # dies at the first frame, after its settle
    farm.drain()
    assert farm.log == ["mug", "mug", "bowl", "jar"]
    assert farm.dealer.tally.failed == 0 and farm.told() == Counter(ALL)
    (note,) = (event for event in farm.events if event.kind == "note")
    assert note.message == "worker 0 was ended by SIGKILL at mug; it is dealt again (try 2 of 3)."


def test_a_unit_that_kills_its_worker_each_time_is_given_up() -> None:
    farm = Farm([0, 0, 0], workers=1)
    farm.drain()
    fails = [event for event in farm.events if event.kind == "fail"]
    assert [event.item for event in fails] == list(UNITS[0].items)
    assert fails[0].message == "its worker was ended by SIGKILL, 3 times."
    assert (fails[1].obj, fails[1].variant, fails[1].step) == ("Things/mug", "v1", "render")
    assert farm.dealer.tally.done == 8


def test_workers_that_die_before_they_are_ready_are_not_started_for_ever() -> None:
    class Broken(Farm):
        def start(self, slot: int, inbox: Inbox) -> FakeWorker:
            link = super().start(slot, inbox)
            link.stop()
            return link

    farm = Broken([], workers=2)
    farm.drain()
    assert farm.told() == Counter(ALL) and farm.dealer.tally.failed == 12
    assert len(farm.links) <= 6


@pytest.mark.parametrize("stop_at", [1, 4])
def test_a_cancel_stops_the_workers(stop_at: int) -> None:
    farm = Farm([])
    with pytest.raises(Cancelled):
        farm.drain(stop_at)
    assert stop_at <= len(farm.events) < 24 and all(link.stopped and link.wait(PATIENCE) for link in farm.links)


def test_parts_of_an_object_wait_for_its_settle() -> None:
    whole = UNITS[0]
    units = [
        Unit("mug", "mug", None, whole.items[:1]),
        *(Unit(f"mug {n}-{n}", "mug", (n, n), (f"render Things/mug/v{n}",), "mug") for n in (1, 2, 3)),
    ]
    order: list[tuple[str, str]] = []

    class Prepared(FakeWorker):
        def _unit(self, message: Mapping[str, Any]) -> bool:
            unit = next(u for u in units if u.id == message["id"])
            order.append(("begin", unit.id))
            for key in unit.items:
                kind = "fail" if key == fails else "done"
                self._say(
                    "event",
                    unit=unit.id,
                    event={"kind": kind, "item": key, "step": key.split()[0], "obj": "Things/mug"},
                )
            order.append(("end", unit.id))
            self._say("unit_end", unit=unit.id)
            return True

    for told in (Counter(done=4), Counter(fail=4)):
        fails = "settle Things/mug" if "fail" in told else ""
        order.clear()
        events: list[Event] = []
        dealer = Dealer({"do": "request"}, units, lambda slot, inbox: Prepared(str(slot), inbox, set(), [], []), 3)
        drain(dealer.steps(), events.append)
        assert order[:2] == [("begin", "mug"), ("end", "mug")]
        assert Counter(event.kind for event in events) == told and len({event.item for event in events}) == 4
    assert {event.message for event in events[1:]} == {"its object could not be settled."}
