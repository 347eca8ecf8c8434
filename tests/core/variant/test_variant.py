# SPDX-License-Identifier: GPL-3.0-or-later
"""Variants: repeatable, every factor on a stream of its own, every range kept and used to its ends."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grail_addon.core.config.scene import SceneSettings, StaticObject
from grail_addon.core.errors import UserError
from grail_addon.core.layout import FrameKind, ObjectId, VideoId
from grail_addon.core.rotations import from_euler_deg
from grail_addon.core.variant.draw import HDRIS, CameraDraw, Variant, camera_of, draw_variant

DRILL = ObjectId("ComAsset", "cordless_drill")
POLAR = SceneSettings(
    obj_pos=(0.1, -0.2, 0.6),
    obj_pos_rand_max=(0.05, 0.03, 0.0),
    obj_rot_rand_max=(0.0, 0.0, 180.0),
    character_pos_mode="polar",
    character_azimuth=180.0,
    character_distance=0.58,
    character_azimuth_rand_max=15.0,
    character_distance_rand_max=0.1,
    character_z=0.0,
    character_face_object=True,
    camera_azimuth_rand_max=25.0,
    camera_elevation=(5.0, 25.0),
    camera_radius=(3.0, 4.0),
    camera_offset=(0.0, 0.0, 0.05),
)
ABSOLUTE = SceneSettings(
    obj_pos=(0.0, 0.0, 0.4),
    character_pos=(1.0, 2.0, 0.0),
    character_rot=(0.0, 0.0, 90.0),
    character_pos_rand_max=(0.3, 0.2, 0.0),
    character_pos_rand_min=(-0.1, -0.4, 0.0),
    character_rot_rand_max=(0.0, 0.0, 20.0),
    static_objects={
        "table": StaticObject(name="table.obj", pos_rand_max=(0.2, 0.2, 0.0)),
        "shelf": StaticObject(name="shelf.obj", pos_rand_max=(0.5, 0.0, 0.0), obj_on_table=False),
    },
)


def frame(seed: int = 1, kind: FrameKind = "rand", obj: ObjectId = DRILL, character: str = "kid") -> VideoId:
    return VideoId(obj, character, "stage", seed, kind)


def draw(scene: SceneSettings = POLAR, seed: int = 1, kind: FrameKind = "rand", base: int = 0, **more: int) -> Variant:
    return draw_variant(base, frame(seed, kind), scene, **more)


def with_(scene: SceneSettings, **other: Any) -> SceneSettings:
    return scene.model_copy(update=other)


def spans(values: Iterable[float], low: float, high: float) -> None:
    """All inside [low, high], and near both ends and the middle, as a uniform draw of 300 is."""
    found = np.array(list(values))
    assert len(found) >= 300 and found.min() >= low - 1e-12 and found.max() <= high + 1e-12
    width = high - low
    assert found.min() < low + 0.05 * width and found.max() > high - 0.05 * width
    assert abs(found.mean() - (low + high) / 2) < 0.08 * width


SEEDS = range(1, 301)


@given(st.integers(0, 2**63 - 1), st.integers(0, 99999), st.sampled_from(["rand", "start", "end"]))
def test_same_arguments_same_variant(base: int, seed: int, kind: FrameKind) -> None:
    first = draw(POLAR, seed, kind, base)
    draw(ABSOLUTE, seed + 1, kind, base)  # what else was drawn before does not count
    assert draw(POLAR, seed, kind, base) == first


def test_parameters_are_plain_json() -> None:
    data = draw(ABSOLUTE, placement_attempt=3).parameters()
    assert json.loads(json.dumps(data, allow_nan=False))["placement"]["static_offsets"].keys() == {"table", "shelf"}
    assert data["placement_attempt"] == 3 and data["camera_attempt"] == 0
    assert set(data) == {"camera", "light", "placement", "scenery", "camera_attempt", "placement_attempt"}


@pytest.mark.parametrize("scene", [POLAR, ABSOLUTE])
@pytest.mark.parametrize(
    "other",
    [
        lambda scene: draw_variant(1, frame(), scene),
        lambda scene: draw_variant(0, frame(2), scene),
        lambda scene: draw_variant(0, frame(obj=ObjectId("ComAsset", "mug")), scene),
        lambda scene: draw_variant(0, frame(obj=ObjectId("Other", "cordless_drill")), scene),
    ],
    ids=["base seed", "scene seed", "category", "dataset"],
)
def test_each_seed_changes_everything(scene: SceneSettings, other: Callable[[SceneSettings], Variant]) -> None:
    a, b = draw_variant(0, frame(), scene), other(scene)
    light_a, light_b = (v.parameters()["light"] for v in (a, b))
    light_a.pop("hdri"), light_b.pop("hdri")  # one of seven, so two may agree
    assert all(light_a[name] != light_b[name] for name in light_a)
    assert a.placement.character_position != b.placement.character_position
    assert a.placement.character_turn_deg != b.placement.character_turn_deg
    if scene is POLAR:
        assert a.camera.azimuth_deg != b.camera.azimuth_deg and a.camera.radius != b.camera.radius
        assert a.camera.elevation_deg != b.camera.elevation_deg
        assert a.placement.obj_offset[:2] != b.placement.obj_offset[:2]
        assert a.placement.obj_turn_deg != b.placement.obj_turn_deg
    else:
        assert a.placement.static_offsets["table"] != b.placement.static_offsets["table"]
        assert a.placement.static_offsets["shelf"] != b.placement.static_offsets["shelf"]


def test_the_character_does_not_matter() -> None:
    a, b = (draw_variant(0, frame(character=name), POLAR) for name in ("kid", "g1"))
    assert a.parameters() == b.parameters()


CAMERA = {"camera_azimuth_rand_max": 3.0, "camera_elevation": 30.0, "camera_radius": (1.0, 9.0)}
PERSON = {"character_azimuth_rand_max": 90.0, "character_distance_rand_max": 0.3}
OBJECT = {"obj_pos_rand_max": (0.2, 0.2, 0.0), "obj_rot_rand_max": (0.0, 0.0, 5.0)}
THING = {"static_objects": {"new": StaticObject(name="a.obj", pos_rand_max=(1.0, 1.0, 0.0), obj_on_table=False)}}


@pytest.mark.parametrize("seed", range(1, 6))
def test_one_factor_varies_alone(seed: int) -> None:
    plain = draw(POLAR, seed)
    camera = draw(with_(POLAR, **CAMERA), seed)
    assert camera.camera != plain.camera and (camera.light, camera.placement) == (plain.light, plain.placement)
    only_radius = draw(with_(POLAR, camera_radius=(1.0, 9.0)), seed).camera
    assert only_radius.radius != plain.camera.radius
    assert (only_radius.azimuth_deg, only_radius.elevation_deg) == (
        plain.camera.azimuth_deg,
        plain.camera.elevation_deg,
    )
    person = draw(with_(POLAR, **PERSON), seed)
    assert (person.camera, person.light) == (plain.camera, plain.light)
    assert person.placement.obj_offset == plain.placement.obj_offset
    assert person.placement.obj_turn_deg == plain.placement.obj_turn_deg
    assert person.placement.character_position != plain.placement.character_position
    thing = draw(with_(POLAR, **OBJECT), seed)
    assert (thing.camera, thing.light) == (plain.camera, plain.light)
    assert thing.placement.character_position == plain.placement.character_position
    assert thing.placement.obj_offset != plain.placement.obj_offset
    added = draw(with_(POLAR, **THING), seed)
    assert (added.camera, added.light) == (plain.camera, plain.light)
    assert added.placement.obj_offset == plain.placement.obj_offset, "a new factor shifts no old one"
    assert added.placement.static_offsets["new"] != (0, 0, 0)


@pytest.mark.parametrize("scene", [POLAR, ABSOLUTE])
def test_redraws(scene: SceneSettings) -> None:
    first = draw(scene)
    again = [draw(scene, placement_attempt=n) for n in range(1, 20)]
    assert all((v.camera, v.light) == (first.camera, first.light) for v in again)
    assert len({v.placement.character_position for v in (first, *again)}) == 20
    assert [v.placement_attempt for v in again] == list(range(1, 20))
    if scene is POLAR:
        framed = [draw(scene, camera_attempt=n) for n in range(1, 20)]
        assert all((v.light, v.placement) == (first.light, first.placement) for v in framed)
        for name in ("azimuth_deg", "elevation_deg", "radius"):
            assert len({getattr(v.camera, name) for v in (first, *framed)}) == 20
        for axis in range(2):
            assert len({v.placement.obj_offset[axis] for v in (first, *again)}) == 20
            assert len({v.placement.character_position[axis] for v in (first, *again)}) == 20
        assert len({v.placement.obj_turn_deg[2] for v in (first, *again)}) == 20


def test_camera_ranges() -> None:
    cameras = [draw(POLAR, seed).camera for seed in SEEDS]
    spans((c.azimuth_deg for c in cameras), -60 - 25, -60 + 25)
    spans((c.elevation_deg for c in cameras), 5, 25)
    spans((c.radius for c in cameras), 3, 4)
    (target,) = {c.target for c in cameras}  # it stays put while the object moves
    assert target == pytest.approx((0.1, -0.2, 0.65))
    lopsided = with_(POLAR, camera_azimuth_rand_max=(-5.0, 40.0))
    spans((draw(lopsided, seed).camera.azimuth_deg for seed in SEEDS), -65, -20)
    fixed = with_(POLAR, camera_azimuth_rand_max=0.0, camera_elevation=12.0, camera_radius=3.4)
    assert {(c.azimuth_deg, c.elevation_deg, c.radius) for c in (draw(fixed, s).camera for s in SEEDS)} == {
        (-60, 12, 3.4)
    }


def test_light_ranges() -> None:
    lights = [draw(POLAR, seed).light for seed in SEEDS]
    assert {light.hdri for light in lights} == set(HDRIS) and "night.exr" not in HDRIS
    spans((light.hdri_turn_deg for light in lights), 0, 360)
    spans((light.key_kelvin for light in lights), 3200, 6000)
    for name in ("hdri_stops", "key_stops", "window_stops"):
        values = [getattr(light, name) for light in lights]
        assert -1 <= min(values) < -0.3 and 0.3 < max(values) <= 1


def test_placement_ranges() -> None:
    drawn = [draw(POLAR, seed).placement for seed in SEEDS]
    spans((p.obj_offset[0] for p in drawn), -0.05, 0.05)
    spans((p.obj_offset[1] for p in drawn), -0.03, 0.03)
    spans((p.obj_turn_deg[2] for p in drawn), -180, 180)
    assert {(p.obj_offset[2], *p.obj_turn_deg[:2], p.character_position[2]) for p in drawn} == {(0, 0, 0, 0)}
    away = [complex(p.character_position[0] - 0.1, p.character_position[1] + 0.2) for p in drawn]
    spans((abs(z) for z in away), 0.48, 0.68)
    spans((math.degrees(np.angle(-z)) for z in away), -15, 15)
    drawn = [draw(ABSOLUTE, seed).placement for seed in SEEDS]
    spans((p.character_position[0] for p in drawn), 0.9, 1.3)
    spans((p.character_position[1] for p in drawn), 1.6, 2.2)
    spans((p.character_turn_deg[2] for p in drawn), 70, 110)


def test_an_object_on_a_table_moves_with_it() -> None:
    for seed in range(1, 30):
        placement = draw(ABSOLUTE, seed).placement
        table, shelf = placement.static_offsets["table"], placement.static_offsets["shelf"]
        assert placement.obj_offset == table and table != (0, 0, 0) and shelf[0] != 0 and shelf[1] == 0


@pytest.mark.parametrize("seed", range(1, 30))
@pytest.mark.parametrize("kind", ["rand", "start", "end"])
def test_a_polar_character_looks_at_the_object(seed: int, kind: FrameKind) -> None:
    """The person's own front is -Y; turned, it must point from the person to the object of the same frame."""
    scene = with_(
        POLAR,
        obj_pos_end_offset=(0.2, 0.3, 0.0),
        character_pos_start_offset=(-0.5, 0.4, 0.0),
        character_azimuth_rand_max=180.0,
    )
    placement = draw(scene, seed, kind).placement
    front = from_euler_deg(placement.character_turn_deg) @ [0.0, -1.0, 0.0]
    way = np.add(scene.obj_pos, placement.obj_offset) - placement.character_position
    assert front[2] == pytest.approx(0.0)
    assert front[:2] == pytest.approx(way[:2] / np.linalg.norm(way[:2]), abs=1e-9)


def test_facing_is_only_done_where_asked() -> None:
    turned = with_(POLAR, character_face_object=False, character_rot=(0.0, 0.0, 33.0))
    assert draw(turned).placement.character_turn_deg == (0, 0, 33)
    # on top of facing, a random turn
    shaken = with_(POLAR, character_rot_rand_max=(0.0, 0.0, 10.0))
    by = [
        draw(shaken, s).placement.character_turn_deg[2] - draw(POLAR, s).placement.character_turn_deg[2] for s in SEEDS
    ]
    spans(by, -10, 10)


BOX = {"character_pos_box_include": (-1.0, -2.0, 3.0, 2.0)}


def test_box_replaces_the_random_offset() -> None:
    scene = with_(ABSOLUTE, **BOX, character_pos_rand_max=(50.0, 50.0, 50.0), character_pos_rand_min=None)
    places = [draw(scene, seed).placement.character_position for seed in SEEDS]
    spans((p[0] for p in places), 1 - 1, 1 + 3)
    spans((p[1] for p in places), 2 - 2, 2 + 2)
    assert {p[2] for p in places} == {0.0}


def test_box_with_a_hole() -> None:
    scene = with_(ABSOLUTE, **BOX, character_pos_box_exclude=(-0.5, -1.0, 2.5, 1.0))
    offsets = [np.subtract(draw(scene, seed).placement.character_position, ABSOLUTE.character_pos) for seed in SEEDS]
    assert not any(-0.5 < x < 2.5 and -1 < y < 1 for x, y, _ in offsets)
    spans((o[0] for o in offsets), -1, 3)
    spans((o[1] for o in offsets), -2, 2)
    quarters = {(x > 1, y > 0) for x, y, _ in offsets}
    assert len(quarters) == 4, "all around the hole"


def test_box_around_a_polar_place() -> None:
    scene = with_(POLAR, character_azimuth_rand_max=0.0, character_distance_rand_max=0.0, **BOX)
    offsets = [np.subtract(draw(scene, s).placement.character_position, (0.1 - 0.58, -0.2, 0)) for s in SEEDS]
    spans((o[0] for o in offsets), -1, 3)


def test_box_without_room() -> None:
    scene = with_(ABSOLUTE, **BOX, character_pos_box_exclude=(-9.0, -9.0, 9.0, 9.0))
    with pytest.raises(UserError, match="leaves no room"):
        draw(scene)


OFFSETS = {
    "obj_pos_start_offset": (0.1, 0.0, 0.2),
    "obj_pos_end_offset": (-0.3, 0.0, 0.0),
    "character_pos_start_offset": (0.0, 1.0, 0.0),
    "character_pos_end_offset": (0.0, -2.0, 0.5),
}


@pytest.mark.parametrize("kind", ["start", "end"])
def test_start_and_end_offsets(kind: FrameKind) -> None:
    scene = with_(ABSOLUTE, same_obj_state=True)
    plain, moved, rand = draw(scene, kind=kind), draw(with_(scene, **OFFSETS), kind=kind), draw(with_(scene, **OFFSETS))
    a, b = plain.placement, moved.placement
    assert np.subtract(b.obj_offset, a.obj_offset) == pytest.approx(OFFSETS[f"obj_pos_{kind}_offset"])
    assert np.subtract(b.character_position, a.character_position) == pytest.approx(
        OFFSETS[f"character_pos_{kind}_offset"]
    )
    assert rand.placement == draw(scene).placement, "a single frame has no such offset"


def test_same_obj_state() -> None:
    start, end = (draw(POLAR, kind=kind) for kind in ("start", "end"))
    assert start.placement.obj_offset != end.placement.obj_offset
    assert start.placement.obj_turn_deg != end.placement.obj_turn_deg
    assert start.placement.character_position == end.placement.character_position
    assert (start.camera, start.light) == (end.camera, end.light), "camera and light are of the scene seed"
    shared = with_(POLAR, same_obj_state=True)
    start, end = (draw(shared, kind=kind) for kind in ("start", "end"))
    assert start.placement == end.placement


@given(st.floats(-180, 180), st.floats(-80, 80), st.floats(0.5, 9), st.tuples(*[st.floats(-3, 3)] * 3))
def test_camera_of_a_draw(azimuth: float, elevation: float, radius: float, target: tuple[float, float, float]) -> None:
    camera = camera_of(CameraDraw(azimuth, elevation, radius, target), 640, 360)
    assert (camera.width, camera.height, camera.focal) == (640, 360, pytest.approx(math.hypot(640, 360)))
    pixels, depth = camera.project(np.array(target))
    assert pixels[0] == pytest.approx([320, 180], abs=1e-6) and depth[0] == pytest.approx(radius)
    offset = camera.position - target
    assert math.degrees(math.asin(offset[2] / radius)) == pytest.approx(elevation, abs=1e-6)
    assert math.cos(math.atan2(offset[1], offset[0]) - math.radians(azimuth)) == pytest.approx(1.0)


@pytest.mark.parametrize("factor", ["camera", "light", "placement"])
@pytest.mark.parametrize("scene", [POLAR, ABSOLUTE])
def test_a_factor_that_does_not_vary_is_that_of_seed_1_and_the_others_are_as_ever(factor: str, scene: SceneSettings):
    def drawn(seed: int, *same: str) -> Variant:
        return draw_variant(7, VideoId(DRILL, "kid", "room", seed), scene, same_for_all=same)

    for seed in (1, 2, 9):
        fixed, free = drawn(seed, factor), drawn(seed)
        for name in ("camera", "light", "placement"):
            assert getattr(fixed, name) == getattr(drawn(1) if name == factor else free, name)
