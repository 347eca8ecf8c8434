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
class Thing:
    """One object. build: life-size parts; obj_scale: what a config multiplies the raw mesh by; texture: atlas side, px."""

    category: str
    build: Callable[[], list[Part]]
    obj_scale: float = 2.5
    texture: int = 1024


THINGS: tuple[Thing, ...] = (
    Thing("cordless_drill", cordless_drill),
    Thing("hammer", hammer),
    Thing("screwdriver", screwdriver, texture=512),
    Thing("mug", mug),
    Thing("teapot", teapot),
    Thing("water_bottle", water_bottle),
    Thing("canned_food", canned_food),
    Thing("spray_bottle", spray_bottle),
    Thing("watering_can", watering_can),
    Thing("camera", camera),
    Thing("toy_truck", toy_truck),
    Thing("hand_weight", hand_weight),
)

SEATS: tuple[Thing, ...] = (
    Thing("chair", chairs.chair, 1.0),
    Thing("carver_chair", chairs.carver_chair, 1.0),
    Thing("stool", chairs.stool, 1.0),
    Thing("office_chair", chairs.office_chair, 1.0),
    Thing("armchair", chairs.armchair, 1.0),
    Thing("bench", chairs.bench, 1.0),
    Thing("club_chair", chairs.club_chair, 1.0),
)


def build_objects(root: Path) -> list[str]:
    """Write every thing and seat to {root}/ComAsset/{category}/model.obj with its textures; return the categories."""
    for thing in (*THINGS, *SEATS):
        write_object(root / DATASET / thing.category, thing.build(), thing.obj_scale, thing.texture)
    return [thing.category for thing in (*THINGS, *SEATS)]
