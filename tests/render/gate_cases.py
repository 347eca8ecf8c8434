# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways to spoil a stage, with the checks that must say so: shared by the proofs of the gate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from PIL import Image

from grail_addon.core.layout import ResultsLayout, VideoId
from grail_addon.core.pose import Pose
from grail_addon.core.settle.rest import RestPose
from grail_addon.core.sidecars.write import mask_png, read_mask
from tests.gate_score import Score
from tests.render.gate_spoils import Place, Spoil


@dataclass(frozen=True)
class Bad:
    """A spoilt stage, the checks that have to fail, words that a reason has to hold, checks that may fail with it."""

    name: str
    spoil: Spoil
    checks: tuple[str, ...]
    words: str
    may: tuple[str, ...] = ()


def aim(**changes: Any) -> Spoil:
    return Spoil(camera=lambda camera: replace(camera, **changes))


def shifted(x: float = 0.0, y: float = 0.0, z: float = 0.0, scale: float = 1.0) -> Callable[[Any], Place]:
    """The object moved from where it stands, and scaled about its frame's origin."""

    def place(placed: Any) -> Place:
        pose = placed.obj
        return Place(obj=Pose(pose.rotation, np.add(pose.translation, (x, y, z)), pose.scale * scale))

    return place


def at(x: float, y: float, z: float, scale: float = 1.0) -> Callable[[Any], Place]:
    """The object upright at a point."""
    return lambda placed: Place(obj=Pose(np.eye(3), np.array([x, y, z]), placed.obj.scale * scale))


def stood(x: float, y: float = 0.0, z: float = 0.0, turn_deg: float | None = None) -> Callable[[Any], Place]:
    return lambda _: Place(person=(x, y, z), turn_deg=turn_deg)


def obstacle(name: str, where: tuple[float, float, float], size: tuple[float, float, float], **more: Any) -> Spoil:
    return Spoil(obstacles=[(name, where, size)], **more)


def swapped(*roles: str) -> Callable[[ResultsLayout, VideoId], None]:
    """Files of scene seed 2 in place of the frame's own."""

    def change(layout: ResultsLayout, vid: VideoId) -> None:
        for role in roles:
            own, other = (getattr(layout, role)(v) for v in (vid, replace(vid, seed=2)))
            own.write_bytes(other.read_bytes())

    return change


def gone(role: str) -> Callable[[ResultsLayout, VideoId], None]:
    return lambda layout, vid: getattr(layout, role)(vid).unlink()


def cut_short(role: str) -> Callable[[ResultsLayout, VideoId], None]:
    def change(layout: ResultsLayout, vid: VideoId) -> None:
        path = getattr(layout, role)(vid)
        path.write_bytes(path.read_bytes()[:100])

    return change


def noisy(layout: ResultsLayout, vid: VideoId) -> None:
    path = layout.frame(vid)
    with Image.open(path) as image:
        rgb = np.asarray(image.convert("RGB")).astype(float)
    rgb += np.random.default_rng(0).normal(scale=30, size=rgb.shape)
    Image.fromarray(np.clip(rgb, 0, 255).astype(np.uint8)).save(path)


def grown(layout: ResultsLayout, vid: VideoId) -> None:
    path = layout.object_mask(vid)
    mask = read_mask(path)
    path.write_bytes(mask_png(mask | np.roll(mask, 4, axis=1)))


def settle(**changes: Any) -> Callable[[RestPose], RestPose]:
    return lambda rest: replace(rest, verdict={**(rest.verdict or {}), **changes})


FEET = ("left_foot_edge", "right_foot_edge")
EDGES = (*FEET, "left_hand_edge", "right_hand_edge", "head_edge", "object_edge", "character_in_frame_share")
PARTS = tuple(f"{s}_{p}_visible_share" for s in ("left", "right") for p in ("hand", "foot"))
SMALL = ("object_area", "object_long_side", "object_visible_share")
INTO = ("character_furniture_penetration", "character_furniture_contained", "character_object_penetration")


def check_caught(bench: Any, score: Score, case: Bad) -> None:
    """Make the spoilt frame: it fails for the right reason and for no other."""
    manifest = bench.shoot(case.spoil)
    failed = {check["name"] for check in manifest["measurements"] if check["level"] == "fail"}
    reasons = "\n".join(manifest["reasons"])
    score.bad(manifest["verdict"] == "fail" and failed >= set(case.checks) and case.words in reasons)
    assert failed >= set(case.checks), reasons
    assert case.words in reasons
    assert failed <= {*case.checks, *case.may}, f"a reason that has nothing to do with the fault: {reasons}"


def check_good(bench: Any, score: Score, spoil: Spoil) -> None:
    """Make the frame: it does not fail and its files are proved."""
    manifest = bench.shoot(spoil)
    score.good(manifest["verdict"] == "fail")
    assert manifest["verdict"] != "fail", manifest["reasons"]
    assert manifest["proof"]["proved"]
