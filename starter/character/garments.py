# SPDX-License-Identifier: GPL-3.0-or-later
"""Sweater and trousers, shaped from the base mesh's outer shell (`helper-tights`). Rest pose, metres before scaling."""

from __future__ import annotations

import numpy as np

from .cloth import bump, drape, offset, push_to_outline, ramp, widen
from .cut import keep, paint
from .limbs import LimbCoordinates, limb_coordinates, slice_outlines
from .macros import Figure
from .noise import ridges
from .surface import Sheet, border_loops, largest_piece, make_sheet, smooth, subdivide, unit

CLOTH, RIBBING = 0, 1
COLLAR_POINT, COLLAR_NORMAL = np.array([0.0, -0.02, 0.592]), unit(np.array([0.0, -0.33, 1.0]))
HEM, HEM_RIB, CUFF_RIB, COLLAR_RIB = 0.0, 0.034, 0.030, 0.020
CUT_BEFORE_HAND = 0.012
WAIST = 0.13
SIDES = ("l", "r")


def shell(figure: Figure) -> Sheet:
    """The shell subdivided twice: faces of about 8 mm, enough for folds."""
    tights = make_sheet(figure.vertices, figure.base.faces["helper-tights"], figure.weights)
    return subdivide(subdivide(tights))


def arm_line(figure: Figure, side: str) -> np.ndarray:
    return np.array([figure.joint(f"{side}-{name}") for name in ("shoulder", "elbow", "hand")])


def leg_line(figure: Figure, side: str) -> np.ndarray:
    return np.array([figure.joint(f"{side}-{name}") for name in ("upper-leg", "knee", "ankle")])


def bone_share(figure: Figure, sheet: Sheet, *stems: str) -> np.ndarray:
    """(N,) summed weight of all bones whose name starts with one of `stems`."""
    columns = [i for i, name in enumerate(figure.bone_names) if name.startswith(stems)]
    return sheet.weights[:, columns].sum(axis=1)


def on_side(sheet: Sheet, side: str) -> np.ndarray:
    return sheet.vertices[:, 0] > 0 if side == "l" else sheet.vertices[:, 0] < 0


def at_cuff(figure: Figure, sheet: Sheet, before: float) -> np.ndarray:
    """(N,) metres that a vertex lies before the cuffs' planes; far positive outside the forearms."""
    level = np.full(len(sheet.vertices), 1.0)
    for side in SIDES:
        line = arm_line(figure, side)
        axis = unit(line[2] - line[1])
        distance = (line[2] - sheet.vertices) @ axis - before
        near = on_side(sheet, side) & (np.linalg.norm(sheet.vertices - line[2], axis=1) < 0.35)
        level = np.where(near, distance, level)
    return level


def _above_collar(points: np.ndarray) -> np.ndarray:
    return (points - COLLAR_POINT) @ COLLAR_NORMAL


def from_collar(sheet: Sheet) -> np.ndarray:
    """(N,) distance to the collar's edge: the border loop that lies highest."""
    loop = max(border_loops(sheet), key=lambda ring: float(sheet.vertices[ring, 2].mean()))
    near = np.flatnonzero(sheet.vertices[:, 2] > 0.50)
    distance = np.full(len(sheet.vertices), 1.0)
    gaps = sheet.vertices[near][:, None] - sheet.vertices[loop][None]
    distance[near] = np.linalg.norm(gaps, axis=2).min(axis=1)
    return distance


def _sleeve_target(along: np.ndarray, line: np.ndarray) -> np.ndarray:
    upper = float(np.linalg.norm(line[1] - line[0]))
    whole = upper + float(np.linalg.norm(line[2] - line[1]))
    stations = [0.0, upper, whole - 0.075, whole - 0.048, whole - 0.034, whole - 0.012]
    return np.interp(along, stations, [0.050, 0.047, 0.042, 0.044, 0.039, 0.036])


def _sleeve_folds(limb: LimbCoordinates, line: np.ndarray, side: str) -> np.ndarray:
    """(N,) fold height in metres: strongest at the elbow and above the cuff."""
    upper = float(np.linalg.norm(line[1] - line[0]))
    whole = upper + float(np.linalg.norm(line[2] - line[1]))
    # the slight twist makes folds run as spirals instead of rings
    place = np.stack([limb.along * 26 + 0.8 * limb.angle / np.pi, np.cos(limb.angle), np.sin(limb.angle)], axis=1)
    height = 0.004 + 0.009 * bump(limb.along, upper, 0.10) + 0.010 * bump(limb.along, whole - 0.075, 0.06)
    return height * ridges(place, f"sleeve-{side}") * ramp(limb.along, whole - 0.040, whole - 0.060)


def _torso_folds(points: np.ndarray) -> np.ndarray:
    height = 0.006 + 0.012 * bump(points[:, 2], HEM + 0.085, 0.09)
    broad = ridges(points * [7.0, 7.0, 13.0], "torso-broad")
    return height * broad * ramp(points[:, 2], HEM + 0.036, HEM + 0.060) * ramp(points[:, 2], 0.60, 0.52)


def sweater(figure: Figure, tights: Sheet) -> Sheet:
    """The long-sleeved top: cut, widened, draped, folded, with ribbed collar, hem and cuffs."""
    sheet = keep(tights, tights.vertices[:, 2] - HEM)
    sheet = keep(sheet, -_above_collar(sheet.vertices))
    sheet = largest_piece(keep(sheet, at_cuff(figure, sheet, CUT_BEFORE_HAND)))
    sheet = smooth(sheet, 3)
    shoulder = [np.linalg.norm(sheet.vertices - arm_line(figure, side)[0], axis=1) for side in SIDES]
    # nothing lies under the cloth there, and a cap as wide as the shell looks padded once the arm hangs
    cap = 0.012 * ramp(np.minimum(*shoulder), 0.12, 0.05)
    sheet = offset(sheet, 0.004 + 0.003 * ramp(from_collar(sheet), 0.0, 0.06) - cap)
    arm = bone_share(figure, sheet, "upperarm", "lowerarm", "hand")
    lines = {side: arm_line(figure, side) for side in SIDES}
    limbs = {side: limb_coordinates(sheet.vertices, lines[side]) for side in SIDES}
    for side in SIDES:
        share = 0.85 * ramp(arm, 0.35, 0.95) * ramp(limbs[side].along, 0.03, 0.10) * on_side(sheet, side)
        sheet = widen(sheet, limbs[side], _sleeve_target(limbs[side].along, lines[side]), share)
    sheet = smooth(sheet, 15)
    torso = ramp(arm, 0.45, 0.05)
    outlines = drape(slice_outlines(sheet.vertices[arm < 0.3], HEM, 0.54), 0.22)
    z = sheet.vertices[:, 2]
    blouse = 0.010 * bump(z, HEM + 0.060, 0.05) - 0.012 * ramp(z, HEM + 0.045, HEM + 0.015)
    # at the hem all the way out: the shell already turns in between the legs there
    gain = torso * ramp(z, 0.54, 0.44) * (0.9 + 0.1 * ramp(z, HEM + 0.12, HEM + 0.05))
    sheet = push_to_outline(sheet, outlines, gain, blouse)
    # between the legs that bunched the faces up: let them spread along the hem, then straighten it again
    sheet = smooth(sheet, 30, 0.5 * ramp(sheet.vertices[:, 2], HEM + 0.20, HEM + 0.13))
    sheet = push_to_outline(sheet, outlines, gain, blouse)
    sheet = smooth(sheet, 3)
    height = torso * _torso_folds(sheet.vertices)
    for side in SIDES:
        height += np.where(on_side(sheet, side), ramp(arm, 0.3, 0.9) * _sleeve_folds(limbs[side], lines[side], side), 0)
    sheet = smooth(offset(sheet, height), 1)
    sheet = paint(sheet, HEM + HEM_RIB - sheet.vertices[:, 2], RIBBING)
    sheet = paint(sheet, COLLAR_RIB - from_collar(sheet), RIBBING)
    return paint(sheet, CUT_BEFORE_HAND + CUFF_RIB - at_cuff(figure, sheet, 0.0), RIBBING)


def _trouser_target(along: np.ndarray, line: np.ndarray) -> np.ndarray:
    knee = float(np.linalg.norm(line[1] - line[0]))
    whole = knee + float(np.linalg.norm(line[2] - line[1]))
    return np.interp(along, [0.05, 0.16, 0.24, knee, whole - 0.15, whole], [0.100, 0.098, 0.088, 0.070, 0.064, 0.066])


def _trouser_folds(limb: LimbCoordinates, line: np.ndarray, side: str) -> np.ndarray:
    """(N,) fold height in metres: at the back of the knee and above the hem, where the leg is too long."""
    knee = float(np.linalg.norm(line[1] - line[0]))
    whole = knee + float(np.linalg.norm(line[2] - line[1]))
    place = np.stack([limb.along * 17 + limb.angle / np.pi, np.cos(limb.angle), np.sin(limb.angle)], axis=1)
    height = 0.004 + 0.011 * bump(limb.along, knee, 0.16) + 0.014 * bump(limb.along, whole - 0.07, 0.14)
    return height * ridges(place, f"leg-{side}")


def crotch_height(figure: Figure, tights: Sheet) -> float:
    """Height of the lowest point of the shell in the middle, between the legs."""
    middle = np.abs(tights.vertices[:, 0]) < 0.004
    return float(tights.vertices[middle, 2].min())


def trousers(figure: Figure, tights: Sheet) -> Sheet:
    """Trousers from under the sweater down over the shoe's collar."""
    ankle = figure.joint("l-ankle")[2]
    crotch = crotch_height(figure, tights)
    sheet = keep(tights, WAIST - tights.vertices[:, 2])
    on_leg = np.abs(sheet.vertices[:, 0]) < 0.3  # the hands hang at the same height in the rest pose
    forward = figure.joint("l-ankle")[1] - sheet.vertices[:, 1]
    # higher in front, where the shoe's instep would come through, and lower over the heel
    hem = ankle - 0.022 + 0.024 * ramp(forward, 0.0, 0.05) - 0.008 * ramp(forward, 0.0, -0.04)
    sheet = largest_piece(keep(sheet, np.where(on_leg, sheet.vertices[:, 2] - hem, -1.0)))
    sheet = offset(smooth(sheet, 3), 0.006)
    lines = {side: leg_line(figure, side) for side in SIDES}
    limbs = {side: limb_coordinates(sheet.vertices, lines[side]) for side in SIDES}
    below = ramp(sheet.vertices[:, 2], crotch + 0.02, crotch - 0.06)
    for side in SIDES:
        share = 0.82 * below * on_side(sheet, side)
        sheet = widen(sheet, limbs[side], _trouser_target(limbs[side].along, lines[side]), share)
    sheet = smooth(sheet, 16)
    z = sheet.vertices[:, 2]
    outlines = drape(slice_outlines(sheet.vertices, crotch - 0.02, WAIST), 0.15)
    seat = 0.9 * ramp(z, crotch - 0.04, crotch + 0.03)
    sheet = push_to_outline(sheet, outlines, seat)
    fork = ramp(z, crotch - 0.06, crotch - 0.03) * ramp(np.abs(sheet.vertices[:, 0]), 0.08, 0.04)
    sheet = push_to_outline(smooth(sheet, 25, 0.5 * fork), outlines, seat)
    sheet = smooth(sheet, 3)
    height = np.zeros(len(sheet.vertices))
    for side in SIDES:
        height += np.where(on_side(sheet, side), _trouser_folds(limbs[side], lines[side], side), 0.0)
    height *= ramp(sheet.vertices[:, 2], 0.03, -0.05) * np.clip(0.3 + below, 0, 1)
    return smooth(offset(sheet, height), 1)


def clear_of(outer: Sheet, inner: Sheet, below: float, gap: float) -> Sheet:
    """Push `outer` horizontally to at least `gap` metres outside the convex outline of `inner`, under `below`."""
    outlines = slice_outlines(inner.vertices, HEM - 0.01, below)
    return push_to_outline(outer, outlines, ramp(outer.vertices[:, 2], below, below - 0.012), gap)


def outfit(figure: Figure, tights: Sheet) -> tuple[Sheet, Sheet]:
    """(top, trousers) with open borders, the top's hem outside the trousers."""
    lower = trousers(figure, tights)
    return clear_of(sweater(figure, tights), lower, 0.13, 0.009), lower
