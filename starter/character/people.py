# SPDX-License-Identifier: GPL-3.0-or-later
"""The starter people: who differs in what. All are adults, 1.32 m tall in the robot's proportions, on the same rig."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Colour = tuple[float, float, float]
KID_RACES: Mapping[str, float] = {"african": 1 / 3, "asian": 1 / 3, "caucasian": 1 / 3}


@dataclass(frozen=True)
class Shape:
    """Macro targets. male: 0 to 1; races: weights that sum to 1; muscle, weight: -1 (least) to 1 (most) of an adult;
    width: factor on the body's width and depth."""

    male: float = 0.5
    races: Mapping[str, float] = field(default_factory=lambda: KID_RACES)
    muscle: float = 0.0
    weight: float = 0.0
    width: float = 1.0


@dataclass(frozen=True)
class HairStyle:
    """length: factor on the hair's lengths; fall: how much it hangs instead of being combed; sweep: sideways over the
    forehead, negative to the other side; back: combed backwards; receding: metres that the hairline lies higher."""

    length: float = 1.0
    fall: float = 0.35
    sweep: float = 0.75
    back: float = 0.0
    receding: float = 0.0


@dataclass(frozen=True)
class PersonSpec:
    """One starter person. colours: part -> linear RGB, in place of those of `materials.LOOKS`."""

    name: str
    shape: Shape = field(default_factory=Shape)
    hair: HairStyle = field(default_factory=HairStyle)
    colours: Mapping[str, Colour] = field(default_factory=dict)


def _clothes(sweater: Colour, trousers: Colour, shoe: Colour) -> dict[str, Colour]:
    r, g, b = sweater
    return {"sweater": sweater, "ribbing": (0.8 * r, 0.8 * g, 0.8 * b), "trousers": trousers, "shoe": shoe}


def _head(skin: Colour, hair: Colour, iris: Colour) -> dict[str, Colour]:
    r, g, b = hair
    dark = (0.55 * r, 0.55 * g, 0.55 * b)
    return {"skin": skin, "hair": hair, "hair cap": dark, "brow": dark, "iris": iris}


KID = PersonSpec("kid")
PEOPLE: tuple[PersonSpec, ...] = (
    KID,
    PersonSpec(
        "person_a",
        Shape(male=0.05, races={"african": 0.05, "asian": 0.15, "caucasian": 0.8}, weight=-0.2, width=0.97),
        HairStyle(length=2.6, fall=1.5, sweep=-0.9),
        _head((0.62, 0.37, 0.27), (0.20, 0.105, 0.045), (0.09, 0.13, 0.12))
        | _clothes((0.42, 0.085, 0.075), (0.055, 0.075, 0.13), (0.55, 0.54, 0.52)),
    ),
    PersonSpec(
        "person_b",
        Shape(male=0.95, races={"african": 0.92, "asian": 0.04, "caucasian": 0.04}, muscle=0.4, width=0.97),
        HairStyle(length=0.32, fall=0.1, sweep=0.1),
        _head((0.135, 0.062, 0.037), (0.012, 0.010, 0.009), (0.03, 0.017, 0.009))
        | _clothes((0.50, 0.36, 0.10), (0.20, 0.17, 0.12), (0.03, 0.03, 0.033)),
    ),
    PersonSpec(
        "person_c",
        Shape(male=0.1, races={"african": 0.04, "asian": 0.92, "caucasian": 0.04}, muscle=-0.2, width=0.98),
        HairStyle(length=1.7, fall=1.0, sweep=0.4),
        _head((0.56, 0.335, 0.225), (0.016, 0.013, 0.012), (0.035, 0.02, 0.011))
        | _clothes((0.07, 0.16, 0.09), (0.42, 0.38, 0.31), (0.16, 0.07, 0.05)),
    ),
    PersonSpec(
        "person_d",
        Shape(male=1.0, races={"african": 0.0, "asian": 0.1, "caucasian": 0.9}, weight=0.7, width=1.0),
        HairStyle(length=0.7, fall=0.2, sweep=0.2, back=0.9, receding=0.016),
        _head((0.57, 0.32, 0.235), (0.33, 0.31, 0.29), (0.06, 0.10, 0.16))
        | _clothes((0.33, 0.33, 0.34), (0.035, 0.04, 0.06), (0.10, 0.055, 0.03)),
    ),
    PersonSpec(
        "person_e",
        Shape(male=0.85, races={"african": 0.3, "asian": 0.45, "caucasian": 0.25}, muscle=0.1, weight=-0.3, width=0.95),
        HairStyle(length=1.25, fall=0.5, sweep=-0.4),
        _head((0.33, 0.175, 0.105), (0.022, 0.016, 0.012), (0.045, 0.025, 0.012))
        | _clothes((0.035, 0.05, 0.11), (0.16, 0.155, 0.15), (0.62, 0.60, 0.56)),
    ),
)
