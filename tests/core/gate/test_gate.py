# SPDX-License-Identifier: GPL-3.0-or-later
"""Judging: thresholds, levels, sentences, per-task limits, judging anew, and what is written to the manifest."""

from __future__ import annotations

import json
import re
import textwrap
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from grail_addon.core.config.gate import GateConfig, GateLimits
from grail_addon.core.config.gate_check import OUTSIDE
from grail_addon.core.config.gate_limit import Limit
from grail_addon.core.config.gate_page import checks_table
from grail_addon.core.config.gate_table import CHECK_OF, CHECKS
from grail_addon.core.gate.facts import BODY_PARTS, SupportFacts, TextureFacts
from grail_addon.core.gate.judge import judge, regate
from grail_addon.core.gate.measure import brightness, measure, measure_looks, measure_picture, noise_sigma
from grail_addon.core.gate.stage import measure_sidecars
from grail_addon.core.gate.types import Measurement
from grail_addon.core.yaml_text import parse_yaml
from tests.gate_bad_stages import GOOD, UNLIKELY
from tests.gate_stage_boxes import FrameFacts, Stage, camera_of, render


def config(**limits: object) -> GateConfig:
    return GateConfig.model_validate(limits)


def measured(facts: FrameFacts) -> tuple[Measurement, ...]:
    return measure(facts.geometry, facts.picture)


def only(found: Measurement, gate: GateConfig, size=(1280, 720), task="manipulation"):
    return judge([found], gate, task, size).checks[0]


@pytest.mark.parametrize(
    ("value", "level"),
    [(0.49, "fail"), (0.5, "warn"), (0.7, "warn"), (0.75, "pass"), (1.0, "pass")],
)
def test_levels_begin_at_their_numbers(value: float, level: str) -> None:
    assert only(Measurement("object_visible_share", value, "ratio"), GateConfig()).level == level


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Measurement("left_hand_edge", -31.4, "px"), "left hand is outside the frame by 31 px"),
        (Measurement("right_foot_edge", 2.5, "px"), "right foot is only 2.5 px inside the frame (at least 4 px wanted)"),
        (Measurement("head_edge", -1280.0, "px", "behind the camera"), "head is behind the camera"),
        (Measurement("object_visible_share", 0.1, "ratio", "desk lamp"), "object is hidden by desk lamp: 10 % of it can be seen (at least 50 % wanted)"),
        (Measurement("object_support_gap", 5.0, "mm", "table"), "object floats 5.0 mm above table (at most 2.0 mm allowed)"),
        (Measurement("character_floor_gap", 20.0, "mm"), "character floats 20.0 mm above the floor (at most 15.0 mm allowed)"),
        (Measurement("head_edge", None, "px", "no joint"), "head could not be measured: no joint"),
        (Measurement("camera_animated", True, "yes/no"), "camera is animated"),
        (Measurement("sidecars_missing", 2.0, "count", "cam_k, mesh"), "2 files missing: cam_k, mesh"),
    ],
)  # fmt: skip
def test_a_fault_is_told_in_a_sentence(found: Measurement, words: str) -> None:
    verdict = judge([found], GateConfig(), "manipulation", (1280, 720))
    assert verdict.verdict == "fail"
    assert verdict.reasons == (words,)


def test_pixel_limits_grow_with_the_frame() -> None:
    found = Measurement("left_hand_edge", 5.0, "px")  # fails below 4 px of 720 lines
    assert only(found, GateConfig(), (1280, 720)).level == "warn"
    large = only(found, GateConfig(), (2560, 1440))
    assert (large.level, large.threshold) == ("fail", "at least 8 px")
    area = Measurement("object_area", 200.0, "px2")  # fails below 60 square px of 720 lines
    assert only(area, GateConfig(), (2560, 1440)).level == "fail"


def test_limit_in_a_file_keeps_the_numbers_it_does_not_name() -> None:
    gate = config(object_visible_share={"warn_below": 0.9})
    assert gate.object_visible_share == Limit(fail_below=0.5, warn_below=0.9)
    off = config(object_visible_share={"fail_below": None, "warn_below": None})
    check = only(Measurement("object_visible_share", 0.0, "ratio"), off)
    assert (check.level, check.threshold, check.limit) == ("pass", "", "")


def test_a_task_has_its_own_limits_over_the_common_ones() -> None:
    gate = config(
        hand_edge={"warn_below": 20}, tasks={"sitting": {"hand_edge": {"fail_below": -5}, "contained": "warn"}}
    )
    assert gate.for_task("sitting")["hand_edge"] == Limit(fail_below=-5, warn_below=20)
    assert gate.for_task("sitting")["contained"] == "warn"
    assert gate.for_task("manipulation")["hand_edge"] == Limit(fail_below=4, warn_below=20)
    back = Measurement("face_angle", 170.0, "deg")
    assert only(back, gate).level == "fail"
    assert only(back, gate, task="sitting").level == "pass", "built-in limits of the task must survive the file's"
    assert GateConfig.model_validate(json.loads(gate.model_dump_json())) == gate


@pytest.mark.parametrize(
    "bad",
    [
        {"objekt_edge": {}},
        {"tasks": {"juggling": {}}},
        {"tasks": {"sitting": {"objekt_edge": {}}}},
        {"hand_edge": {"fail_below": 30}},
        {"hand_edge": 3},
        {"contained": True},
    ],
)
def test_wrong_gate_section_is_refused(bad: dict) -> None:
    with pytest.raises(ValidationError):
        GateConfig.model_validate(bad)


def test_every_judged_number_has_a_key_of_its_kind() -> None:
    assert {row.key for row in CHECKS if row.default is not None} == set(GateLimits.model_fields)
    for row in CHECKS:
        if row.default is not None:
            assert GateLimits.model_fields[row.key].default == row.default
            assert isinstance(row.default, Limit) == (row.wrong is None), row.key
        if isinstance(row.default, Limit):
            bounds = row.default.model_dump(exclude_none=True)
            assert row.low or not any(name.endswith("_below") for name in bounds), row.key
            assert row.high or not any(name.endswith("_above") for name in bounds), row.key


def test_every_measurement_of_a_frame_is_in_the_table() -> None:
    seen: set[str] = set()
    for make in (*(GOOD[name] for name in ("sitting", "stairs", "ground pickup")), lambda: render(Stage())):
        facts = make()
        names = [m.name for m in measured(facts)]
        assert len(names) == len(set(names))
        looks = measure_looks(facts.geometry, facts.picture.frame)
        files = {m.name for m in (*looks, *measure_picture(facts.picture.frame), *measure_sidecars(facts.picture))}
        assert files == {name for name in names if CHECK_OF[name].record == "picture"}
        seen |= set(names)
    assert seen | {"object_looks"} == set(CHECK_OF), "boxes are grey, which tells nothing"


def test_what_hides_a_thing_is_told_by_name_whatever_it_is_called() -> None:
    check = only(Measurement("object_visible_share", 0.1, "ratio", "too big box"), GateConfig())
    assert check.sentence.startswith("object is hidden by too big box:")
    check = only(Measurement("object_visible_share", 0.1, "ratio", OUTSIDE), GateConfig())
    assert check.sentence.startswith("object is hidden (outside the frame):")


def test_an_unlikely_pose_is_warned_of_in_words() -> None:
    facts = render(Stage())
    settle = {**(facts.geometry.settle or {}), **UNLIKELY}
    verdict = facts.with_geometry(settle=settle).verdict()
    assert verdict.verdict == "warn"
    assert verdict.reasons == (
        "object's pose is unlikely: 0.04 % of all orientations end in it, and it tips over when tilted by 2.2 degrees; "
        "0 % of drops with a wide tilt came back to it",
    )
    assert facts.with_geometry(settle=settle).verdict(config(settle_unlikely="fail")).verdict == "fail"
    older = {k: v for k, v in settle.items() if k not in UNLIKELY}
    checks = facts.with_geometry(settle=older).verdict().checks
    assert "settle_unlikely" not in {check.name for check in checks}, "states made before it was measured"


LOST = ("wood.png is not there (of the object)", "wall.jpg is cut off (of the room)")


@pytest.mark.parametrize(
    ("lost", "bare", "level"),
    [((), 0.0, "pass"), (LOST[:1], 0.0, "warn"), (LOST, 0.4, "warn"), (LOST[:1], 0.6, "fail"), (LOST[:1], 1.0, "fail")],
)
@pytest.mark.parametrize("who", ["object", "character"])
def test_lost_textures(who: str, lost: tuple[str, ...], bare: float, level: str) -> None:
    shares = {"object": 0.0, "character": 0.0, who: bare}
    facts = render(Stage()).with_geometry(textures=TextureFacts(lost, shares))
    verdict = facts.verdict()
    assert verdict.verdict == level
    assert all(name in " ".join(verdict.reasons) for name in lost)
    assert any(reason.startswith(f"{who} has lost its colour") for reason in verdict.reasons) == (level == "fail")


@pytest.mark.parametrize("wanted", ["table", "floor", "shelf 2", None])
def test_standing_on_another_thing_than_named_fails_with_both_names(wanted: str | None) -> None:
    verdict = render(Stage()).with_geometry(support=SupportFacts("table", 0.0, wanted)).verdict()
    if wanted in (None, "table"):
        assert verdict.verdict == "pass"
    else:
        assert verdict.verdict == "fail" and verdict.reasons == (f"object stands on table instead of {wanted}",)
    assert ("support_named" in {check.name for check in verdict.checks}) == (wanted is not None)


@pytest.mark.parametrize(
    ("share", "level", "words"),
    [
        (0.1, "pass", "part of the object that lets the background through: 10 %"),
        (0.6, "warn", "the object is transparent: 60 % of it lets the background through (at most 20 % allowed)"),
    ],
)
def test_a_transparent_object_is_told_with_its_share(share: float, level: str, words: str) -> None:
    verdict = render(Stage()).with_geometry(transparent=share).verdict()
    (check,) = [check for check in verdict.checks if check.name == "object_transparent"]
    assert (check.level, check.sentence) == (level, words) and verdict.verdict == level


def test_what_is_too_transparent_is_hidden_by_nothing() -> None:
    facts = render(Stage())
    none = np.zeros_like(facts.geometry.object_amodal)
    verdict = facts.with_geometry(transparent=1.0, object_amodal=none, object_visible=none).verdict()
    words = "object is hidden (it is too transparent to be seen): 0 % of it can be seen (at least 50 % wanted)"
    assert verdict.verdict == "fail" and words in verdict.reasons


def test_the_guide_lists_the_table() -> None:
    guide = (Path(__file__).parents[3] / "docs/gate.md").read_text(encoding="utf-8")
    assert checks_table() in guide, "run: python -m grail_addon.core.config.gate_page, and put it into docs/gate.md"


def manifest_of(verdict, task="manipulation", size=(384, 216)) -> dict:
    """As it comes back from the disk."""
    data = {"status": "done", "task": task, "frame_size": list(size), **verdict.to_json()}
    return json.loads(json.dumps(data, allow_nan=False))


def test_judging_anew_from_the_manifest_gives_the_same_and_follows_new_thresholds() -> None:
    verdict = render(Stage()).verdict()
    manifest = manifest_of(verdict)
    again = regate(manifest, GateConfig())
    assert again.to_json() == verdict.to_json()
    strict = regate(manifest, config(head_edge={"fail_below": 400, "warn_below": 400}))
    assert strict.verdict == "fail"
    assert strict.reasons[0].startswith("head is only") and "120 px wanted" in strict.reasons[0]
    assert strict.to_json()["overlay"] == manifest["overlay"]


def test_variant_that_was_not_rendered_stays_failed() -> None:
    verdict = regate({"status": "failed", "reasons": ["no place without a collision"]}, GateConfig())
    assert (verdict.verdict, verdict.reasons) == ("fail", ("no place without a collision",))


def test_nothing_measured_is_no_pass() -> None:
    assert judge([], GateConfig(), "manipulation", (1280, 720)).verdict == "fail"


def test_reasons_have_the_worst_first() -> None:
    found = [Measurement("exposure", 40.0, "level"), Measurement("left_hand_edge", -3.0, "px")]
    verdict = judge(found, GateConfig(), "manipulation", (1280, 720))
    assert [r.split()[0] for r in verdict.reasons] == ["left", "picture"]
    assert verdict.verdict == "fail"


def test_overlay_has_joints_where_the_camera_sees_them() -> None:
    facts = render(Stage())
    drawn = facts.verdict().overlay
    assert set(drawn["joints"]) == set(facts.geometry.joints)
    px, depth = facts.geometry.camera.camera.project(facts.geometry.joints["head"][None])
    assert drawn["joints"]["head"]["px"] == pytest.approx(px[0], abs=0.06)
    assert drawn["joints"]["head"]["depth_m"] == pytest.approx(depth[0], abs=1e-4)
    assert {j["part"] for j in drawn["joints"].values()} == set(BODY_PARTS)
    rows, columns = np.nonzero(facts.geometry.object_amodal)
    assert drawn["object_box_px"] == [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]


@pytest.mark.parametrize(("elevation", "roll"), [(12.0, 0.0), (0.0, 0.0), (-20.0, 5.0), (30.0, -12.0)])
def test_horizon_is_where_far_points_at_eye_height_land(elevation: float, roll: float) -> None:
    stage = Stage(elevation=elevation, roll=roll)
    (u0, v0), (u1, v1) = render(stage).verdict().overlay["horizon_px"]
    camera = camera_of(stage).camera
    away = -camera.rotation[:, 2] * [1, 1, 0]
    for turn in (-0.3, 0.0, 0.2):
        c, s = np.cos(turn), np.sin(turn)
        ahead = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]) @ away / np.linalg.norm(away)
        ((u, v),) = camera.project((camera.position + 1e7 * ahead)[None])[0]
        assert v == pytest.approx(v0 + (v1 - v0) * (u - u0) / (u1 - u0), abs=0.2)


@pytest.mark.parametrize("sigma", [0.0, 2.0, 6.0, 15.0])
def test_noise_is_measured_and_edges_are_not_taken_for_it(sigma: float) -> None:
    ramp = np.tile(np.linspace(40, 200, 320), (240, 1))
    ramp[:, 160:] -= 35.0  # an edge
    noisy = ramp + np.random.default_rng(3).normal(scale=sigma, size=ramp.shape)
    measured = noise_sigma(np.clip(noisy, 0, 255).astype(np.uint8))
    assert measured == pytest.approx(sigma, abs=0.5 + 0.1 * sigma)


def test_brightness_and_shares_of_a_known_picture() -> None:
    frame = np.zeros((10, 10, 3), dtype=np.uint8)
    frame[:3] = 255
    frame[3:6] = 100
    numbers = {m.name: m.value for m in measure_picture(frame)}
    assert brightness(frame)[0, 0] == 255 and brightness(frame)[4, 0] == 100
    assert numbers["clipped_high_share"] == pytest.approx(0.3)
    assert numbers["clipped_low_share"] == pytest.approx(0.4)
    assert numbers["exposure"] == pytest.approx(0.3 * 255 + 0.3 * 100)
    assert numbers["contrast"] == 255


def test_surface_points_find_a_half_hidden_hand_that_joints_miss_or_exaggerate() -> None:
    stage = Stage()
    hand = stage.body["right_hand"]
    # the hand's outer half behind a post right before it
    post = hand.moved(x=0.085, y=-0.12)
    half = stage.with_things(post=type(post)("post", post.low, post.high, 40, (0.5, 0.5, 0.5)))
    share = {m.name: m.value for m in measured(render(half, surface_points=True))}["right_hand_visible_share"]
    whole = {m.name: m.value for m in measured(render(stage, surface_points=True))}["right_hand_visible_share"]
    assert whole == 1.0
    assert 0.1 < share < 0.9


def test_files_that_disagree_for_one_reason_are_told_once() -> None:
    facts = render(Stage())
    notes = {
        "cam_k": "K is off.",
        **dict.fromkeys(["depth_exr", "depth_png", "frame", "object_mask"], "Depth is off by 2 mm."),
    }
    sidecars = {name: replace(facts.picture.sidecars[name], proved=False, note=note) for name, note in notes.items()}
    verdict = facts.with_picture(sidecars={**facts.picture.sidecars, **sidecars}).verdict()
    assert verdict.reasons == (
        "5 files not in agreement with the geometry: cam_k (K is off); "
        "depth_exr, depth_png, frame and 1 more (Depth is off by 2 mm)",
    )


def test_example_of_the_guide_is_a_valid_gate_section() -> None:
    guide = (Path(__file__).parents[3] / "docs/gate.md").read_text(encoding="utf-8")
    example = re.search(r"\n\n(    gate:.*?)\n\n", guide, re.S)
    assert example
    gate = GateConfig.model_validate(parse_yaml(textwrap.dedent(example[1]))[0]["gate"])
    assert gate.object_visible_share == Limit(fail_below=0.4, warn_below=0.75)
    assert gate.settle_rolls == "off"
    assert gate.for_task("sitting")["hand_edge"] == Limit(fail_below=-20, warn_below=12)


@pytest.mark.parametrize(("offset", "level"), [(0.0, "pass"), (-0.049, "pass"), (0.07, "warn"), (-0.6, "warn")])
def test_a_support_far_from_the_configured_height_is_told_by_name(offset: float, level: str) -> None:
    facts = render(Stage()).with_geometry(support=SupportFacts("floor", offset))
    verdict = facts.verdict()
    assert verdict.verdict == level
    assert any("on floor" in reason for reason in verdict.reasons) == (level == "warn")
