# SPDX-License-Identifier: GPL-3.0-or-later
"""Measurements of the stage behind the picture: camera, depth, contacts, settling, sidecars, the task's own regions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ..config.gate_check import NO_SURFACE, OUTSIDE
from ..config.gate_table import CHECK_OF
from ..settle.likelihood import Likelihood
from .facts import CONTACT_PAIRS, GeometryFacts, PictureFacts, RegionFacts
from .project import name_of, pixels, project_points
from .types import LOST_BETWEEN, Measurement

NEAR_DISTANCE = 0.5  # metres: what is nearer than this stands right before the lens
_REGION_SLACK = 0.05  # metres: floors are seen at grazing angles, where one pixel spans centimetres of depth


def measure_camera(facts: GeometryFacts) -> Iterator[Measurement]:
    """Distance to the target, height over the floor, tilt of the horizon, pitch, target in the picture, movement."""
    camera, target = facts.camera.camera, facts.camera.target
    right_z, up_z, back_z = camera.rotation[2]
    yield Measurement.of("camera_animated", facts.camera.animated)
    yield Measurement.of("camera_distance", float(np.linalg.norm(camera.position - target)))
    yield Measurement.of("camera_height", float(camera.position[2] - facts.camera.floor_z))
    yield Measurement.of("camera_roll", _roll(right_z, up_z))
    yield Measurement.of("camera_pitch", float(np.degrees(np.arcsin(np.clip(back_z, -1, 1)))))
    px, _ = pixels(target[None], camera)
    if np.isnan(px).any():
        yield Measurement.of("target_offset", None, "the target is behind the camera")
    else:
        width, height = facts.size
        offset = float(np.hypot(px[0, 0] - width / 2, px[0, 1] - height / 2))
        yield Measurement.of("target_offset", offset / height)


def _roll(right_z: float, up_z: float) -> float:
    """Degrees, 0 to 180, between the picture's up and the world's; 0 straight above, where nothing is up."""
    return float(abs(np.degrees(np.arctan2(right_z, up_z)))) if np.hypot(right_z, up_z) > 1e-6 else 0.0


def measure_depth(facts: GeometryFacts) -> Iterator[Measurement]:
    """How much of the picture has a depth, and how much of it is right before the lens."""
    known = facts.depth > 0
    near = known & (facts.depth < NEAR_DISTANCE)
    yield Measurement.of("depth_known_share", float(known.mean()))
    yield Measurement.of("near_share", float(near.mean()), name_of(facts.id_map[near], facts))


def measure_contacts(facts: GeometryFacts) -> Iterator[Measurement]:
    """Gaps, penetrations and containment as the stage measured them; what is missing is reported as not measured."""
    if facts.support is not None:
        support = facts.support
        yield Measurement.of("support_offset", abs(support.offset), support.name)
        if support.wanted is not None:
            is_wanted = support.name == support.wanted
            note = support.name if is_wanted else f"{support.name} instead of {support.wanted}"
            yield Measurement.of("support_named", is_wanted, note)
    for pair in CONTACT_PAIRS:
        contact = facts.contacts.get(pair)
        if contact is None:
            yield Measurement.of(f"{pair}_penetration", None, "the stage did not measure it")
            continue
        if contact.gap_mm is not None:
            yield Measurement.of(f"{pair}_gap", float(contact.gap_mm), contact.other)
        elif CHECK_OF[f"{pair}_gap"].default is not None:  # the pair has to touch
            yield Measurement.of(f"{pair}_gap", None, "the stage did not measure it")
        yield Measurement.of(f"{pair}_penetration", float(contact.penetration_mm), contact.other)
        yield Measurement.of(f"{pair}_contained", contact.contained, contact.other)


_SETTLE_KEYS = {
    "settle_stable": "stable",
    "settle_at_rest": "settled",
    "settle_on_support": "on_support",
    "settle_rolls": "rolls",
    "settle_confidence": "confidence",
}
"""Measurement -> key of the settle verdict that answers it."""


def measure_settle(facts: GeometryFacts) -> Iterator[Measurement]:
    """The settle verdict's answers."""
    verdict = facts.settle
    yield Measurement.of("settle_known", verdict is not None)
    if verdict is None:
        return
    unlikely = verdict.get("unlikely")
    if unlikely is not None:  # not measured on an uneven support
        yield Measurement.of("settle_unlikely", bool(unlikely), _likelihood(verdict).words if unlikely else "")
    for name, key in _SETTLE_KEYS.items():
        answer = verdict.get(key)
        is_question = CHECK_OF[name].unit == "yes/no"
        if answer is None:
            yield Measurement.of(name, None, "no answer" if is_question else "no number")
        else:
            yield Measurement.of(name, bool(answer) if is_question else float(answer))


def _likelihood(verdict: Mapping[str, Any]) -> Likelihood:
    return Likelihood(float(verdict["pose_share"]), float(verdict["tip_angle_deg"]), verdict.get("wide_share"))


def measure_textures(facts: GeometryFacts) -> Iterator[Measurement]:
    """Pictures that cannot be shown, and what is left without a colour by that."""
    textures = facts.textures
    if textures is None:
        return
    lost = LOST_BETWEEN.join(textures.lost)
    yield Measurement.of("textures_lost", float(len(textures.lost)), lost)
    for who, share in textures.bare.items():
        yield Measurement.of(f"{who}_bare_share", share, lost)


def measure_sidecars(facts: PictureFacts) -> Iterator[Measurement]:
    """How many files are missing, are of another seed, or did not prove right; the notes name them."""
    known = facts.sidecars
    missing = sorted(n for n in facts.required_sidecars if n not in known or not known[n].present)
    there = {n: s for n, s in known.items() if s.present}
    strange = sorted(f"{n} (seed {s.seed})" for n, s in there.items() if s.seed is not None and s.seed != facts.seed)
    unproved = {n: s.note.rstrip(".") for n, s in sorted(there.items()) if not s.proved}
    yield Measurement.of("sidecars_missing", float(len(missing)), ", ".join(missing))
    yield Measurement.of("sidecars_wrong_seed", float(len(strange)), ", ".join(strange))
    yield Measurement.of("sidecars_unproved", float(len(unproved)), _by_note(unproved))


def _by_note(notes: Mapping[str, str]) -> str:
    """Names with what is said of them, each thing said once: `depth_png, depth_exr and 9 more (off by 2 mm)`."""
    names_by_note: dict[str, list[str]] = {}
    for name, note in notes.items():
        names_by_note.setdefault(note, []).append(name)
    parts: list[str] = []
    for note, names in names_by_note.items():
        listed = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        parts.append(f"{listed} ({note})" if note else listed)
    return "; ".join(parts)


def region_visible_share(region: RegionFacts, facts: GeometryFacts) -> tuple[float, str]:
    """Share of the region's points that are in the frame and not hidden, and what hides most of the others."""
    if not len(region.points):
        return 0.0, NO_SURFACE
    seen = project_points(region.points, facts)
    hidden = seen.hidden(_REGION_SLACK)
    if region.people_may_cover:
        hidden &= ~np.isin(seen.ids, list(facts.character_ids | facts.object_ids))
    outside = int((~seen.inside).sum())
    note = name_of(seen.ids[hidden], facts) if int(hidden.sum()) >= outside else OUTSIDE
    return float((seen.inside & ~hidden).mean()), note


def measure_task(facts: GeometryFacts) -> Iterator[Measurement]:
    """What the task needs to see; other tasks yield nothing."""
    if facts.task == "sitting":
        yield _region("seat", "seat_visible_share", facts)
        yield _region("seat_approach", "seat_approach_visible_share", facts)
    elif facts.task == "terrain_stairs":
        yield _least_step(facts)
        yield _region("landing", "landing_visible_share", facts)
    elif facts.task == "pickup_ground":
        yield _region("floor_reach", "floor_reach_visible_share", facts)


def _region(name: str, measurement: str, facts: GeometryFacts) -> Measurement:
    region = facts.regions.get(name)
    if region is None:
        return Measurement.of(measurement, None, "the stage did not say where it is")
    share, note = region_visible_share(region, facts)
    return Measurement.of(measurement, share, note)


def _least_step(facts: GeometryFacts) -> Measurement:
    steps = {name: region for name, region in facts.regions.items() if name.startswith("step_")}
    if not steps:
        return Measurement.of("step_visible_share", None, "the stage did not say where the steps are")
    shares = {name: region_visible_share(region, facts) for name, region in steps.items()}
    worst = min(shares, key=lambda name: shares[name][0])
    share, hider = shares[worst]
    note = f"step {worst.removeprefix('step_').lstrip('0')}" + (f", {hider}" if hider else "")
    return Measurement.of("step_visible_share", share, note)
