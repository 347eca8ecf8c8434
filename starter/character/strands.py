# SPDX-License-Identifier: GPL-3.0-or-later
"""Thin ribbons along paths, of which hair, brows and lashes are made, and the surface they lie on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .macros import Figure
from .surface import Sheet, unit


@dataclass(frozen=True)
class Head:
    """Surface the hair lies on: points (P,3), outward normals (P,3)."""

    points: np.ndarray
    normals: np.ndarray

    def nearest(self, places: np.ndarray) -> np.ndarray:
        """(N,) index of the vertex nearest to each place (N,3)."""
        out = np.empty(len(places), np.int64)
        square = (self.points**2).sum(axis=1)
        for start in range(0, len(places), 2000):
            chunk = places[start : start + 2000]
            out[start : start + 2000] = (square - 2 * chunk @ self.points.T).argmin(axis=1)
        return out

    def height(self, places: np.ndarray, near: np.ndarray) -> np.ndarray:
        """(N,) metres of places (N,3) above the surface at the vertices `near` (N,)."""
        return ((places - self.points[near]) * self.normals[near]).sum(axis=1)

    def kept(self, places: np.ndarray, least: np.ndarray, most: np.ndarray) -> np.ndarray:
        """Move places (N,3) so that they lie `least` to `most` (N,) metres above the surface."""
        near = self.nearest(places)
        height = self.height(places, near)
        return places + (np.clip(height, least, np.maximum(least, most)) - height)[:, None] * self.normals[near]


def ribbons(paths: np.ndarray, across: np.ndarray, wide: float, thin: float) -> tuple[np.ndarray, np.ndarray]:
    """Vertices and quads of flat ribbons along paths (S,K,3), half to each side of it along `across` (S,K,3)."""
    strands, points = paths.shape[:2]
    taper = wide + (thin - wide) * np.linspace(0, 1, points) ** 1.5
    half = 0.5 * taper[None, :, None] * across
    vertices = np.stack([paths - half, paths + half], axis=2).reshape(-1, 3)
    index = np.arange(strands * points * 2).reshape(strands, points, 2)
    a, b, c, d = index[:, :-1, 0], index[:, :-1, 1], index[:, 1:, 1], index[:, 1:, 0]
    return vertices, np.stack([a, b, c, d], axis=-1).reshape(-1, 4)


def facing(paths: np.ndarray, outward: np.ndarray) -> np.ndarray:
    """Directions (S,K,3) across ribbons along paths (S,K,3) whose flat side looks along `outward` (S,K,3)."""
    return unit(np.cross(unit(np.gradient(paths, axis=1)), outward))


def on_head(figure: Figure, vertices: np.ndarray, faces: np.ndarray, slot: int) -> Sheet:
    """A part that moves with the bone `head` alone, all of it in one material slot."""
    weights = np.zeros((len(vertices), len(figure.bones)))
    weights[:, figure.bone_index("head")] = 1.0
    return Sheet(vertices, faces, weights, np.full(len(faces), slot))
