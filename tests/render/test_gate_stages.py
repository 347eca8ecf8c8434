# SPDX-License-Identifier: GPL-3.0-or-later
"""Proof of the gate on stages in Blender: every spoilt one is caught for the right reason, no good one fails.

Frames are made by the pipeline's own code at 256 x 144; a spoilt stage puts things where placement would refuse them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from grail_addon.core.files import read_json, write_json
from tests.gate_score import Score
from tests.render.gate_cases import (
    EDGES,
    FEET,
    INTO,
    PARTS,
    SMALL,
    Bad,
    aim,
    at,
    check_caught,
    check_good,
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
from tests.render.gate_spoils import Spoil

pytestmark = [pytest.mark.bpy, pytest.mark.slow]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    from tests.render.gate_bench import small_bench

    made = small_bench(tmp_path_factory.mktemp("gate"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def score(pytestconfig: pytest.Config) -> Iterator[Score]:
    counts = Score("stages in Blender")
    yield counts
    counts.show(pytestconfig)


BAD: tuple[Bad, ...] = (
    Bad("cropped feet", aim(target=(-0.2, 0, 1.1)), FEET, "foot is outside the frame by", ("character_in_frame_share", *PARTS)),
    Bad("head cropped", aim(target=(-0.2, 0, 0.33)), ("head_edge",), "head is outside the frame by", ("character_in_frame_share",)),
    Bad("hand behind the torso", Spoil(hand_back=True), ("left_hand_visible_share",), "left hand is hidden by its own body"),
    Bad("hand behind a vase", obstacle("vase", (-0.34, -0.62, 0), (0.2, 0.2, 0.85)), ("right_hand_visible_share",), "right hand is hidden by vase", (*PARTS, "character_clear_share")),
    Bad("head behind a lampshade", obstacle("lampshade", (-0.31, -0.62, 1.08), (0.4, 0.3, 0.4)), ("head_visible_share",), "head is hidden by lampshade"),
    Bad("feet behind a crate", obstacle("crate", (-0.2, -0.55, 0), (1.1, 0.1, 0.36)), ("left_foot_visible_share", "right_foot_visible_share"), "foot is hidden by crate", PARTS),
    Bad("person behind a screen", obstacle("screen", (-0.4, -0.65, 0), (0.8, 0.05, 1.8)), ("character_clear_share", "head_visible_share"), "character is hidden by screen", (*PARTS, *SMALL)),
    Bad("object behind the lamp", obstacle("desk_lamp", (0.1, -0.25, 0.6), (0.3, 0.1, 0.4)), ("object_visible_share",), "object is hidden by desk_lamp", SMALL),
    Bad("board before a pen", obstacle("desk_lamp", (0.1, -0.2, 0.6), (0.2, 0.02, 0.14), category="pen", place=at(0, 0, 0.6)), ("object_visible_share",), "object is hidden by desk_lamp", SMALL),
    Bad("object inside the table", Spoil(place=at(0, 0, 0.575, 0.15)), ("object_support_contained", "object_visible_share"), "wholly inside the other", (*SMALL, "object_support_penetration")),
    Bad("object floats by 5 mm", Spoil(place=shifted(z=0.005)), ("object_support_gap",), "object floats 5.0 mm above table"),
    Bad("object cuts in by 6 mm", Spoil(place=shifted(z=-0.006)), ("object_support_penetration",), "object cuts 6.0 mm into table"),
    Bad("object wholly in the character", Spoil(place=at(-0.6, 0, 0.88, 0.3)), ("character_object_contained", "object_visible_share"), "wholly inside the other", (*SMALL, "character_object_penetration", "object_support_gap")),
    Bad("hand in the object", Spoil(place=at(-0.4, -0.24, 0.65)), ("character_object_penetration",), "mm into object", ("object_support_gap", "object_support_penetration")),
    Bad("object out of the frame", Spoil(place=shifted(x=2.6)), ("object_edge", "object_visible_share"), "object is outside the frame by", (*SMALL, "object_support_gap")),
    Bad("object far too small", Spoil(place=at(0, 0, 0.6, 0.02)), ("object_area",), "object is too small", SMALL),
    Bad("person in the table", Spoil(place=stood(-0.33)), ("character_furniture_penetration",), "into table", (*PARTS, *INTO)),
    Bad("person through a wall", obstacle("screen", (-0.6, 0.02, 0), (1.2, 0.05, 2.0)), ("character_furniture_penetration",), "into screen", (*PARTS, "character_clear_share")),
    Bad("person wholly in a wardrobe", obstacle("crate", (-0.65, 0, 0), (0.6, 0.9, 1.6)), ("character_furniture_contained",), "wholly inside the other", (*PARTS, "character_clear_share", "head_visible_share", *INTO, *SMALL)),
    Bad("person floats", Spoil(place=stood(-0.6, 0, 0.03)), ("character_floor_gap",), "character floats 30.0 mm above floor"),
    Bad("feet below the floor", Spoil(place=stood(-0.6, 0, -0.04)), ("character_floor_penetration",), "character cuts 40.0 mm into floor", (*PARTS, *INTO)),
    Bad("person looks away", Spoil(place=stood(-0.6, turn_deg=210.0)), ("face_angle",), "face is turned", PARTS),
    Bad("camera too close", aim(radius=0.7, target=(-0.1, -0.1, 0.75)), ("camera_distance",), "camera is too close", (*EDGES, *PARTS, "head_visible_share", "near_share")),
    Bad("camera too far", aim(radius=13.0), ("camera_distance",), "camera is too far", (*SMALL, "character_height", "camera_height")),
    Bad("camera looks from the ceiling", aim(elevation_deg=75.0, radius=2.6), ("camera_pitch",), "looks down too steeply", (*EDGES, *PARTS, "face_angle", "camera_height")),
    Bad("camera on the floor", aim(elevation_deg=-9.5, radius=3.6), ("camera_height",), "camera is too low", (*PARTS, *FEET, *SMALL)),
    Bad("animated camera", Spoil(animated=True), ("camera_animated",), "camera is animated"),
    Bad("covered lens", Spoil(lens=0.1), ("near_share", "object_visible_share", "head_visible_share"), "right before the lens by lens_cap", (*PARTS, *SMALL, "character_clear_share", "contrast", "exposure", "clipped_low_share")),
    Bad("lights off", Spoil(light=0.0), ("exposure", "contrast", "clipped_low_share"), "picture is too dark"),
    Bad("overexposed", Spoil(light=300.0), ("exposure", "clipped_high_share"), "burnt out", ("contrast",)),
    Bad("noisy picture", Spoil(files=noisy), ("noise",), "picture is noisy"),
    Bad("missing mask", Spoil(files=gone("human_mask")), ("sidecars_missing",), "1 file missing: human_mask"),
    Bad("missing pickle", Spoil(files=gone("camera_pickle")), ("sidecars_missing",), "1 file missing: camera_pickle"),
    Bad("camera file of another seed", Spoil(files=swapped("camera_json")), ("sidecars_wrong_seed", "sidecars_unproved"), "camera_json (seed 2)"),
    Bad("depth of another seed", Spoil(files=swapped("depth_png", "depth_exr")), ("sidecars_unproved",), "depth_exr, depth_png (Depth of"),
    Bad("pickles of another seed", Spoil(files=swapped("camera_pickle", "first_frame_pose")), ("sidecars_unproved",), "camera_pickle, first_frame_pose (it does not hold the poses"),
    Bad("mask cut short", Spoil(files=cut_short("object_mask")), ("sidecars_unproved",), "1 file not in agreement with the geometry: object_mask"),
    Bad("mask too wide", Spoil(files=grown), ("sidecars_unproved",), "object_mask"),
    Bad("pose not stable", Spoil(rest=settle(stable=False)), ("settle_stable",), "not stable"),
    Bad("object fell off", Spoil(rest=settle(on_support=False)), ("settle_on_support",), "not wholly on its support"),
    Bad("floor zone behind a crate", obstacle("crate", (0.15, -0.6, 0), (1.3, 0.2, 0.35), category="ball"), ("floor_reach_visible_share",), "floor within reach is hidden by crate", (*PARTS, *SMALL)),
    Bad("seat behind a cupboard", obstacle("crate", (0.35, -0.6, 0), (0.9, 0.1, 0.95), category="chair"), ("seat_visible_share",), "seat is hidden by crate", ("seat_approach_visible_share", *PARTS, *SMALL)),
    Bad("approach behind a board", obstacle("screen", (-0.2, -0.35, 0), (1.0, 0.05, 0.35), category="chair"), ("seat_approach_visible_share",), "approach side of the seat is hidden by screen", (*PARTS, *SMALL)),
    Bad("step behind a board", obstacle("screen", (0.55, -0.8, 0), (0.5, 0.05, 0.9), category="stairs"), ("step_visible_share",), "screen", (*PARTS, *SMALL, "landing_visible_share")),
    Bad("landing out of the frame", replace(aim(target=(-0.9, 0, 0.6), radius=3.6), category="stairs"), ("landing_visible_share",), "landing is hidden (outside the frame)", ("step_visible_share", "object_edge", *PARTS, *SMALL)),
)  # fmt: skip

GOOD = (
    *((thing, seed) for thing in ("block", "book", "hammer", "wedge", "can", "pen") for seed in (1, 2, 3, 4, 5)),
    *((thing, seed) for thing in ("ball", "chair", "stairs") for seed in (1, 2)),
)


@pytest.mark.parametrize(("thing", "seed"), GOOD, ids=lambda value: str(value))
def test_good_stage_is_not_failed(bench: Any, score: Score, thing: str, seed: int) -> None:
    check_good(bench, score, Spoil(category=thing, seed=seed))


@pytest.mark.parametrize("case", sorted(BAD, key=lambda case: case.spoil.category), ids=lambda case: case.name)
def test_spoilt_stage_is_caught_for_the_right_reason(bench: Any, score: Score, case: Bad) -> None:
    check_caught(bench, score, case)


def test_a_persons_word_outlives_a_rerun_of_the_same_frame_alone(bench: Any) -> None:
    path = bench.layout.results_dir / "generation/manifests" / f"{bench.shoot(Spoil())['video_id']}.json"
    human = {"decision": "approve", "by": "me", "time": "", "note": ""}
    write_json(path, {**read_json(path), "human": human})
    assert bench.shoot(Spoil())["human"] == human
    write_json(path, {**read_json(path), "fingerprint": "of another mesh"})
    assert "human" not in bench.shoot(Spoil())


def test_the_set_is_large_enough() -> None:
    assert len({case.name for case in BAD}) == len(BAD) >= 20
    assert len(set(GOOD)) >= 30
