# SPDX-License-Identifier: GPL-3.0-or-later
"""Stages that are spoilt on purpose, each with the checks that must say so; and stages that are all right.

A case: stage -> facts, the checks that have to fail, words that one reason has to hold, and checks that may fail as
well because the same fault causes them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from tests.gate_stage_boxes import OBJECT, FrameFacts, Stage, box, patch, person, render

FEET = ("left_foot_edge", "right_foot_edge")
HANDS = ("left_hand_edge", "right_hand_edge")


@dataclass(frozen=True)
class Bad:
    name: str
    facts: Callable[[], FrameFacts]
    checks: tuple[str, ...]
    words: str
    may: tuple[str, ...] = ()


def shot(**changes) -> Callable[[], FrameFacts]:
    return lambda: render(replace(Stage(), **changes))


def built(change: Callable[[Stage], Stage]) -> Callable[[], FrameFacts]:
    return lambda: render(change(Stage()))


def after(change: Callable[[FrameFacts], FrameFacts], **stage) -> Callable[[], FrameFacts]:
    """Spoil the facts of a stage after it was rendered."""
    return lambda: change(render(replace(Stage(), **stage)))


def _part(name: str, x=0.0, y=0.0, z=0.0) -> Callable[[Stage], Stage]:
    return lambda s: s.with_parts(**{name: s.body[name].moved(x, y, z)})


def _thing(x=0.0, y=0.0, z=0.0) -> Callable[[Stage], Stage]:
    return lambda s: replace(s, thing=s.thing.moved(x, y, z))


def _without_person(facts: FrameFacts) -> FrameFacts:
    return facts.with_geometry(character_visible=np.zeros_like(facts.geometry.character_visible))


def _frame(change: Callable[[np.ndarray], np.ndarray]) -> Callable[[FrameFacts], FrameFacts]:
    return lambda f: f.with_picture(frame=np.clip(change(f.picture.frame.astype(float)), 0, 255).astype(np.uint8))


def _sidecar(name: str, **changes) -> Callable[[FrameFacts], FrameFacts]:
    def spoil(facts: FrameFacts) -> FrameFacts:
        sidecars = facts.picture.sidecars
        return facts.with_picture(sidecars={**sidecars, name: replace(sidecars[name], **changes)})

    return spoil


def _settle(**changes) -> Callable[[FrameFacts], FrameFacts]:
    return lambda f: f.with_geometry(settle={**f.geometry.settle, **changes})


UNLIKELY = {"unlikely": True, "pose_share": 0.0004, "wide_share": 0.0, "tip_angle_deg": 2.2}


def _noisy(frame: np.ndarray) -> np.ndarray:
    return frame + np.random.default_rng(0).normal(scale=30, size=frame.shape)


def _other_seeds_depth(facts: FrameFacts) -> FrameFacts:
    return facts.with_geometry(depth=render(replace(Stage(), radius=3.0)).geometry.depth)


def _lost(pair: str) -> Callable[[FrameFacts], FrameFacts]:
    return lambda f: f.with_geometry(contacts={k: v for k, v in f.geometry.contacts.items() if k != pair})


def _animated(facts: FrameFacts) -> FrameFacts:
    return facts.with_geometry(camera=replace(facts.geometry.camera, animated=True))


def _big_person(stage: Stage) -> Stage:
    """The object sits wholly inside the torso, on a table that reaches there."""
    torso = stage.body["torso"]
    middle = (np.asarray(torso.low) + np.asarray(torso.high)) / 2
    thing = box("mug", middle, (0.06, 0.06, 0.08), OBJECT)
    shelf = box("table", (*middle[:2], middle[2] - 0.05), (0.02, 0.02, 0.02), 13)
    return replace(stage, thing=thing).with_things(table=shelf)


def _chair(stage: Stage, x: float = 0.3) -> Stage:
    seat = box("chair", (x, 0, 0.40), (0.4, 0.4, 0.04), 15)
    back = box("chair", (x + 0.19, 0, 0.65), (0.03, 0.4, 0.46), 15)
    regions = {
        "seat": patch((x - 0.2, -0.2, 0), (x + 0.17, 0.2, 0.42)),
        "seat_approach": patch((x - 0.6, -0.2, 0), (x - 0.2, 0.2, 0.0), people_may_cover=True),
    }
    things = {k: v for k, v in stage.things.items() if not k.startswith("table")}
    stage = replace(
        stage, things={**things, "table": seat, "back": back}, thing=box("bag", (x, 0.1, 0.47), (0.1, 0.1, 0.1), OBJECT)
    )
    return replace(stage, task="sitting", regions=regions, body=person(x=-0.9), target=(-0.3, 0, 0.6))


def _stairs(stage: Stage) -> Stage:
    steps = {
        f"stair {i}": box(f"stair {i}", (0.2 + 0.3 * i, 0.2, 0.075 * i), (0.3, 0.8, 0.15 * i), 20 + i)
        for i in (1, 2, 3)
    }
    top = {"landing": box("landing", (1.7, 0.2, 0.225), (0.6, 0.8, 0.45), 24)}
    regions = {f"step_{i:02d}": patch((0.06 + 0.3 * i, -0.18, 0), (0.34 + 0.3 * i, 0.58, 0.15 * i)) for i in (1, 2, 3)}
    regions["landing"] = patch((1.42, -0.18, 0), (1.98, 0.58, 0.45))
    things = {k: v for k, v in stage.things.items() if not k.startswith("table")}
    thing = box("bag", (0.45, -0.1, 0.2), (0.1, 0.1, 0.1), OBJECT)
    stage = replace(stage, things={**things, **steps, **top, "table": steps["stair 1"]}, thing=thing)
    return replace(stage, task="terrain_stairs", regions=regions, azimuth=-110, radius=4.2, target=(0.4, 0, 0.5))


def _ground(stage: Stage) -> Stage:
    things = {k: v for k, v in stage.things.items() if not k.startswith("table")}
    mat = box("mat", (0.1, 0, 0.005), (0.4, 0.4, 0.01), 13)
    stage = replace(
        stage, things={**things, "table": mat}, thing=box("ball", (0.1, 0, 0.08), (0.14, 0.14, 0.14), OBJECT)
    )
    return replace(stage, task="pickup_ground", regions={"floor_reach": patch((-0.3, -0.4, 0), (0.5, 0.4, 0), True)})


def screen(name: str, x: float, y: float, size, z: float = 0.0):
    """Something upright at (x, y) that stands on height z."""
    return box(name, (x, y, z + size[2] / 2), size, 30, (0.55, 0.5, 0.3))


def _lamp(stage: Stage) -> Stage:
    return stage.with_things(lamp=screen("desk lamp", 0.11, -0.19, (0.24, 0.1, 0.36), 0.6))


PICTURE_SIDE = ("object_area", "object_long_side", "object_visible_share")
HIDDEN_PARTS = tuple(f"{s}_{p}_visible_share" for s in ("left", "right") for p in ("hand", "foot"))
ALL_EDGES = (*FEET, *HANDS, "head_edge", "object_edge", "character_in_frame_share")

BAD: tuple[Bad, ...] = (
    Bad("cropped feet", shot(target=(-0.2, 0, 1.1)), FEET, "foot is outside the frame by", ("character_in_frame_share",)),
    Bad("left hand out of frame", built(_part("left_hand", x=-1.5, y=-0.9)), ("left_hand_edge",), "left hand is outside the frame by", ("character_in_frame_share", "character_furniture_penetration", "character_furniture_contained")),
    Bad("head cropped", shot(target=(-0.2, 0, 0.38)), ("head_edge",), "head is outside the frame by", ("character_in_frame_share",)),
    Bad("hand behind the torso", built(_part("left_hand", x=-0.12, y=-0.06, z=0.2)), ("left_hand_visible_share",), "left hand is hidden by its own body"),
    Bad("hand behind a vase", built(lambda s: s.with_things(vase=screen("vase", -0.29, -0.7, (0.2, 0.2, 0.85)))), ("right_hand_visible_share",), "right hand is hidden by vase", ("right_foot_visible_share", "left_foot_visible_share", "left_hand_visible_share", "character_clear_share")),
    Bad("head behind a lampshade", built(lambda s: s.with_things(shade=screen("lampshade", -0.29, -0.7, (0.4, 0.3, 0.4), 1.05))), ("head_visible_share",), "head is hidden by lampshade"),
    Bad("feet behind a box", built(lambda s: s.with_things(crate=screen("crate", -0.35, -0.42, (0.45, 0.1, 0.25)))), ("left_foot_visible_share", "right_foot_visible_share"), "foot is hidden by crate"),
    Bad("object behind the lamp", built(_lamp), ("object_visible_share",), "object is hidden by desk lamp", ("object_area", "object_long_side")),
    Bad("object inside the table", built(lambda s: replace(s, thing=box("key", (0, 0, 0.58), (0.05, 0.02, 0.01), OBJECT))), ("object_support_contained", "object_visible_share"), "wholly inside the other", (*PICTURE_SIDE, "object_support_penetration")),
    Bad("object floats by 5 mm", built(_thing(z=0.005)), ("object_support_gap",), "object floats 5.0 mm above table"),
    Bad("object cuts in by 6 mm", built(_thing(z=-0.006)), ("object_support_penetration",), "object cuts 6.0 mm into table"),
    Bad("object wholly in the character", built(_big_person), ("character_object_contained", "object_visible_share"), "wholly inside the other", (*PICTURE_SIDE, "character_object_penetration", "character_furniture_penetration", "character_furniture_contained")),
    Bad("hand in the object", built(_part("right_hand", x=0.41, y=0.2, z=0.03)), ("character_object_penetration",), "character cuts 25.0 mm into drill", ("character_furniture_penetration", "left_hand_visible_share")),
    Bad("person in the table", shot(body=person(x=-0.33)), ("character_furniture_penetration",), "into table", HIDDEN_PARTS),
    Bad("person wholly in a wardrobe", built(lambda s: s.with_things(wardrobe=box("wardrobe", (-0.6, 0, 0.8), (0.8, 0.9, 1.6), 31))), ("character_furniture_contained",), "wholly inside the other", ("character_furniture_penetration", "character_clear_share", "head_visible_share", *HIDDEN_PARTS, *PICTURE_SIDE)),
    Bad("person floats", shot(body=person(z=0.03)), ("character_floor_gap",), "character floats 30.0 mm above floor"),
    Bad("person sinks in", shot(body=person(z=-0.04)), ("character_floor_penetration",), "character cuts 40.0 mm into floor", HIDDEN_PARTS),
    Bad("person looks away", shot(face=(-0.6, 0.8, 0.0)), ("face_angle",), "face is turned"),
    Bad("person behind a screen", built(lambda s: s.with_things(screen=screen("folding screen", -0.4, -0.6, (0.8, 0.05, 1.8)))), ("character_clear_share", "head_visible_share"), "character is hidden by folding screen", (*HIDDEN_PARTS, *PICTURE_SIDE)),
    Bad("person not rendered", after(_without_person), ("character_clear_share", "head_visible_share"), "head is hidden", HIDDEN_PARTS),
    Bad("camera too close", shot(radius=0.7, target=(-0.1, -0.1, 0.75)), ("camera_distance",), "camera is too close", (*ALL_EDGES, *HIDDEN_PARTS, "head_visible_share", "near_share")),
    Bad("camera too far", shot(radius=14.0, height=288), ("camera_distance",), "camera is too far", ("character_height", "object_area", "object_long_side", "character_clear_share", *PICTURE_SIDE)),
    Bad("horizon tilted", shot(roll=8.0), ("camera_roll",), "horizon is tilted by 8.0°", ALL_EDGES),
    Bad("camera on its head", shot(roll=180.0), ("camera_roll",), "horizon is tilted by 180°", ALL_EDGES),
    Bad("camera animated", after(_animated), ("camera_animated",), "camera is animated"),
    Bad("camera looks past its target", shot(aim_shift=(1.1, 0.0)), ("target_offset",), "camera's target is", ALL_EDGES),
    Bad("camera looks from the ceiling", shot(elevation=72.0), ("camera_pitch",), "looks down too steeply", (*ALL_EDGES, *HIDDEN_PARTS, "face_angle", "camera_height")),
    Bad("camera on the floor", shot(elevation=-9.5, radius=3.6), ("camera_height",), "camera is too low", (*HIDDEN_PARTS, *FEET, *PICTURE_SIDE)),
    Bad("something before the lens", built(lambda s: s.with_things(post=screen("post", 1.3, -2.45, (0.12, 0.12, 2.5)))), ("near_share",), "right before the lens by post", (*HIDDEN_PARTS, *PICTURE_SIDE, "character_clear_share", "head_visible_share")),
    Bad("object out of the frame", built(_thing(x=2.6)), ("object_edge", "object_visible_share"), "object is outside the frame by", (*PICTURE_SIDE, "object_support_gap")),
    Bad("object cut by the edge", shot(aim_shift=(-1.3, 0.0)), ("object_edge",), "object is outside the frame by", ("target_offset",)),
    Bad("object far too small", built(lambda s: replace(s, thing=box("pin", (0, 0, 0.601), (0.002, 0.002, 0.002), OBJECT))), ("object_area",), "object is too small", PICTURE_SIDE),
    Bad("rod thinner than a pixel", built(lambda s: replace(s, thing=box("rod", (0, 0, 0.6001), (0.3, 0.0002, 0.0002), OBJECT))), ("object_area",), "object is too small", (*PICTURE_SIDE, "depth_object_share")),
    Bad("black frame", after(_frame(lambda f: f * 0)), ("exposure", "contrast", "clipped_low_share"), "picture is too dark"),
    Bad("burnt out frame", shot(light=6.0), ("exposure", "clipped_high_share"), "burnt out", ("contrast",)),
    Bad("blank grey frame", after(_frame(lambda f: f * 0 + 128)), ("contrast",), "blank or flat"),
    Bad("noisy frame", after(_frame(_noisy)), ("noise",), "picture is noisy"),
    Bad("depth of another seed", after(_other_seeds_depth), ("depth_object_share",), "depth map and object disagree", (*HIDDEN_PARTS, "head_visible_share")),
    Bad("no depth", after(lambda f: f.with_geometry(depth=f.geometry.depth * 0)), ("depth_known_share",), "has a depth", ("depth_object_share",)),
    Bad("missing sidecar", after(_sidecar("human_mask", present=False)), ("sidecars_missing",), "1 file missing: human_mask"),
    Bad("wrong-seed sidecar", after(_sidecar("camera_pickle", seed=2)), ("sidecars_wrong_seed",), "camera_pickle (seed 2)"),
    Bad("unproved sidecar", after(_sidecar("depth_png", proved=False, note="off by 14 mm")), ("sidecars_unproved",), "depth_png (off by 14 mm)"),
    Bad("pose not stable", after(_settle(stable=False)), ("settle_stable",), "not stable"),
    Bad("object still moves", after(_settle(settled=False)), ("settle_at_rest",), "did not come to rest"),
    Bad("object fell off", after(_settle(on_support=False)), ("settle_on_support",), "not wholly on its support"),
    Bad("contact not measured", after(_lost("character_object")), ("character_object_penetration",), "could not be measured"),
    Bad("no hand in the rig", after(lambda f: f.with_geometry(joints={k: v for k, v in f.geometry.joints.items() if "left" not in k or "foot" in k})), ("left_hand_edge",), "left hand could not be measured", ("left_foot_edge",)),
    Bad("seat behind a cupboard", built(lambda s: _chair(s).with_things(cupboard=screen("cupboard", 0.5, -0.45, (0.9, 0.1, 0.9)))), ("seat_visible_share",), "seat is hidden by cupboard", ("seat_approach_visible_share", *PICTURE_SIDE)),
    Bad("approach side behind a crate", built(lambda s: _chair(s).with_things(crate=screen("crate", 0.1, -0.4, (1.0, 0.1, 0.28)))), ("seat_approach_visible_share",), "approach side of the seat is hidden by crate", HIDDEN_PARTS),
    Bad("seat's place unknown", built(lambda s: replace(_chair(s), regions={})), ("seat_visible_share",), "could not be measured", ("seat_approach_visible_share",)),
    Bad("landing out of the frame", built(lambda s: replace(_stairs(s), target=(-0.9, 0, 0.6), radius=3.8)), ("landing_visible_share",), "landing is hidden (outside the frame)", ("step_visible_share", "object_edge", *PICTURE_SIDE, *HIDDEN_PARTS)),
    Bad("a step hidden", built(lambda s: _stairs(s).with_things(board=screen("board", 0.72, -0.4, (0.4, 0.04, 0.75)))), ("step_visible_share",), "board", PICTURE_SIDE),
    Bad("floor zone behind a sofa", built(lambda s: _ground(s).with_things(sofa=screen("sofa", 0.3, -0.65, (1.4, 0.2, 0.35)))), ("floor_reach_visible_share",), "floor within reach is hidden by sofa", (*HIDDEN_PARTS, *PICTURE_SIDE, "character_clear_share")),
)  # fmt: skip

_SHAPES = {
    "drill": (0.18, 0.08, 0.22), "mug": (0.08, 0.08, 0.1), "can": (0.07, 0.07, 0.12), "box": (0.25, 0.18, 0.1), "pen": (0.14, 0.012, 0.012),
    "book": (0.21, 0.15, 0.03), "bottle": (0.07, 0.07, 0.26), "bowl": (0.16, 0.16, 0.07),
}  # fmt: skip


def _good(shape: str, seed: int) -> FrameFacts:
    """The config's own ranges: azimuth -60 +- 25 degrees, small offsets of the object, light from dim to bright."""
    rng = np.random.default_rng([seed, len(shape)])
    size = np.asarray(_SHAPES[shape])
    x, y = rng.uniform(-0.06, 0.06, 2)
    thing = box(shape, (x, y, 0.6 + size[2] / 2), size, OBJECT, tuple(rng.uniform(0.2, 0.9, 3)))
    azimuth = float(-60 + rng.uniform(-25, 25))
    return render(replace(Stage(), thing=thing, azimuth=azimuth, light=float(rng.uniform(0.7, 1.4)), seed=seed), True)


GOOD: dict[str, Callable[[], FrameFacts]] = {
    **{f"{shape} seed {seed}": partial(_good, shape, seed) for shape in _SHAPES for seed in (1, 2, 3, 4)},
    "sitting": built(_chair),
    "stairs": built(_stairs),
    "ground pickup": built(_ground),
}
