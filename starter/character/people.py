# SPDX-License-Identifier: GPL-3.0-or-later
"""The starter people: who differs in what. All are adults, 1.32 m tall in the robot's proportions, on the same rig."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Colour = tuple[float, float, float]
USUAL: Mapping[str, Colour] = {"skin": (0.50, 0.285, 0.19), "hair": (0.045, 0.028, 0.018)}
"""Colours of the first person, where a part of the geometry is painted with them."""
KID_RACES: Mapping[str, float] = {"african": 1 / 3, "asian": 1 / 3, "caucasian": 1 / 3}


@dataclass(frozen=True)
class Shape:
    """Macro targets. male: 0 to 1; races: weights that sum to 1; muscle, weight: -1 (least) to 1 (most) of an adult;
    width: factor on the body's width and depth; face: adult targets of single features (below `targets/`) -> weight."""

    male: float = 0.5
    races: Mapping[str, float] = field(default_factory=lambda: KID_RACES)
    muscle: float = 0.0
    weight: float = 0.0
    width: float = 1.0
    face: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class HairStyle:
    """How the hair lies; lengths in metres before the figure's last scaling (about 0.78).

    top, sides: lengths on the crown and below it; cut: height at which long hair ends; bun: tied behind the head;
    parting: x of the line that hair falls to both sides of; fall: how much short hair hangs instead of being combed;
    sweep: sideways over the forehead, negative to the other side; back: combed backwards; receding: how much higher the
    hairline lies; sideburns: hair before the ear; lift, lift_most, volume, layers: how far the hair stands off; gather, stray, ragged: how much strands of a clump
    meet at the tip, part there, and differ in length; curl, turns: radius and windings; light: share of paler strands;
    dense: how much of the scalp's colour is the hair's.
    """

    top: float = 0.052
    sides: float = 0.016
    cut: float | None = None
    bun: bool = False
    parting: float | None = None
    fall: float = 0.35
    sweep: float = 0.75
    back: float = 0.0
    receding: float = 0.0
    sideburns: bool = True
    lift: float = 0.8
    lift_most: float = 0.030
    volume: float = 0.006
    layers: float = 0.006
    gather: float = 0.45
    stray: float = 0.002
    ragged: float = 0.15
    curl: float = 0.0
    turns: float = 1.5
    light: float = 0.0
    dense: float = 0.75
    strands: int = 6000
    clumps: int = 600
    points: int = 7


@dataclass(frozen=True)
class PersonSpec:
    """One starter person. colours: part -> linear RGB, in place of those of `materials.LOOKS`; beard: how much a
    shaved beard shows, 0 to 1; shirt: with collar and buttons, in place of a sweater."""

    name: str
    shape: Shape = field(default_factory=Shape)
    hair: HairStyle = field(default_factory=HairStyle)
    colours: Mapping[str, Colour] = field(default_factory=dict)
    beard: float = 0.0
    shirt: bool = False


def _clothes(sweater: Colour, trousers: Colour, shoe: Colour) -> dict[str, Colour]:
    """Colours of the clothes; `sweater` is the shirt's where a shirt is worn."""
    r, g, b = sweater
    top = {"sweater": sweater, "ribbing": (0.8 * r, 0.8 * g, 0.8 * b), "shirt": sweater}
    return {**top, "trousers": trousers, "shoe": shoe}


def _head(skin: Colour, hair: Colour, iris: Colour) -> dict[str, Colour]:
    r, g, b = hair
    dark = (0.7 * r, 0.7 * g, 0.7 * b)
    return {"skin": skin, "hair": hair, "brow": dark, "iris": iris}


KID = PersonSpec(
    "kid",
    Shape(
        face={
            "asym/asym-brown-1-l": 0.35,
            "asym/asym-mouth-1-r": 0.3,
            "asym/asym-nose-1-l": 0.3,
            "mouth/mouth-angles-up": 0.25,
        }
    ),
    beard=0.25,
)
PEOPLE: tuple[PersonSpec, ...] = (
    KID,
    PersonSpec(
        "person_a",
        Shape(
            male=0.05,
            races={"african": 0.05, "asian": 0.15, "caucasian": 0.8},
            weight=-0.2,
            width=0.97,
            face={"asym/asym-mouth-1-l": 0.3, "mouth/mouth-angles-up": 0.4, "asym/asym-eye-1-r": 0.3},
        ),
        HairStyle(
            cut=0.635,
            sideburns=False,
            curl=0.0015,
            turns=1.2,
            gather=0.3,
            parting=-0.022,
            points=11,
            lift=0.4,
            lift_most=0.004,
            strands=5000,
            ragged=0.08,
            light=0.12,
        ),
        _head((0.62, 0.37, 0.27), (0.20, 0.105, 0.045), (0.09, 0.13, 0.12))
        | _clothes((0.60, 0.57, 0.52), (0.045, 0.065, 0.125), (0.42, 0.085, 0.075)),
        shirt=True,
    ),
    PersonSpec(
        "person_b",
        Shape(
            male=0.95,
            races={"african": 0.92, "asian": 0.04, "caucasian": 0.04},
            muscle=0.4,
            width=0.97,
            face={"asym/asym-nose-1-r": 0.4, "asym/asym-brown-1-l": 0.4, "mouth/mouth-angles-up": 0.2},
        ),
        HairStyle(
            top=0.011,
            sides=0.006,
            fall=0.0,
            sweep=0.0,
            lift=1.6,
            volume=0.002,
            layers=0.002,
            gather=0.2,
            curl=0.0012,
            turns=1.5,
            dense=0.9,
            strands=7500,
            clumps=1500,
            points=5,
        ),
        _head((0.135, 0.062, 0.037), (0.012, 0.010, 0.009), (0.03, 0.017, 0.009))
        | _clothes((0.50, 0.36, 0.10), (0.20, 0.17, 0.12), (0.03, 0.03, 0.033)),
        beard=0.5,
    ),
    PersonSpec(
        "person_c",
        Shape(
            male=0.1,
            races={"african": 0.04, "asian": 0.92, "caucasian": 0.04},
            muscle=-0.2,
            width=0.98,
            face={"asym/asym-mouth-2-r": 0.3, "asym/asym-brown-2-l": 0.3, "mouth/mouth-angles-up": 0.3},
        ),
        HairStyle(
            bun=True,
            sideburns=False,
            lift=0.12,
            lift_most=0.002,
            volume=0.001,
            layers=0.005,
            gather=0.3,
            stray=0.0012,
            ragged=0.03,
            dense=0.85,
        ),
        _head((0.56, 0.335, 0.225), (0.016, 0.013, 0.012), (0.035, 0.02, 0.011))
        | _clothes((0.07, 0.16, 0.09), (0.42, 0.38, 0.31), (0.16, 0.07, 0.05)),
    ),
    PersonSpec(
        "person_d",
        Shape(
            male=1.0,
            races={"african": 0.0, "asian": 0.1, "caucasian": 0.9},
            weight=0.7,
            width=1.0,
            face={"head/head-age-incr": 0.8, "asym/asym-nose-2-l": 0.4, "asym/asym-mouth-1-r": 0.3},
        ),
        HairStyle(top=0.040, sides=0.012, fall=0.2, sweep=0.2, back=0.9, receding=0.014, dense=0.5, light=0.2),
        _head((0.57, 0.32, 0.235), (0.33, 0.31, 0.29), (0.06, 0.10, 0.16))
        | _clothes((0.30, 0.40, 0.55), (0.035, 0.04, 0.06), (0.10, 0.055, 0.03)),
        beard=0.55,
        shirt=True,
    ),
    PersonSpec(
        "person_e",
        Shape(
            male=0.85,
            races={"african": 0.3, "asian": 0.45, "caucasian": 0.25},
            muscle=0.1,
            weight=-0.3,
            width=0.95,
            face={"asym/asym-jaw-1-l": 0.4, "asym/asym-brown-1-r": 0.3, "nose/nose-hump-incr": 0.3},
        ),
        HairStyle(
            top=0.066, sides=0.026, fall=0.4, sweep=-0.5, curl=0.004, turns=1.6, volume=0.009, points=8, strands=5000
        ),
        _head((0.33, 0.175, 0.105), (0.022, 0.016, 0.012), (0.045, 0.025, 0.012))
        | _clothes((0.035, 0.05, 0.11), (0.16, 0.155, 0.15), (0.62, 0.60, 0.56)),
        beard=0.5,
        shirt=True,
    ),
)
