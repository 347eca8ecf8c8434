# SPDX-License-Identifier: GPL-3.0-or-later
"""Which things there are, and writing them in the layout of a user's data folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import chairs
from .drill import cordless_drill
from .kitchen import canned_food, mug, teapot, water_bottle
from .leisure import camera, hand_weight, toy_truck
from .objfile import write_object
from .shapes import Part
from .tools import hammer, screwdriver, spray_bottle, watering_can

DATASET = "ComAsset"


@dataclass(frozen=True)
class StarterObject:
    """One object. build: life-size parts; obj_scale: what a config multiplies the raw mesh by; texture: atlas side, px."""

    category: str
    build: Callable[[], list[Part]]
    obj_scale: float = 2.5
    texture: int = 1024


OBJECTS: tuple[StarterObject, ...] = (
    StarterObject("cordless_drill", cordless_drill),
    StarterObject("hammer", hammer),
    StarterObject("screwdriver", screwdriver, texture=512),
    StarterObject("mug", mug),
    StarterObject("teapot", teapot),
    StarterObject("water_bottle", water_bottle),
    StarterObject("canned_food", canned_food),
    StarterObject("spray_bottle", spray_bottle),
    StarterObject("watering_can", watering_can),
    StarterObject("camera", camera),
    StarterObject("toy_truck", toy_truck),
    StarterObject("hand_weight", hand_weight),
)

SEATS: tuple[StarterObject, ...] = (
    StarterObject("chair", chairs.chair, 1.0),
    StarterObject("carver_chair", chairs.carver_chair, 1.0),
    StarterObject("stool", chairs.stool, 1.0),
    StarterObject("office_chair", chairs.office_chair, 1.0),
    StarterObject("armchair", chairs.armchair, 1.0),
    StarterObject("bench", chairs.bench, 1.0),
    StarterObject("club_chair", chairs.club_chair, 1.0),
)


def build_objects(root: Path) -> list[str]:
    """Write every thing and seat to {root}/ComAsset/{category}/model.obj with its textures; return the categories."""
    for thing in (*OBJECTS, *SEATS):
        write_object(root / DATASET / thing.category, thing.build(), thing.obj_scale, thing.texture)
    return [thing.category for thing in (*OBJECTS, *SEATS)]
