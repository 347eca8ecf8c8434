# SPDX-License-Identifier: GPL-3.0-or-later
"""Spoilt stages of the starter scenes: what can go wrong in every task, and what only in one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from grail_addon.core.pose import Pose
from grail_addon.core.rotations import from_euler_deg
from tests.render.gate_cases import (
    EDGES,
    FEET,
    INTO,
    PARTS,
    SMALL,
    Bad,
    aim,
    cut_short,
    gone,
    grown,
    noisy,
    obstacle,
    settle,
    shifted,
    stood,
    swapped,
)  # fmt: skip
from tests.render.gate_spoils import Place, Spoil

REGIONS = (
    "seat_visible_share",
    "seat_approach_visible_share",
    "step_visible_share",
    "landing_visible_share",
    "floor_reach_visible_share",
)
SEEN = (
    *EDGES,
    *PARTS,
    *SMALL,
    *REGIONS,
    "head_visible_share",
    "character_clear_share",
    "near_share",
    "depth_known_share",
    "character_height",
)


@dataclass(frozen=True)
class Facts:
    """What the general faults need to know of a task. category: the object they are tried on; person: where its
    person stands; screen: a place between person and camera; target: of the camera."""

    category: str
    person: tuple[float, float]
    screen: tuple[float, float]
    target: tuple[float, float, float]


def turned(z_deg: float, x_deg: float = 0.0, z: float = 0.0) -> Callable[[Any], Place]:
    """The object turned, about x first, then about z, and lifted."""

    def place(placed: Any) -> Place:
        rotation = from_euler_deg((x_deg, 0.0, z_deg)) @ placed.obj.rotation
        return Place(obj=Pose(rotation, np.add(placed.obj.translation, (0.0, 0.0, z)), placed.obj.scale))

    return place


def general(facts: Facts) -> tuple[Bad, ...]:
    """Faults that any task may have."""
    x, y = facts.person
    tx, ty, tz = facts.target
    cases = (
        Bad("camera too close", aim(radius=0.7), ("camera_distance",), "camera is too close", (*SEEN, "target_offset")),
        Bad("camera too far", aim(radius=13.0), ("camera_distance",), "camera is too far", (*SEEN, "camera_height")),
        Bad(
            "camera looks from the ceiling",
            aim(elevation_deg=75.0),
            ("camera_pitch",),
            "looks down too steeply",
            (*SEEN, "face_angle", "camera_height"),
        ),
        Bad("animated camera", Spoil(animated=True), ("camera_animated",), "camera is animated"),
        Bad(
            "covered lens",
            Spoil(lens=0.1),
            ("near_share", "head_visible_share"),
            "right before the lens by lens_cap",
            (*SEEN, "contrast", "exposure", "clipped_low_share"),
        ),
        Bad("cropped feet", aim(target=(tx, ty, tz + 0.75)), FEET, "foot is outside the frame by", SEEN),
        Bad("lights off", Spoil(light=0.0), ("exposure",), "picture is too dark", ("contrast", "clipped_low_share")),
        Bad("noisy picture", Spoil(files=noisy), ("noise",), "picture is noisy"),
        Bad("missing mask", Spoil(files=gone("human_mask")), ("sidecars_missing",), "1 file missing: human_mask"),
        Bad(
            "camera file of another seed",
            Spoil(files=swapped("camera_json")),
            ("sidecars_wrong_seed", "sidecars_unproved"),
            "camera_json (seed 2)",
        ),
        Bad("mask cut short", Spoil(files=cut_short("object_mask")), ("sidecars_unproved",), "object_mask"),
        Bad("mask too wide", Spoil(files=grown), ("sidecars_unproved",), "object_mask"),
        Bad(
            "person floats",
            Spoil(place=stood(x, y, 0.03)),
            ("character_floor_gap",),
            "character floats 30.0 mm above floor",
            SEEN,
        ),
        Bad(
            "feet below the floor",
            Spoil(place=stood(x, y, -0.04)),
            ("character_floor_penetration",),
            "character cuts 40.0 mm into floor",
            (*SEEN, *INTO),
        ),
        Bad(
            "person behind a screen",
            obstacle("screen", (*facts.screen, 0.0), (0.55, 0.55, 1.8)),
            ("head_visible_share",),
            "hidden by screen",
            (*SEEN, *INTO),
        ),
        Bad(
            "object out of the frame",
            Spoil(place=shifted(x=6.0, y=-6.0)),
            ("object_edge", "object_visible_share"),
            "object is outside the frame by",
            (*SEEN, "object_support_gap", "object_support_penetration", "depth_object_share"),
        ),
        Bad(
            "object floats", Spoil(place=shifted(z=0.02)), ("object_support_gap",), "object floats 20.0 mm above", SEEN
        ),
    )
    return tuple(replace(case, spoil=replace(case.spoil, category=facts.category)) for case in cases)


TABLE = Facts("mug", (-0.58, 0.0), (-0.09, -0.35), (0.0, 0.0, 0.65))
GROUND = Facts("toy_truck", (-0.55, 0.0), (-0.05, -0.36), (-0.2, 0.0, 0.6))
SIT = Facts("chair", (-0.25, -1.07), (0.07, -1.63), (0.0, -0.45, 0.6))
STAIRS = Facts("SynStairs_stairs", (0.0, -1.1), (0.43, -1.65), (-0.3, 0.3, 0.85))


def of(category: str, spoil: Spoil) -> Spoil:
    return replace(spoil, category=category)


BAD: dict[str, tuple[Bad, ...]] = {
    "pickup_table": (
        *general(TABLE),
        Bad("object behind a lamp", of("mug", obstacle("desk_lamp", (0.1, -0.2, 0.6), (0.3, 0.1, 0.4))), ("object_visible_share",), "object is hidden by desk_lamp", SEEN),
        Bad("object cuts into the table", of("teapot", Spoil(place=shifted(z=-0.006))), ("object_support_penetration",), "into table", SEEN),
        Bad("person in the table", of("mug", Spoil(place=stood(-0.33))), ("character_furniture_penetration",), "into table", (*SEEN, *INTO)),
        Bad("person looks away", of("mug", Spoil(place=stood(-0.58, turn_deg=225.0))), ("face_angle",), "face is turned", PARTS),
        Bad("pose not stable", of("teapot", Spoil(rest=settle(stable=False))), ("settle_stable",), "not stable"),
    ),
    "pickup_ground": (
        *general(GROUND),
        Bad("reach zone behind a crate", of("toy_truck", obstacle("crate", (0.2, -0.5, 0), (1.5, 0.2, 0.35))), ("floor_reach_visible_share",), "floor within reach is hidden by crate", SEEN),
        Bad("object behind a board", of("toy_truck", obstacle("vase", (0.12, -0.14, 0), (0.34, 0.02, 0.28))), ("object_visible_share",), "object is hidden by vase", SEEN),
        Bad("object sunk in the floor", of("toy_truck", Spoil(place=shifted(z=-0.03))), ("object_support_penetration",), "into floor", SEEN),
        Bad("object under the feet", of("toy_truck", Spoil(place=stood(-0.05))), ("character_object_penetration",), "into object", (*SEEN, *INTO, "character_object_contained")),
        Bad("person looks away", of("toy_truck", Spoil(place=stood(-0.55, turn_deg=225.0))), ("face_angle",), "face is turned", PARTS),
    ),
    "sitting": (
        *general(SIT),
        Bad("seat behind a cupboard", of("chair", obstacle("crate", (0.3, -0.75, 0), (0.9, 0.1, 0.95))), ("seat_visible_share",), "seat is hidden by crate", SEEN),
        Bad("seat behind a lampshade", of("stool", obstacle("lampshade", (0.2, -0.5, 0.35), (0.7, 0.05, 0.5))), ("seat_visible_share",), "seat is hidden by lampshade", SEEN),
        Bad("chair turned its back", of("armchair", Spoil(place=turned(180.0))), ("seat_visible_share",), "seat is hidden by the object", SEEN),
        Bad("way to the seat behind a board", of("stool", obstacle("screen", (0.1, -1.3, 0), (1.6, 0.05, 0.5))), ("seat_approach_visible_share",), "approach side of the seat is hidden by screen", SEEN),
        Bad("something on the way to the seat", of("chair", obstacle("crate", (-0.12, -0.58, 0), (0.75, 0.75, 0.3))), ("seat_approach_visible_share",), "approach side", (*SEEN, *INTO)),
        Bad("chair hangs in the air", of("chair", Spoil(place=shifted(z=0.6))), ("seat_visible_share", "object_support_gap"), "seat could not be measured", SEEN),
        Bad("person in the chair", of("armchair", Spoil(place=stood(-0.03, -0.3))), ("character_object_penetration",), "into object", (*SEEN, *INTO, "character_object_contained")),
        Bad("chair sunk in the floor", of("bench", Spoil(place=shifted(z=-0.05))), ("object_support_penetration",), "into floor", SEEN),
        Bad("pose not stable", of("stool", Spoil(rest=settle(stable=False))), ("settle_stable",), "not stable"),
    ),
    "terrain_stairs": (
        *general(STAIRS),
        Bad("step behind a board", of("SynStairs_stairs", obstacle("screen", (0.5, -0.6, 0), (1.6, 0.05, 0.5))), ("step_visible_share",), "screen", SEEN),
        Bad("landing out of the frame", of("SynStairs_stairs", aim(target=(-2.6, -1.2, 0.6), radius=4.0)), ("landing_visible_share",), "landing is hidden (outside the frame)", SEEN),
        Bad("landing behind a lampshade", of("GenStairs_stairs", obstacle("lampshade", (0.9, 0.4, 0.8), (1.6, 0.05, 0.9))), ("landing_visible_share",), "landing is hidden by lampshade", SEEN),
        Bad("stairs seen from behind", of("SynStairs_stairs", Spoil(place=turned(180.0))), ("step_visible_share",), "the object", (*SEEN, *INTO, "object_support_gap", "object_support_penetration", "character_object_contained")),
        Bad("stairs sunk in the ground", of("SynStairs_stairs_with_handrail", Spoil(place=shifted(z=-0.05))), ("object_support_penetration",), "mm into", SEEN),
        Bad("person in the stairs", of("SynStairs_stairs", Spoil(place=stood(0.0, 0.4))), ("character_object_penetration",), "into object", (*SEEN, *INTO, "character_object_contained")),
        Bad("kerb behind a hoarding", of("Terrain_curb", obstacle("screen", (0.9, -0.9, 0), (2.9, 0.05, 1.0))), ("step_visible_share",), "screen", SEEN),
        Bad("slope out of the frame", of("Terrain_slope", aim(target=(-3.4, -1.4, 0.6), radius=4.0)), ("step_visible_share",), "outside the frame", SEEN),
    ),
}  # fmt: skip
