# SPDX-License-Identifier: GPL-3.0-or-later
"""What the flat and the uneven way hand back, and how that becomes a SettleResult with sentences for people."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ...core.arrays import Array
from ...core.rotations import to_quat_xyzw
from ...core.settle.likelihood import Likelihood
from ...core.settle.result import SettleResult, SettleSettings
from ...core.settle.statics import Stance
from ...core.settle.support import FlatSupport, Support
from .drop import Drift
from .world import RigidPose

TIP_WARN_DEG = 2.0
CONFIDENCE_WARN = 0.75
COM_NOTES = {
    "parity": "The mesh is not closed; its centre of mass was found by ray parity.",
    "surface": "The mesh encloses nothing; it is taken as a thin sheet.",
    "box": "The mesh has no area; the middle of its box stands for the centre of mass.",
}


@dataclass(frozen=True, eq=False)
class Outcome:
    """Poses are of the centre of mass, metres, support at z = 0; trail ends with rest. fallen: it left the support. still: it lay still
    at the end of the drop. by_hand: a person has set the pose."""

    rest: RigidPose
    trail: list[RigidPose]
    stance: Stance
    rolls: bool
    still: bool
    confidence: float
    drift: Drift
    gap: float
    penetration: float
    snap_deg: float
    nudges: int
    frames: int
    fallen: bool = False
    likelihood: Likelihood | None = None
    by_hand: bool = False


def _on_support(outcome: Outcome, support: Support) -> bool:
    if isinstance(support, FlatSupport) and support.holds is not None:
        return bool(np.all(support.holds(outcome.stance.footprint)))
    return not outcome.fallen


def _reasons(outcome: Outcome, on_support: bool, support: Support, method: str, settings: SettleSettings) -> list[str]:
    """A sentence for each thing a person should know; empty when all is well."""
    said = []
    name = support.name or "the support"
    if not (outcome.still or outcome.drift.rests or outcome.by_hand):
        said.append(f"It was still moving after {settings.settling_time:g} s and a second, more damped run.")
    if not outcome.stance.stable:
        said.append(
            f"It does not stand: its centre of mass is {-outcome.stance.margin * 1000:.1f} mm outside its footprint."
        )
    if not on_support:
        said.append(f"It fell off {name}." if outcome.fallen else f"Part of its footprint is not on {name}.")
    if outcome.rolls:
        said.append("It rolls: which way it lies and its yaw are arbitrary; trust the height only.")
    if outcome.stance.stable and outcome.stance.tip_angle_deg < TIP_WARN_DEG:
        said.append(f"It tips over when tilted by {outcome.stance.tip_angle_deg:.1f} degrees.")
    if outcome.likelihood is not None and outcome.likelihood.is_unlikely:
        said.append(f"The pose is unlikely: {outcome.likelihood.words}.")
    if outcome.confidence < CONFIDENCE_WARN:
        alike = round(outcome.confidence * settings.drops)
        said.append(f"Only {alike} of {settings.drops} slightly tilted drops ended in this pose.")
    if outcome.nudges:
        said.append("It balanced on an edge or a point and was nudged until it fell over.")
    if not outcome.drift.rests:
        moved, turned = outcome.drift.distance, math.degrees(outcome.drift.angle)
        said.append(
            f"In {settings.drift_time:g} s more it moved {moved * 1000:.1f} mm and turned {turned:.1f} degrees."
        )
    if outcome.by_hand and outcome.snap_deg > settings.snap_deg:
        said.append(f"It was turned by {outcome.snap_deg:.1f} degrees onto the face that it stands on.")
    if method in COM_NOTES:
        said.append(COM_NOTES[method])
    return said


def _trusted(outcome: Outcome) -> float:
    """Share of the slightly tilted drops that ended in the pose; of those with a wide tilt where it is unlikely."""
    found = outcome.likelihood
    if found is None or not found.is_unlikely:
        return outcome.confidence
    return min(outcome.confidence, found.wide or 0.0)


def to_result(
    outcome: Outcome,
    com: Array,
    method: str,
    scale: Array,
    size: float,
    support: Support,
    settings: SettleSettings,
    seconds: float,
) -> SettleResult:
    """The contract's result. com (3,): in the scaled mesh's own frame."""

    def row(pose: RigidPose) -> Array:
        return np.concatenate([pose.position - pose.rotation @ com, to_quat_xyzw(pose.rotation)])

    on_support = _on_support(outcome, support)
    rest = outcome.rest
    return SettleResult(
        obj_R=rest.rotation,
        obj_t=rest.position - rest.rotation @ com,
        scale=scale,
        com=rest.position,
        footprint=outcome.stance.footprint.reshape(-1, 2),
        trajectory=np.array([row(pose) for pose in outcome.trail]),
        size=size,
        stable=outcome.stance.stable,
        rolls=outcome.rolls,
        settled=bool(outcome.drift.rests),
        tip_angle_deg=outcome.stance.tip_angle_deg,
        confidence=_trusted(outcome),
        unlikely=None if outcome.likelihood is None else outcome.likelihood.is_unlikely,
        pose_share=None if outcome.likelihood is None else outcome.likelihood.share,
        wide_share=None if outcome.likelihood is None else outcome.likelihood.wide,
        drift_mm=outcome.drift.distance * 1000,
        spin_deg=math.degrees(outcome.drift.angle),
        gap_mm=outcome.gap * 1000,
        penetration_mm=outcome.penetration * 1000,
        on_support=on_support,
        support_kind="flat" if isinstance(support, FlatSupport) else "mesh",
        support_name=support.name,
        support_height=support.height,
        com_method=method,
        snap_deg=outcome.snap_deg,
        nudges=outcome.nudges,
        drops=0 if outcome.by_hand else settings.drops,
        steps=outcome.frames,
        seconds=seconds,
        time_step=1.0 / settings.fps,
        source="user" if outcome.by_hand else "drop",
        reasons=tuple(_reasons(outcome, on_support, support, method, settings)),
    )
