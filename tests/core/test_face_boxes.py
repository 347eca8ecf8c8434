# SPDX-License-Identifier: GPL-3.0-or-later
"""Which triangles lie near which points: the same pairs as from looking at every pair."""

from __future__ import annotations

import numpy as np
import pytest

from grail_addon.core.face_boxes import FaceBoxes
from grail_addon.core.mesh import MeshData


def soup(rng: np.random.Generator, faces: int, size: float) -> MeshData:
    """Triangles of up to `size` metres, all over a cube of 2 m."""
    corners = rng.uniform(-1, 1, (faces, 1, 3)) + rng.uniform(-size, size, (faces, 3, 3))
    return MeshData(corners.reshape(-1, 3), np.arange(faces * 3, dtype=np.int32).reshape(-1, 3))


@pytest.mark.parametrize(("points", "faces", "size"), [(0, 50, 0.1), (1, 50, 0.5), (300, 4000, 0.02), (200, 500, 1.0)])
def test_pairs_are_those_of_looking_at_every_pair(points: int, faces: int, size: float) -> None:
    rng = np.random.default_rng(points + faces)
    mesh = soup(rng, faces, size)
    places, reach = rng.uniform(-1.2, 1.2, (points, 3)), rng.uniform(0.0, 0.2, points)
    which, face = FaceBoxes.of(mesh).near(places, reach)
    corners = mesh.vertices[mesh.faces]
    low, high = corners.min(axis=1), corners.max(axis=1)
    meets = (low[None] <= (places + reach[:, None])[:, None]) & (high[None] >= (places - reach[:, None])[:, None])
    assert set(zip(which.tolist(), face.tolist(), strict=True)) == set(
        zip(*(i.tolist() for i in np.nonzero(meets.all(axis=2))), strict=True)
    )
    assert len(set(zip(which.tolist(), face.tolist(), strict=True))) == len(which)


def test_points_at_one_place_and_a_mesh_without_faces() -> None:
    mesh = soup(np.random.default_rng(1), 100, 0.1)
    which, _ = FaceBoxes.of(mesh).near(np.zeros((200, 3)), np.full(200, 3.0))
    assert len(which) == 200 * 100
    empty = MeshData(np.zeros((0, 3)), np.zeros((0, 3), dtype=np.int32))
    assert len(FaceBoxes.of(empty).near(np.zeros((2, 3)), np.ones(2))[0]) == 0


def test_within_keeps_the_triangles_that_meet_a_box() -> None:
    mesh = soup(np.random.default_rng(2), 500, 0.1)
    low, high = np.array([-0.2, -0.5, 0.0]), np.array([0.4, 0.1, 0.3])
    corners = mesh.vertices[mesh.faces]
    expected = ((corners.min(axis=1) <= high) & (corners.max(axis=1) >= low)).all(axis=1)
    assert FaceBoxes.of(mesh).within(low, high).tolist() == np.flatnonzero(expected).tolist()
