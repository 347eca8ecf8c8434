# SPDX-License-Identifier: GPL-3.0-or-later
"""Measurements of the character: share in frame, head, hands and feet inside and visible, where the face looks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from ..arrays import Array
from ..config.gate_check import OUTSIDE
from .facts import BODY_PARTS, PART_JOINTS, BodyPart, GeometryFacts
from .project import ProjectedPoints, edge_distance, name_of, near_mask, project_points
from .types import Measurement

# How much nearer than its nearest point something must be to count as standing before a body part, in metres. Joints
# lie inside the flesh, so the surface before them is the part itself; surface points need only cover a pixel's slope.
_FLESH: Mapping[BodyPart, float] = {
    "head": 0.14,
    "left_hand": 0.06,
    "right_hand": 0.06,
    "left_foot": 0.09,
    "right_foot": 0.09,
}
_SURFACE_SLACK = 0.03


def measure_character(facts: GeometryFacts) -> list[Measurement]:
    """All numbers of the character. A part without a single known joint or point is reported as not measured."""
    seen = project_points(facts.character_points, facts)
    found: list[Measurement] = []
    for part in BODY_PARTS:  # the parts first: they say better than the whole what is wrong
        found += _measure_part(part, facts)
    found += [
        Measurement.of("character_in_frame_share", float(seen.inside.mean())),
        _clear_share(facts, seen),
        Measurement.of("character_height", _height_px(seen)),
        Measurement.of("character_area", float(facts.character_visible.sum())),
        Measurement.of("character_distance", float(np.median(seen.depth))),
    ]
    found += _facing(facts)
    return found


def _clear_share(facts: GeometryFacts, seen: ProjectedPoints) -> Measurement:
    """Of the points in the frame, those that nothing but the character itself hides."""
    if not seen.inside.any() or not facts.character_visible.any():
        return Measurement.of("character_clear_share", 0.0, OUTSIDE)
    own = np.isin(seen.ids, list(facts.character_ids))
    hidden = seen.hidden(_SURFACE_SLACK) & ~own
    hider = name_of(seen.ids[hidden], facts)
    return Measurement.of("character_clear_share", 1 - float(hidden.sum()) / float(seen.inside.sum()), hider)


def _height_px(seen: ProjectedPoints) -> float:
    rows = seen.px[np.isfinite(seen.px[:, 1]), 1]
    return float(rows.max() - rows.min()) if len(rows) else 0.0


def part_points(part: BodyPart, facts: GeometryFacts) -> tuple[Array, float]:
    """Points (N, 3) that stand for a body part, and the slack of its visibility in metres; N may be 0."""
    joints = [facts.joints[name] for name in PART_JOINTS[part] if name in facts.joints]
    surface = facts.part_points.get(part)
    if surface is not None and len(surface):
        return np.asarray(surface, dtype=np.float64), _SURFACE_SLACK
    return _along(np.asarray(joints, dtype=np.float64).reshape(-1, 3)), _FLESH[part]


def _along(joints: Array) -> Array:
    """The joints (N, 3) in their order with three points on each bone between them, so that a share has fine steps."""
    shares = np.linspace(0, 1, 5)[:-1, None]
    pieces = [a + shares * (b - a) for a, b in pairwise(joints)]
    return np.concatenate([*pieces, joints[-1:]])


def _measure_part(part: BodyPart, facts: GeometryFacts) -> Iterator[Measurement]:
    points, slack = part_points(part, facts)
    if not len(points):
        yield Measurement.of(f"{part}_edge", None, "the character has no joint of that part")
        return
    seen = project_points(points, facts)
    behind = "behind the camera" if (seen.depth <= 0).all() else ""
    yield Measurement.of(f"{part}_edge", edge_distance(seen, facts.size), behind)
    if not seen.inside.any():
        return
    # compared with the part's nearest point: a part does not hide itself, whatever its length along the view
    nearest = float(seen.depth[seen.inside].min())
    hidden = seen.inside & (seen.surface < nearest - slack)
    shown = seen.inside & ~hidden & near_mask(seen, facts.character_visible)
    hider = name_of(seen.ids[hidden], facts)
    note = "its own body" if hider == "the character" else hider
    yield Measurement.of(f"{part}_visible_share", float(shown.sum()) / float(seen.inside.sum()), note)


def _facing(facts: GeometryFacts) -> Iterator[Measurement]:
    if facts.face_forward is None:
        return
    points, _ = part_points("head", facts)
    if not len(points):
        yield Measurement.of("face_angle", None, "the character has no head joint")
        return
    to_camera = facts.camera.camera.position - points.mean(axis=0)
    cosine = float(facts.face_forward @ to_camera) / float(
        np.linalg.norm(to_camera) * np.linalg.norm(facts.face_forward)
    )
    yield Measurement.of("face_angle", float(np.degrees(np.arccos(np.clip(cosine, -1, 1)))))


def joint_overlay(facts: GeometryFacts) -> dict[str, dict[str, Any]]:
    """For the report: joint -> px, depth_m, state (visible, hidden, outside, behind_camera) and the part it is of."""
    part_of = {joint: part for part, joints in PART_JOINTS.items() for joint in joints}
    overlay: dict[str, dict[str, Any]] = {}
    for name, point in facts.joints.items():
        seen = project_points(np.asarray(point, dtype=np.float64).reshape(1, 3), facts)
        part = part_of.get(name)
        hidden = bool(seen.hidden(_FLESH[part] if part else max(_FLESH.values()))[0])
        if np.isnan(seen.px).any():
            state, px = "behind_camera", None
        else:
            state = "outside" if not seen.inside[0] else "hidden" if hidden else "visible"
            px = [round(float(c), 1) for c in seen.px[0]]
        overlay[name] = {"px": px, "depth_m": round(float(seen.depth[0]), 4), "state": state, "part": part or ""}
    return overlay
