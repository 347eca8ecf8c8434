# SPDX-License-Identifier: GPL-3.0-or-later
"""What turns a tight shell into hanging cloth: width, drape, folds and hems with thickness."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .limbs import LimbCoordinates, Outlines
from .surface import Sheet, border_loops, corners, face_normals, unit, vertex_normals

LIP = 0.004
INSIDE = 0.018


def ramp(values: np.ndarray, start: float, end: float) -> np.ndarray:
    """0 at `start`, 1 at `end` (either order), smooth between."""
    part = np.clip((values - start) / (end - start), 0.0, 1.0)
    return part * part * (3 - 2 * part)


def bump(values: np.ndarray, centre: float, width: float) -> np.ndarray:
    """1 at `centre`, falling to 0 at `width` away on either side."""
    return 1 - ramp(np.abs(values - centre), 0.0, width)


def offset(sheet: Sheet, distance: float | np.ndarray) -> Sheet:
    """Move every vertex along its normal by `distance` (scalar or (N,)) metres."""
    step = np.broadcast_to(np.asarray(distance, float).reshape(-1, 1), (len(sheet.vertices), 1))
    return sheet.moved(sheet.vertices + step * vertex_normals(sheet))


def widen(sheet: Sheet, limb: LimbCoordinates, target: np.ndarray, share: np.ndarray) -> Sheet:
    """Pull each vertex the part `share` (N,) of the way to the distance `target` (N,) from the limb's axis."""
    outward = unit(sheet.vertices - limb.foot)
    move = share * (target - limb.radius)
    return sheet.moved(sheet.vertices + move[:, None] * outward)


def drape(outlines: Outlines, slope: float) -> Outlines:
    """Let cloth hang: below a wide slice the outline comes in no faster than `slope` metres per metre of height."""
    radius = outlines.radius.copy()
    for row in range(len(radius) - 2, -1, -1):
        fall = slope * (outlines.heights[row + 1] - outlines.heights[row])
        radius[row] = np.maximum(radius[row], radius[row + 1] - fall)
    return replace(outlines, radius=radius)


def push_to_outline(sheet: Sheet, outlines: Outlines, gain: np.ndarray, extra: float | np.ndarray = 0.0) -> Sheet:
    """Push vertices horizontally outward to the outline plus `extra`, by the part `gain` (N,); never inward."""
    angle, radius, limit = outlines.polar(sheet.vertices)
    move = gain * np.maximum(limit + extra - radius, 0.0)
    vertices = sheet.vertices.copy()
    vertices[:, 0] += move * np.cos(angle)
    vertices[:, 1] += move * np.sin(angle)
    return sheet.moved(vertices)


def _outward(sheet: Sheet) -> np.ndarray:
    """(N,3) for border vertices: unit direction in the cloth's surface, out over the border; zero elsewhere."""
    start, end, face = corners(sheet.faces)
    normals = unit(face_normals(sheet))
    directed = set(zip(start.tolist(), end.tolist(), strict=True))
    out = np.zeros_like(sheet.vertices)
    for a, b, f in zip(start.tolist(), end.tolist(), face.tolist(), strict=True):
        if (b, a) not in directed:
            side = np.cross(sheet.vertices[b] - sheet.vertices[a], normals[f])
            out[a] += side
            out[b] += side
    return unit(out)


def _ring_mean(values: np.ndarray, times: int) -> np.ndarray:
    """Smooth rows (L,3) along a closed loop."""
    for _ in range(times):
        values = 0.5 * values + 0.25 * (np.roll(values, 1, axis=0) + np.roll(values, -1, axis=0))
    return values


def add_lips(sheet: Sheet, depth: float = LIP, inside: float = INSIDE) -> Sheet:
    """Turn every border in: a rounded edge `depth` thick, then `inside` metres back along the cloth's inner side."""
    loops = border_loops(sheet)
    outward, normals = _outward(sheet), vertex_normals(sheet)
    vertices, faces, weights = [sheet.vertices], [sheet.faces], [sheet.weights]
    slots, count = [sheet.slot], len(sheet.vertices)
    border_slot = np.zeros(count, np.int64)
    start, _, face = corners(sheet.faces)
    border_slot[start] = sheet.slot[face]
    for loop in loops:
        along, inward = unit(_ring_mean(outward[loop], 12)), -unit(_ring_mean(normals[loop], 4))
        edge = sheet.vertices[loop]
        rings = [
            edge + 0.4 * depth * along + 0.3 * depth * inward,
            edge + 0.4 * depth * along + 0.8 * depth * inward,
            edge + 1.1 * depth * inward,
            edge + 2.2 * depth * inward - inside * along,  # deeper, so that no fold outside dips under it
        ]
        previous = loop
        for ring in rings:
            current = count + np.arange(len(loop))
            # the surface lies left of the loop, so this order keeps the winding over the edge
            faces.append(np.stack([np.roll(previous, -1), previous, current, np.roll(current, -1)], axis=1))
            vertices.append(ring)
            weights.append(sheet.weights[loop])
            slots.append(border_slot[loop])
            previous, count = current, count + len(loop)
    return Sheet(*(np.concatenate(rows) for rows in (vertices, faces, weights, slots)))


def limit_weights(weights: np.ndarray, most: int = 4) -> np.ndarray:
    """Keep the `most` largest of each row (N,B) and make it sum to one again."""
    drop = np.argsort(-weights, axis=1, kind="stable")[:, most:]
    kept = weights.copy()
    np.put_along_axis(kept, drop, 0.0, axis=1)
    return kept / kept.sum(axis=1, keepdims=True)
