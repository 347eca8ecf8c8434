# SPDX-License-Identifier: GPL-3.0-or-later
"""What an instance of terrain measures: each number from a stream of its own, within a building code's range.

Metres and degrees. Stairs: IBC 2021 1011 and, for homes, IRC R311.7 (rise 102 to 196 mm, run 254 mm and more, width
914 mm and more, nosing 19 to 32 mm, handrail 864 to 965 mm over the nosings), and the stride of EN ISO 14122-3
(600 <= run + 2 rise <= 660 mm). Kerbs: 100 to 180 mm, the usual range of US and European street kerbs. Slopes: ramps
of ADA 405 and ISO 21542 (1:20 to 1:12) and, steeper, IBC 1012.2's pedestrian ramps (up to 1:8).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from ..streams import stream

Kind = Literal["stairs", "curb", "slope"]
KINDS: tuple[Kind, ...] = get_args(Kind)

RISE, RUN, STRIDE = (0.145, 0.190), (0.254, 0.320), (0.600, 0.660)
STEPS = (3, 5)
WIDTH = (0.95, 1.50)
LANDING = (0.95, 1.25)
NOSING = (0.019, 0.032)
RAIL_HEIGHT = (0.864, 0.965)
CURB_HEIGHT = (0.10, 0.18)
CURB_STONE = (0.12, 0.20)
PLATFORM = (1.30, 1.90)
PLATFORM_WIDTH = (2.0, 3.0)
SLOPE_RATIO = (8.0, 16.0)
SLOPE_RUN = (1.6, 2.3)

_SURFACES: dict[Kind, tuple[str, ...]] = {
    "stairs": ("concrete", "oak", "stone", "terrazzo"),
    "curb": ("pavers", "brick", "concrete"),
    "slope": ("concrete", "pavers", "stone", "brick"),
}


@dataclass(frozen=True)
class Stairs:
    """A straight flight that rises towards +y from y = 0, closed below, with a landing behind its last step.

    nosing: how far treads stand over their risers (0 = flush); rail_height: over the nosings, None without a handrail.
    """

    rise: float
    run: float
    steps: int
    width: float
    landing: float
    nosing: float
    rail_height: float | None
    surface: str

    @property
    def height(self) -> float:
        return self.rise * self.steps

    @property
    def depth(self) -> float:
        return self.run * (self.steps - 1) + self.landing


@dataclass(frozen=True)
class Curb:
    """A raised pavement from y = 0 on. stone: width of the kerbstones round it."""

    height: float
    stone: float
    width: float
    depth: float
    surface: str


@dataclass(frozen=True)
class Slope:
    """A ramp that rises towards +y from y = 0, and a landing behind it. ratio: run over rise; edge: height of the
    kerbs at its sides (0 = none)."""

    ratio: float
    run: float
    width: float
    landing: float
    edge: float
    rail_height: float | None
    surface: str

    @property
    def height(self) -> float:
        return self.run / self.ratio

    @property
    def angle_deg(self) -> float:
        return math.degrees(math.atan(1.0 / self.ratio))

    @property
    def depth(self) -> float:
        return self.run + self.landing


Terrain = Stairs | Curb | Slope


class _Draws:
    """Uniform draws of one instance, rounded to the millimetre."""

    def __init__(self, seed: int, kind: Kind, number: int) -> None:
        self._names = (seed, "terrain", kind, number)

    def between(self, factor: str, low: float, high: float) -> float:
        return round(float(stream(*self._names, factor).uniform(low, high)), 3)

    def whole(self, factor: str, low: int, high: int) -> int:
        return int(stream(*self._names, factor).integers(low, high + 1))

    def one_of(self, factor: str, options: Sequence[str]) -> str:
        return options[int(stream(*self._names, factor).integers(len(options)))]

    def chance(self, factor: str, share: float) -> bool:
        return float(stream(*self._names, factor).uniform()) < share


def _stairs(draws: _Draws) -> Stairs:
    rise = draws.between("rise", *RISE)
    run = draws.between("run", max(RUN[0], STRIDE[0] - 2 * rise), min(RUN[1], STRIDE[1] - 2 * rise))
    return Stairs(
        rise=rise,
        run=run,
        steps=draws.whole("steps", *STEPS),
        width=draws.between("width", *WIDTH),
        landing=draws.between("landing", *LANDING),
        nosing=draws.between("nosing", *NOSING) if draws.chance("has_nosing", 0.5) else 0.0,
        rail_height=draws.between("rail_height", *RAIL_HEIGHT) if draws.chance("has_rail", 0.5) else None,
        surface=draws.one_of("surface", _SURFACES["stairs"]),
    )


def _curb(draws: _Draws) -> Curb:
    return Curb(
        height=draws.between("height", *CURB_HEIGHT),
        stone=draws.between("stone", *CURB_STONE),
        width=draws.between("width", *PLATFORM_WIDTH),
        depth=draws.between("depth", *PLATFORM),
        surface=draws.one_of("surface", _SURFACES["curb"]),
    )


def _slope(draws: _Draws) -> Slope:
    return Slope(
        ratio=draws.between("ratio", *SLOPE_RATIO),
        run=draws.between("run", *SLOPE_RUN),
        width=draws.between("width", *WIDTH),
        landing=draws.between("landing", *LANDING),
        edge=draws.between("edge", 0.05, 0.10) if draws.chance("has_edge", 0.5) else 0.0,
        rail_height=draws.between("rail_height", *RAIL_HEIGHT) if draws.chance("has_rail", 0.4) else None,
        surface=draws.one_of("surface", _SURFACES["slope"]),
    )


def draw_terrain(kind: Kind, seed: int, number: int) -> Terrain:
    """Instance `number` (from 1) of the family that `seed` names; the same arguments give the same one."""
    draws = _Draws(seed, kind, number)
    if kind == "stairs":
        return _stairs(draws)
    return _curb(draws) if kind == "curb" else _slope(draws)


def describe(terrain: Terrain) -> dict[str, Any]:
    """All that was drawn and what follows from it, as JSON data; metres and degrees."""
    facts = {"kind": _kind_of(terrain), **asdict(terrain)}
    if isinstance(terrain, Stairs):
        facts |= {
            "height": round(terrain.height, 6),
            "depth": round(terrain.depth, 6),
            "handrail": terrain.rail_height is not None,
        }
    elif isinstance(terrain, Slope):
        facts |= {
            "height": round(terrain.height, 6),
            "depth": round(terrain.depth, 6),
            "angle_deg": round(terrain.angle_deg, 4),
            "handrail": terrain.rail_height is not None,
        }
    return facts


def _kind_of(terrain: Terrain) -> Kind:
    return "stairs" if isinstance(terrain, Stairs) else "curb" if isinstance(terrain, Curb) else "slope"
