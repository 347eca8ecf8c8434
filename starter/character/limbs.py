# SPDX-License-Identifier: GPL-3.0-or-later
"""Coordinates along and around a limb, and the outline of horizontal slices of a torso."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .surface import unit

ANGLES = 72


@dataclass(frozen=True)
class LimbCoordinates:
    """For each point: length along the limb (N,) m, foot on the axis (N,3), distance (N,), angle round it (N,)."""

    along: np.ndarray
    foot: np.ndarray
    radius: np.ndarray
    angle: np.ndarray


def limb_coordinates(points: np.ndarray, line: np.ndarray) -> LimbCoordinates:
    """Coordinates of `points` (N,3) about the polyline `line` (K,3), which is extended straight at both ends."""
    starts, steps = line[:-1], np.diff(line, axis=0)
    lengths = np.linalg.norm(steps, axis=1)
    low = np.r_[-np.inf, np.zeros(len(steps) - 1)]
    high = np.r_[np.ones(len(steps) - 1), np.inf]
    part = np.einsum("nkc,kc->nk", points[:, None] - starts, steps) / lengths**2
    part = np.clip(part, low, high)
    feet = starts + part[..., None] * steps
    nearest = np.linalg.norm(points[:, None] - feet, axis=2).argmin(axis=1)
    rows = np.arange(len(points))
    foot = feet[rows, nearest]
    along = np.r_[0.0, np.cumsum(lengths)[:-1]][nearest] + part[rows, nearest] * lengths[nearest]
    axis = unit(line[-1] - line[0])
    side = unit(np.cross(axis, [0.0, 1.0, 0.0]))
    up = np.cross(side, axis)
    offset = points - foot
    return LimbCoordinates(along, foot, np.linalg.norm(offset, axis=1), np.arctan2(offset @ up, offset @ side))


def convex_outline(points: np.ndarray) -> np.ndarray:
    """Convex hull of points (N,2), counter-clockwise (H,2)."""
    ordered = sorted(set(map(tuple, points.tolist())))

    def half(sequence: list[tuple[float, float]]) -> list[tuple[float, float]]:
        chain: list[tuple[float, float]] = []
        for p in sequence:
            while len(chain) > 1 and (
                (chain[-1][0] - chain[-2][0]) * (p[1] - chain[-2][1])
                - (chain[-1][1] - chain[-2][1]) * (p[0] - chain[-2][0])
                <= 0
            ):
                chain.pop()
            chain.append(p)
        return chain[:-1]

    return np.array(half(ordered) + half(ordered[::-1]))


def outline_radius(outline: np.ndarray, centre: np.ndarray, angles: np.ndarray) -> np.ndarray:
    """Distance (A,) from `centre`, inside a convex counter-clockwise `outline` (H,2), to it in each direction."""
    steps = np.roll(outline, -1, axis=0) - outline
    normals = np.stack([steps[:, 1], -steps[:, 0]], axis=1)
    reach = np.einsum("hc,hc->h", normals, outline - centre)
    speed = np.stack([np.cos(angles), np.sin(angles)], axis=1) @ normals.T
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = np.where(speed > 1e-12, reach / speed, np.inf)
    return distance.min(axis=1)


@dataclass(frozen=True)
class Outlines:
    """Convex outlines of horizontal slices: heights (S,), centre y (S,), radius (S, ANGLES), from -pi."""

    heights: np.ndarray
    centres: np.ndarray
    radius: np.ndarray

    def polar(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(angle, radius, outline radius) of each point, all (N,)."""
        z = np.clip(points[:, 2], self.heights[0], self.heights[-1] - 1e-9)
        row = np.clip(np.searchsorted(self.heights, z, side="right") - 1, 0, len(self.heights) - 2)
        up = (z - self.heights[row]) / (self.heights[row + 1] - self.heights[row])
        y = points[:, 1] - ((1 - up) * self.centres[row] + up * self.centres[row + 1])
        angle = np.arctan2(y, points[:, 0])
        turn = (angle + np.pi) / (2 * np.pi) * ANGLES
        column = np.floor(turn).astype(int) % ANGLES
        side = turn - np.floor(turn)
        after = (column + 1) % ANGLES
        low = (1 - side) * self.radius[row, column] + side * self.radius[row, after]
        high = (1 - side) * self.radius[row + 1, column] + side * self.radius[row + 1, after]
        return angle, np.hypot(points[:, 0], y), (1 - up) * low + up * high


def slice_outlines(points: np.ndarray, low: float, high: float, step: float = 0.01) -> Outlines:
    """Outlines of the points (N,3) in each slice of height 2 * step between the heights low and high."""
    heights = np.arange(low, high + step / 2, step)
    angles = -np.pi + 2 * np.pi * np.arange(ANGLES) / ANGLES
    centres, radius = [], []
    for z in heights:
        outline = convex_outline(points[np.abs(points[:, 2] - z) <= step][:, :2])
        centre = np.array([0.0, (outline[:, 1].min() + outline[:, 1].max()) / 2])
        centres.append(centre[1])
        radius.append(outline_radius(outline, centre, angles))
    return Outlines(heights, np.array(centres), np.array(radius))
