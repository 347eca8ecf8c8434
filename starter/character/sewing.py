# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a garment creases and where its seams run: what the cloth's materials read from each vertex."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from .cloth import bump, ramp
from .garments import (
    COLLAR_RIB,
    CUFF_RIB,
    CUT_BEFORE_HAND,
    HEM,
    HEM_RIB,
    SIDES,
    WAIST,
    arm_line,
    at_cuff,
    bone_share,
    crotch_height,
    from_collar,
    leg_line,
    on_side,
)
from .limbs import limb_coordinates
from .macros import Figure
from .shirt import PLACKET
from .shoes import foot_axis
from .surface import Sheet, border_loops, smooth, unit

NO_SEAM = 0.02
"""Distance (m) from which on a vertex counts as away from every seam."""


@dataclass(frozen=True)
class Sewing:
    """place (N,3) m: across the limb or trunk that the vertex is on (x, y), and along it (z); crease (N,) 0 to 1;
    seams (N,3) m: signed distances to three families of seams, at most NO_SEAM either way."""

    place: np.ndarray
    crease: np.ndarray
    seams: np.ndarray

    def extended(self, sewn: Sheet, whole: Sheet) -> Sewing:
        """For `whole`, which begins with the vertices of `sewn` and goes on with lips, collar and buttons: no seams there."""
        border = np.concatenate(border_loops(sewn))
        more = whole.vertices[len(sewn.vertices) :]
        nearest = border[np.linalg.norm(more[:, None] - sewn.vertices[border], axis=2).argmin(axis=1)]
        return Sewing(
            np.concatenate([self.place, self.place[nearest]]),
            np.concatenate([self.crease, np.zeros(len(more))]),
            np.concatenate([self.seams, np.full((len(more), 3), NO_SEAM)]),
        )

    def scaled(self, factor: float) -> Sewing:
        """For a garment scaled by `factor`."""
        return Sewing(self.place * factor, self.crease, np.clip(self.seams * factor, -NO_SEAM, NO_SEAM))


def _limb_place(points: np.ndarray, line: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """((N,3) across and along the limb, (N,) length along it)."""
    limb = limb_coordinates(points, line)
    across = np.stack([limb.radius * np.cos(limb.angle), limb.radius * np.sin(limb.angle)], axis=1)
    return np.column_stack([across, limb.along]), limb.along


def _even(sheet: Sheet, place: np.ndarray) -> np.ndarray:
    """Without the jump where the nearest part of a bent limb changes."""
    return smooth(sheet.moved(place), 12).vertices


def _lengths(line: np.ndarray) -> tuple[float, float]:
    """Length (m) to the middle joint of a limb, and of all of it."""
    first, second = (float(np.linalg.norm(b - a)) for a, b in pairwise(line))
    return first, first + second


def sweater_sewing(figure: Figure, sheet: Sheet, shirt: bool) -> Sewing:
    """Creases at armpits, elbows, cuffs and waist; seams round the arm, down the side, where the ribbing begins, and
    beside the buttons of a shirt."""
    points = sheet.vertices
    arm = bone_share(figure, sheet, "upperarm", "lowerarm", "hand")
    place = points.copy()
    crease = 0.25 + 0.6 * bump(points[:, 2], HEM + 0.09, 0.12)
    armhole, blended = np.full(len(points), -NO_SEAM), np.zeros(len(points))
    for side in SIDES:
        line, mine = arm_line(figure, side), on_side(sheet, side)
        elbow, whole = _lengths(line)
        on_arm, along = _limb_place(points, line)
        share = ramp(arm, 0.05, 0.95) * mine
        place = (1 - share)[:, None] * place + share[:, None] * on_arm
        blended = np.maximum(blended, 4 * share * (1 - share))
        pit = line[0] + np.array([0.0, 0.0, -0.07])
        near_pit = 0.8 * ramp(np.linalg.norm(points - pit, axis=1), 0.15, 0.04)
        sleeve = 0.3 + 0.7 * np.maximum(bump(along, elbow, 0.11), bump(along, whole - 0.07, 0.08))
        crease = np.where(mine, np.maximum(np.where(arm > 0.5, sleeve, crease), near_pit), crease)
        outward = unit(np.array([np.sign(line[0][0]), 0.0, 0.25]))
        armhole = np.where(mine, (points - line[0]) @ outward + 0.006, armhole)
    ribs = np.minimum(
        np.minimum(points[:, 2] - HEM - HEM_RIB, from_collar(sheet) - COLLAR_RIB),
        at_cuff(figure, sheet, 0.0) - CUT_BEFORE_HAND - CUFF_RIB,
    )
    sides = np.where((armhole > 0) | (arm > 0.5), NO_SEAM, points[:, 1] - 0.005)
    if shirt:
        front = (armhole < 0) & (arm < 0.5) & (points[:, 1] < -0.02)
        sides = np.where(front, np.maximum(np.maximum(sides, -NO_SEAM), PLACKET - np.abs(points[:, 0])), sides)
    # where the two kinds of place meet, the creases' pattern is squeezed
    crease *= ramp(ribs, 0.0, 0.02) * (1 - 0.9 * blended)
    return Sewing(_even(sheet, place), np.clip(crease, 0, 1), np.stack([armhole, sides, ribs], axis=1))


def trousers_sewing(figure: Figure, sheet: Sheet, tights: Sheet) -> Sewing:
    """Creases at hips, knees and above the shoes; seams along the legs, in the middle, and above the hems."""
    points = sheet.vertices
    crotch = crotch_height(figure, tights)
    below = ramp(points[:, 2], crotch + 0.04, crotch - 0.08)
    place, crease = points.copy(), np.zeros(len(points))
    legs = points[:, 1].copy()
    for side in SIDES:
        line, mine = leg_line(figure, side), on_side(sheet, side)
        knee, whole = _lengths(line)
        on_leg, along = _limb_place(points, line)
        share = (below * mine)[:, None]
        place = (1 - share) * place + share * on_leg
        legs = np.where(mine, (1 - below) * legs + below * on_leg[:, 1], legs)
        stack = np.maximum(bump(along, knee, 0.15), ramp(along, whole - 0.20, whole - 0.04))
        hip = ramp(np.abs(points[:, 2] - crotch - 0.01), 0.13, 0.02) * ramp(points[:, 1], 0.06, -0.04)
        crease = np.where(mine, np.maximum(0.22 + 0.78 * stack, 0.9 * hip), crease)
    hem = points[:, 2] - (figure.joint("l-ankle")[2] + 0.030)
    crease *= ramp(points[:, 2], WAIST + 0.01, WAIST - 0.02)
    return Sewing(_even(sheet, place), np.clip(crease, 0, 1), np.stack([legs, points[:, 0], hem], axis=1))


def shoes_sewing(figure: Figure, sheet: Sheet) -> Sewing:
    """No creases; seams before the toes, before the heel, and round the collar."""
    points = sheet.vertices
    toe, heel, collar = (np.full(len(points), NO_SEAM) for _ in range(3))
    for side in SIDES:
        ankle, mine = figure.joint(f"{side}-ankle"), on_side(sheet, side)
        forward = (points - ankle) @ foot_axis(figure, side)
        away = np.abs((points - ankle) @ np.cross([0.0, 0.0, 1.0], foot_axis(figure, side)))
        toe = np.where(mine, forward - 0.150 + 2.2 * away**2 / 0.05, toe)
        heel = np.where(mine, forward + 0.012 - 0.25 * (points[:, 2] - ankle[2]), heel)
        rim = ankle[2] + 0.020 + 0.12 * np.clip(forward, -0.05, 0.06)
        collar = np.where(mine, rim - 0.014 - points[:, 2], collar)
    return Sewing(points.copy(), np.zeros(len(points)), np.stack([toe, heel, collar], axis=1))
