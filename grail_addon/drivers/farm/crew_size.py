# SPDX-License-Identifier: GPL-3.0-or-later
"""`--workers auto`: how many workers are worth it, decided from what the first frames took. Plain numbers in, a choice out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

LEAST_GAIN = 0.10
"""More workers stay only where they make at least this share more frames a second."""

MOST_ON_A_CARD = 8
MEMORY_ON_A_CARD_MB = 4300
"""Measured on an H100 with the starter room, docs/performance.md; for cards whose driver does not say what is held."""

SHARE_OF_MEMORY = 0.9
"""Of the memory that is free, this share may be taken."""

STARTS_WORTH = 2.0
"""A worker is started only where the rest of the run takes at least so many times its start."""


@dataclass(frozen=True)
class Stretch:
    """What `workers` did while they were watched, all values of one of them.

    frame_seconds: between two frames, on the clock. cpu_seconds: of processor for a frame. start_seconds: from its start
    to its first frame, above what a frame takes. resident_mb: of memory. card_mb: held on its card. card_busy: share of
    the time (0 to 1) in which the cards worked. None: could not be read.
    """

    workers: int
    frame_seconds: float
    start_seconds: float = 0.0
    cpu_seconds: float | None = None
    resident_mb: float | None = None
    card_mb: float | None = None
    card_busy: float | None = None

    @property
    def rate(self) -> float:
        """Frames a second of all workers together."""
        return self.workers / self.frame_seconds


@dataclass(frozen=True)
class Room:
    """What there is for more workers. most: the highest number that is thought of. units, frames: that are left to do.
    free_mb: of memory; cards_free_mb: on each card, which the workers are dealt out to in turn. None: could not be read."""

    cores: int
    most: int
    units: int
    frames: int
    free_mb: float | None = None
    cards_free_mb: tuple[float | None, ...] = ()

    @property
    def cards(self) -> int:
        """How many cards."""
        return len(self.cards_free_mb)


@dataclass(frozen=True)
class Choice:
    """So many workers from now on; is_final: for the rest of the run."""

    workers: int
    why: str
    is_final: bool

    def __str__(self) -> str:
        return f"auto: {workers_text(self.workers)}: {self.why}"


def workers_text(number: int) -> str:
    """`1 worker`, `2 workers`."""
    return f"{number} worker{'s' if number != 1 else ''}"


def choose(stretches: Sequence[Stretch], room: Room) -> Choice:
    """How many workers go on after the last of `stretches`, each of which had more workers than the one before."""
    now = stretches[-1]
    if len(stretches) > 1:
        before = stretches[-2]
        if now.rate < (1.0 + LEAST_GAIN) * before.rate:
            why = f"{_rate(now)}, {before.workers} made {before.rate:.3g}: not {LEAST_GAIN:.0%} more."
            return Choice(before.workers, why, True)
    allowed, reason = min(_limits(now, room), key=lambda limit: limit[0])
    wanted = more_than(now.workers, room.cards)
    if min(wanted, allowed) <= now.workers:
        return Choice(now.workers, f"{_rate(now)}; {reason}", True)
    return Choice(min(wanted, allowed), f"{_rate(now)}{_used(now, room)}.", False)


def more_than(workers: int, cards: int) -> int:
    """The number that is tried next: one for each card first, then twice as many each time."""
    return cards if workers < cards else 2 * workers


def _limits(now: Stretch, room: Room) -> Iterator[tuple[int, str]]:
    """Highest numbers of workers that are possible or can pay, each with the reason."""
    yield room.most, f"{machine_text(room.cores, room.cards)} have room for no more."
    yield room.units, f"no more than {room.units} parts of the work are left."
    rest = room.frames / now.rate
    if rest < STARTS_WORTH * now.start_seconds:
        yield now.workers, f"the rest takes {rest:.0f} s, and a worker {now.start_seconds:.0f} s to start."
    for what, busy in (("processor", _cores_busy(now, room)), ("GPU", now.card_busy)):
        if busy is not None and busy * (1.0 + LEAST_GAIN) > 1.0:
            yield now.workers, f"they keep the {what} {busy:.0%} busy."
    if room.free_mb is not None and now.resident_mb:
        fit = int(SHARE_OF_MEMORY * room.free_mb / now.resident_mb)
        yield now.workers + fit, f"a worker holds {now.resident_mb:.0f} MB of memory, and {room.free_mb:.0f} are free."
    if room.cards:
        yield _fit_on_cards(now, room)


def _fit_on_cards(now: Stretch, room: Room) -> tuple[int, str]:
    """Workers that have room on their cards; one for each where the driver does not say what is free."""
    held, fit = now.card_mb or MEMORY_ON_A_CARD_MB, now.workers
    places = [None if free is None else int(SHARE_OF_MEMORY * free / held) for free in room.cards_free_mb]
    while fit < room.most:
        place = places[fit % room.cards]
        if place == 0 or (place is None and fit >= room.cards):
            break
        places[fit % room.cards] = None if place is None else place - 1
        fit += 1
    free = room.cards_free_mb[fit % room.cards]
    if free is None:
        return fit, "the GPU's driver does not say what is free on it."
    return fit, f"a worker holds {held:.0f} MB of its GPU, and {free:.0f} are free."


def machine_text(cores: int, cards: int) -> str:
    """E.g. `the 16 cores and 1 GPU of this machine`."""
    gpus = f"{cards} GPU{'s' if cards > 1 else ''}" if cards else "no GPU"
    return f"the {cores} core{'s' if cores > 1 else ''} and {gpus} of this machine"


def _cores_busy(now: Stretch, room: Room) -> float | None:
    if now.cpu_seconds is None:
        return None
    return min(now.rate * now.cpu_seconds / room.cores, 1.0)


def _rate(now: Stretch) -> str:
    return f"{now.workers} {'make' if now.workers > 1 else 'makes'} {now.rate:.3g} frames a second"


def _used(now: Stretch, room: Room) -> str:
    parts = (("cores", _cores_busy(now, room)), ("GPU", now.card_busy))
    said = [f"{what} {busy:.0%} busy" for what, busy in parts if busy is not None]
    return f" ({', '.join(said)})" if said else ""
