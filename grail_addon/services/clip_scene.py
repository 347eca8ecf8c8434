# SPDX-License-Identifier: GPL-3.0-or-later
"""Follows person and object through a clip with classical measures: what changed against the first frame, whose colours it
has, what hangs together. The masks of the conditioning frame say what is what at the start."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..core.arrays import Array, Mask
from ..core.video.scene_gate import SceneFacts

Rgb = NDArray[np.float32]

WIDTH = 320
"""Pixels across at which a clip is followed."""

SAMPLES = 16
LEVELS = 10
"""Steps of each channel in the colour histograms."""

LEAST_CHANGE = 0.07
START_CHANGE = 0.14
RIM = 5
"""Pixels by which masks are widened before the background begins: soft edges, shadows of contact."""

LEAST_SHARE = 0.1
"""Share of the object that a part with its colours has at least; less is a speck of the room."""

MIN_PART = 24
"""Least pixels of a part that counts; less is noise of the encoder."""


@dataclass(frozen=True)
class _Start:
    """The first frame: person and object as its masks tell, their colours, and the rest."""

    frame: Rgb
    person: Mask
    thing: Mask
    background: Mask
    colours: dict[str, Array]

    def of(self, name: str, picture: Rgb) -> Mask:
        """Where a picture has colours that are more those of `name` than of anything else."""
        index = _bins(picture)
        mine = self.colours[name][index]
        others = np.stack([table[index] for other, table in self.colours.items() if other != name])
        return np.asarray((mine > others.max(axis=0)) & (mine > 0))


def measure_scene(shots: list[tuple[float, Rgb]], conditioning: Rgb, person: Mask, thing: Mask) -> SceneFacts:
    """shots: (seconds, rgb (h, w, 3) 0..1), the first is the reference; conditioning: the frame that was sent, at that size;
    person, thing: its masks (h, w). Raises ValueError where they cover the whole picture."""
    thing = thing & ~person  # of the object only what is seen
    start = _start(shots[0][1], person, thing)
    if not start.background.any():
        raise ValueError("the masks leave nothing of the picture that could be the background")
    even = [(seconds, _evened(shot, start)) for seconds, shot in shots]
    noise = [float(np.median(np.abs(shot - start.frame)[start.background])) for _, shot in even[1:]] or [0.0]
    limit = max(LEAST_CHANGE, 5.0 * min(noise))
    steps = [_Step(start, seconds, shot, limit) for seconds, shot in even[1:]]
    jumps = [
        (float((_difference(now[1], before[1]) > limit)[start.background].mean()), now[0])
        for before, now in itertools.pairwise(even)
    ] or [(0.0, 0.0)]
    jump, jump_at = max(jumps)
    seen = [step.person_seen for step in steps] or [1.0]
    lost = [step.seconds for step in steps if step.person_seen < 0.35]
    strangers = _twice([(step.stranger, step.seconds) for step in steps])
    growth = _twice([(step.growth, step.seconds) for step in steps])
    moved = _twice([(step.moved, step.seconds) for step in steps])
    gaps = [step.hand_gap for step in steps if step.hand_gap is not None]
    pixels = int(thing.sum())
    last = steps[-2:]
    return SceneFacts(
        jump=jump, jump_at=jump_at,
        person_seen=float(np.mean(seen[-2:])), person_lost_at=lost[0] if lost else 0.0,
        stranger=strangers[0], stranger_at=max(strangers, growth)[1] if strangers[0] > 0 else growth[1], growth=growth[0],
        object_pixels=pixels,
        distinct=float(start.of("thing", start.frame)[thing].mean()) if pixels else 0.0,
        start_change=_start_change(start, conditioning), moved=moved[0],
        kept=min((step.kept for step in steps), default=1.0), kept_at_end=float(np.mean([s.kept for s in last])) if last else 1.0,
        covered=float(np.mean([s.covered for s in last])) if last else 0.0,
        object_seen=float(np.mean([s.object_seen for s in last])) if last else 1.0,
        hand_gap=float(np.median(gaps)) if gaps else None,
    )  # fmt: skip


def _twice(found: list[tuple[float, float]]) -> tuple[float, float]:
    """The largest value that two samples in a row reach, and when: one sample alone may be a flicker."""
    pairs = [(min(a[0], b[0]), a[1]) for a, b in itertools.pairwise(found)]
    return max(pairs, default=(0.0, 0.0))


def _start(frame: Rgb, person: Mask, thing: Mask) -> _Start:
    background = ~_grown(person | thing, RIM)
    parts = {"person": person, "thing": thing, "background": background}
    return _Start(frame, person, thing, background, {name: _histogram(frame, mask) for name, mask in parts.items()})


def _bins(picture: Rgb) -> NDArray[np.int64]:
    level = np.clip((picture * LEVELS).astype(np.int64), 0, LEVELS - 1)
    return np.asarray((level[..., 0] * LEVELS + level[..., 1]) * LEVELS + level[..., 2])


def _histogram(picture: Rgb, mask: Mask) -> Array:
    """Share of each colour under the mask, each spread over its neighbours."""
    counts = np.bincount(_bins(picture)[mask], minlength=LEVELS**3).astype(np.float64).reshape((LEVELS,) * 3)
    for axis in range(3):
        counts = counts + 0.5 * (_shifted(counts, axis, 1) + _shifted(counts, axis, -1))
    return np.asarray((counts / max(1.0, counts.sum())).ravel())


def _shifted(values: Array, axis: int, by: int) -> Array:
    moved = np.roll(values, by, axis)
    edge = [slice(None)] * 3
    edge[axis] = slice(0, 1) if by > 0 else slice(-1, None)
    moved[tuple(edge)] = 0.0
    return moved


def _evened(shot: Rgb, start: _Start) -> Rgb:
    """A frame with the brightness of each channel as in the first one, by the background."""
    mine, first = shot[start.background], start.frame[start.background]
    if len(mine) == 0:
        return shot
    gain = np.median(first, axis=0) / np.maximum(np.median(mine, axis=0), 1e-3)
    return np.asarray(np.clip(shot * np.clip(gain, 0.7, 1.4), 0.0, 1.0), np.float32)


def _difference(one: Rgb, other: Rgb) -> Array:
    """Largest difference of the channels, averaged over 3 x 3 pixels."""
    wide = np.pad(np.abs(one - other).max(axis=2), 1, mode="edge")
    rows = wide[:-2] + wide[1:-1] + wide[2:]
    return np.asarray((rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]) / 9.0)


def _start_change(start: _Start, conditioning: Rgb) -> float:
    """Share of the object and of a rim as wide as a quarter of it that differs from the conditioning frame."""
    if not start.thing.any():
        return 0.0
    rows, columns = np.nonzero(start.thing)
    rim = max(2, round(0.25 * max(np.ptp(rows), np.ptp(columns))))
    near = _grown(start.thing, rim) & ~start.person
    different = (_difference(start.frame, _evened(conditioning, start)) > START_CHANGE)[near]
    return float(different.sum()) / float(start.thing.sum())


class _Step:
    """One later sample against the first frame."""

    def __init__(self, start: _Start, seconds: float, shot: Rgb, limit: float) -> None:
        self.seconds = seconds
        changed = _difference(shot, start.frame) > limit
        person_like, thing_like = start.of("person", shot), start.of("thing", shot)
        person, thing = float(max(1, start.person.sum())), float(max(1, start.thing.sum()))
        kept_person = start.person & ~changed
        outside = changed & start.background
        shows_person = kept_person | (changed & person_like)
        shows_thing = (start.thing & ~changed) | _parts(changed & thing_like, LEAST_SHARE * thing)
        self.person_seen = float(shows_person.sum()) / person
        self.kept = float((start.thing & ~changed).sum()) / thing
        self.covered = float((start.thing & changed & person_like).sum()) / thing
        self.object_seen = float(shows_thing.sum()) / thing
        away = _without_specks(changed & thing_like & ~_grown(start.thing, 2))
        self.moved = float(away.sum()) / thing
        self.growth = float(kept_person.sum() + (start.thing & ~changed).sum() + outside.sum()) / (person + thing)
        # what has the colours of neither person nor room may be the object, brought nearer: twice its size is let pass
        foreign = _largest(outside & ~person_like & ~start.of("background", shot)) - 2.0 * thing
        alike = self._stranger(start, outside & ~thing_like, person_like, kept_person, person)
        self.stranger = max(alike, foreign / person)
        limbs = _person_parts(start, changed & person_like, person)
        self.hand_gap = _gap(away, kept_person | limbs) if self.moved > 0.2 else None

    @staticmethod
    def _stranger(start: _Start, outside: Mask, person_like: Mask, kept_person: Mask, person: float) -> float:
        """Area of the largest part that appears away from person and object, as a share of the person's."""
        near = _grown(start.person | start.thing, RIM + 3)
        here = float(kept_person.sum()) / person > 0.5
        largest = 0.0
        for part in parts_of(outside):
            rows, columns = part
            if len(rows) < MIN_PART or near[rows, columns].any():
                continue
            if here or float(person_like[rows, columns].mean()) < 0.4:
                largest = max(largest, len(rows) / person)
        return largest


def _parts(mask: Mask, pixels: float) -> Mask:
    """The parts of a mask that have so many pixels."""
    found = np.zeros_like(mask)
    for rows, columns in parts_of(mask):
        if len(rows) >= pixels:
            found[rows, columns] = True
    return found


def _largest(mask: Mask) -> float:
    """Pixels of the largest part of a mask that counts."""
    return float(max((len(rows) for rows, _ in parts_of(mask) if len(rows) >= MIN_PART), default=0))


def _person_parts(start: _Start, person_like: Mask, person: float) -> Mask:
    """What looks like the person and hangs together with the place where the person stood, or is a good part of a person:
    the mixed colours of a moving edge are neither."""
    near = _grown(start.person, RIM)
    found = np.zeros_like(person_like)
    for rows, columns in parts_of(person_like):
        if len(rows) >= MIN_PART and (near[rows, columns].any() or len(rows) > 0.1 * person):
            found[rows, columns] = True
    return found


def _gap(one: Mask, other: Mask) -> float | None:
    """Smallest distance between two sets of pixels, as a share of the picture's diagonal."""
    a, b = np.argwhere(one)[::3], np.argwhere(other)[::3]
    if len(a) == 0 or len(b) == 0:
        return None
    nearest = min(float(((b - point) ** 2).sum(axis=1).min()) for point in a[:: max(1, len(a) // 60)])
    return float(np.sqrt(nearest) / np.hypot(one.shape[0], one.shape[1]))


def _grown(mask: Mask, pixels: int) -> Mask:
    """A mask widened by a square of that half-width."""
    wide = mask
    for axis in (0, 1):
        result = wide.copy()
        for by in range(1, pixels + 1):
            low, high = [slice(None)] * 2, [slice(None)] * 2
            low[axis], high[axis] = slice(None, -by), slice(by, None)
            result[tuple(low)] |= wide[tuple(high)]
            result[tuple(high)] |= wide[tuple(low)]
        wide = result
    return wide


def _without_specks(mask: Mask) -> Mask:
    """Only pixels with at least four of their eight neighbours set."""
    wide = np.pad(mask.astype(np.int32), 1)
    rows = wide[:-2] + wide[1:-1] + wide[2:]
    count = rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]
    return np.asarray(mask & (count >= 5))


def parts_of(mask: Mask) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Rows and columns of each set of pixels that hang together by their sides, found by spreading row by row."""
    left = _without_specks(mask)
    labels = np.where(left, np.arange(1, left.size + 1).reshape(left.shape), 0)
    while True:
        spread = labels.copy()
        for axis in (0, 1):
            low, high = [slice(None)] * 2, [slice(None)] * 2
            low[axis], high[axis] = slice(None, -1), slice(1, None)
            spread[tuple(low)] = np.maximum(spread[tuple(low)], labels[tuple(high)])
            spread[tuple(high)] = np.maximum(spread[tuple(high)], labels[tuple(low)])
        spread[~left] = 0
        # a label is itself a place whose own label may be larger by now: follow it at once
        spread[left] = np.maximum(spread[left], spread.ravel()[spread[left] - 1])
        if np.array_equal(spread, labels):
            break
        labels = spread
    rows, columns = np.nonzero(labels)
    names = labels[rows, columns]
    order = np.argsort(names, kind="stable")
    cuts = np.flatnonzero(np.diff(names[order])) + 1
    return [(rows[some], columns[some]) for some in np.split(order, cuts)] if len(order) else []
