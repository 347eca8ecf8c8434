# SPDX-License-Identifier: GPL-3.0-or-later
"""Clips of our own stage as plain data: what is to be seen in each of their pictures, and how each is to be judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Metres3 = tuple[float, float, float]
Picture = NDArray[np.float64]
"""(h, w, 3), 0..255."""

PICTURES = 9
"""A clip shows this many pictures, each for the same time."""


@dataclass(frozen=True)
class Shown:
    """What differs from the conditioning frame. Metres and degrees.

    thing: the object is moved; thing_size: its factor; thing_colour: painted over. walk, turn: of the whole person; reach:
    how far the left hand is on its way to the object, 0..1; holds: it goes along with the object. orbit: the camera moves
    about the object; pan, roll: it turns; dolly: it is moved; zoom: factor of its lens. other: where a second person stands,
    from the first; crate: where one stands, likewise.
    """

    thing: Metres3 = (0.0, 0.0, 0.0)
    thing_seen: bool = True
    thing_size: float = 1.0
    thing_colour: Metres3 | None = None
    walk: Metres3 = (0.0, 0.0, 0.0)
    turn: float = 0.0
    person_seen: bool = True
    reach: float = 0.0
    holds: bool = True
    orbit: float = 0.0
    pan: float = 0.0
    roll: float = 0.0
    dolly: Metres3 = (0.0, 0.0, 0.0)
    zoom: float = 1.0
    other: tuple[float, float] | None = None
    crate: Metres3 | None = None


FIRST = Shown()
Script = tuple[Shown, ...]


def moved(x: float = 0.0, y: float = 0.0, z: float = 0.0, back: bool = False) -> Script:
    """The left hand takes the object and moves it by (x, y, z); back: and puts it where it was."""
    shares = (0.0, 0.0, 0.0, 0.33, 0.67, 1.0, *((0.5, 0.0, 0.0) if back else (1.0, 1.0, 1.0)))
    reach = (0.0, 0.5, 1.0, 1.0, 1.0, 1.0, 1.0, 0.5 if back else 1.0, 0.0 if back else 1.0)
    return tuple(
        Shown(thing=(x * share, y * share, z * share), reach=r) for share, r in zip(shares, reach, strict=True)
    )


def changed(script: Script, since: int, **what: object) -> Script:
    """The script with other values from the picture `since` on."""
    return tuple(replace(shown, **what) if number >= since else shown for number, shown in enumerate(script))  # type: ignore[arg-type]


def along(script: Script, name: str, values: tuple[object, ...]) -> Script:
    """The script with one value for each picture."""
    return tuple(replace(shown, **{name: value}) for shown, value in zip(script, values, strict=True))  # type: ignore[arg-type]


STILL: Script = (FIRST,) * PICTURES
LIFT = moved(z=0.22)


@dataclass(frozen=True)
class Film:
    """words: part of the reason that is expected, empty for a clip that is good. spoil: changes a finished picture, given
    its number."""

    name: str
    stage: str
    script: Script
    words: str = ""
    spoil: Callable[[Picture, int], Picture] | None = None


def flicker(picture: Picture, number: int) -> Picture:
    return picture * (1.0 + 0.06 * np.sin(2.1 * number))


def grain(picture: Picture, number: int) -> Picture:
    return picture + np.random.default_rng(number).normal(scale=6.0, size=picture.shape)


def late(*values: float, still: float = 0.0) -> tuple[float, ...]:
    """Values of the last four pictures, the third one twice: of those in which a lifted object is held."""
    return (still,) * 5 + (values[0], values[1], values[2], values[2])


SITS: Script = tuple(
    Shown(walk=(0.0, y, z), turn=turn)
    for y, z, turn in (
        (0, 0, 0), (0.2, 0, 0), (0.4, 0, 45), (0.6, 0, 110), (0.72, 0, 180), (0.8, -0.2, 180), (0.86, -0.32, 180),
        (0.86, -0.32, 180), (0.86, -0.32, 180),
    )
)  # fmt: skip
CLIMBS: Script = tuple(
    Shown(walk=(0.0, y, z))
    for y, z in ((0, 0), (0.4, 0), (0.8, 0), (1.2, 0.15), (1.5, 0.3), (1.8, 0.45), (2.1, 0.6), (2.1, 0.6), (2.1, 0.6))
)

FILMS = (
    # good ones
    Film("lift", "can", LIFT),
    Film("lift and put back", "can", moved(z=0.22, back=True)),
    Film("lift high", "can", moved(z=0.35)),
    Film("carry along the table", "can", moved(y=0.3, z=0.08)),
    Film("push along the table", "can", moved(y=-0.26)),
    Film("pull to the body", "can", moved(x=-0.2, y=0.12)),
    Film("lift while the light flickers", "can", LIFT, spoil=flicker),
    Film("lift in a grainy clip", "can", LIFT, spoil=grain),
    Film("lift with a step aside", "can", along(LIFT, "walk", tuple((0.0, v, 0.0) for v in (0, 0, 0, 0.02, 0.05, 0.08, 0.1, 0.1, 0.1)))),
    Film("mug is lifted", "mug", LIFT),
    Film("mug is pushed", "mug", moved(y=0.25)),
    Film("truck from the floor", "truck", moved(z=0.4)),
    Film("truck is held up and put down", "truck", moved(z=0.35, back=True)),
    Film("sits down", "chair", SITS),
    Film("climbs", "stairs", CLIMBS),
    # the camera
    Film("camera pans", "can", along(LIFT, "pan", late(1.5, 3.0, 4.5)), "camera moves"),
    Film("camera goes round", "can", along(LIFT, "orbit", late(2.0, 5.0, 8.0)), "camera moves"),
    Film("camera zooms", "can", along(LIFT, "zoom", late(1.03, 1.07, 1.12, still=1.0)), "camera moves"),
    Film("camera shakes", "can", along(LIFT, "roll", late(1.5, -1.5, 1.5)), "camera moves"),
    Film("cut to another side", "can", changed(LIFT, 5, orbit=50.0), "jumps"),
    Film("cut closer", "can", changed(LIFT, 6, zoom=1.7), "jumps"),
    # the object
    Film("object vanishes in the hand", "can", changed(LIFT, 6, thing_seen=False), "not seen at the end"),
    Film("object vanishes from the table", "can", changed(STILL, 3, thing_seen=False), "not seen at the end"),
    Film("object only touched", "can", along(STILL, "reach", (0, 0.4, 0.8, 0.9, 0.9, 0.9, 0.6, 0.3, 0)), "not moved"),
    Film("nothing happens", "can", STILL, "not moved"),
    Film("nothing happens to the truck", "truck", STILL, "not moved"),
    Film("object flies by itself", "mug", along(STILL, "thing", tuple((0.15 * s, 0.6 * s, 0.45 * s) for s in (0, 0, 0.2, 0.35, 0.45, 0.55, 0.55, 0.55, 0.55))), "no hand near"),
    Film("object of another colour", "can", changed(LIFT, 0, thing_colour=(0.1, 0.2, 0.8)), "does not start"),
    Film("object larger", "can", changed(LIFT, 0, thing_size=1.6), "does not start"),
    Film("object elsewhere", "can", along(LIFT, "thing", tuple((0.0, 0.3, s.thing[2]) for s in LIFT)), "does not start"),
    Film("object missing", "can", changed(LIFT, 0, thing_seen=False), "does not start"),
    Film("chair slides", "chair", along(SITS, "thing", tuple((0.7 * s, 0.0, 0.0) for s in (0, 0, 0, 0.3, 0.6, 1, 1, 1, 1))), "stays where it is"),
    Film("stairs slide", "stairs", along(CLIMBS, "thing", tuple((0.8 * s, 0.0, 0.0) for s in (0, 0, 0, 0.3, 0.6, 1, 1, 1, 1))), "stays where it is"),
    # people
    Film("person walks out", "can", along(moved(z=0.2, back=True), "walk", tuple((0.0, -v, 0.0) for v in (0, 0, 0, 0, 0, 0, 0.8, 2.6, 3.6))), "not in view to the end"),
    Film("person vanishes", "can", changed(LIFT, 6, person_seen=False), "not in view to the end"),
    Film("second person", "can", along(LIFT, "other", (None, None, None, (-0.4, 2.0), (-0.3, 1.5), (-0.2, 1.1), (-0.2, 1.0), (-0.2, 1.0), (-0.2, 1.0))), "else comes"),
    Film("crate rolls in", "can", along(LIFT, "crate", (None, None, None, (0.6, 1.8, 0), (0.5, 1.4, 0), (0.4, 1.1, 0), (0.4, 1.0, 0), (0.4, 1.0, 0), (0.4, 1.0, 0))), "else comes"),
)  # fmt: skip
