# SPDX-License-Identifier: GPL-3.0-or-later
"""Which triangles lie near which points: the same pairs as from looking at every pair."""

from __future__ import annotations

import numpy as np
import pytest

from grail_addon.core.face_boxes import FaceBoxes
from grail_addon.core.mesh import MeshData, thin_faces


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


@pytest.mark.parametrize("reach", [0.0, 0.004, 0.05])
def test_pairs_of_a_fine_mesh_are_those_of_looking_at_every_pair(reach: float) -> None:
    """Small triangles are found on a grid, the few large ones beside it."""
    rng = np.random.default_rng(7)
    small, large = soup(rng, 24_000, 0.004), soup(rng, 60, 0.4)
    mesh = MeshData(
        np.concatenate([small.vertices, large.vertices]),
        np.concatenate([small.faces, large.faces + np.int32(len(small.vertices))]),
    )
    places = np.concatenate([rng.uniform(-1.2, 1.2, (60, 3)), small.vertices[::600]])
    reaches = rng.uniform(0.0, reach, len(places))
    which, face = FaceBoxes.of(mesh).near(places, reaches)
    corners = mesh.vertices[mesh.faces]
    low, high = corners.min(axis=1), corners.max(axis=1)
    expected = {
        (i, int(f))
        for i, (place, r) in enumerate(zip(places, reaches, strict=True))
        for f in np.flatnonzero(((low <= place + r) & (high >= place - r)).all(axis=1))
    }
    found = list(zip(which.tolist(), face.tolist(), strict=True))
    assert len(expected) > 100 and set(found) == expected and len(found) == len(expected)


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


@pytest.mark.parametrize(
    ("ours", "theirs", "size"), [(3000, 1, 0.3), (3000, 900, 0.01), (800, 300, 0.4), (50, 0, 0.1), (0, 50, 0.1)]
)
def test_close_to_finds_all_that_meet_another_box_and_few_more(ours: int, theirs: int, size: float) -> None:
    rng = np.random.default_rng(ours + theirs)
    mine, other, margin = FaceBoxes.of(soup(rng, ours, 0.05)), FaceBoxes.of(soup(rng, theirs, size)), 0.003
    found = mine.close_to(other, margin)

    def meeting(reach: float) -> set[int]:
        meets = (mine.low[:, :, None] <= other.high[:, None] + reach) & (
            mine.high[:, :, None] >= other.low[:, None] - reach
        )
        return set(np.flatnonzero(meets.all(axis=0).any(axis=1)).tolist())

    assert meeting(margin) <= set(found.tolist()) <= meeting(margin + 0.05)
    assert found.tolist() == sorted(set(found.tolist()))


def test_close_to_parts_things_that_stand_round_a_place_with_nothing_there() -> None:
    """A skirting runs round the room: its box holds everybody, none of its boards touches anyone."""
    rng = np.random.default_rng(4)
    inside = FaceBoxes.of(soup(rng, 2000, 0.02))
    boards = [
        MeshData(np.array([[x, -3.0, 0.0], [x, 3.0, 0.0], [x, 3.0, 0.1]]), np.array([[0, 1, 2]], np.int32))
        for x in (-2.0, 2.0)
    ]
    low, high = (np.concatenate([getattr(FaceBoxes.of(b), end) for b in boards], axis=1) for end in ("low", "high"))
    assert len(inside.close_to(FaceBoxes(low, high), 0.003)) == 0


def test_thin_faces_are_those_whose_height_is_small_for_their_length() -> None:
    rng = np.random.default_rng(6)
    mesh = soup(rng, 4000, 0.05)
    flat = mesh.vertices.reshape(-1, 3, 3).copy()
    flat[::3, 2] = flat[::3, 0] + 0.4 * (flat[::3, 1] - flat[::3, 0]) + rng.normal(0, 1e-4, (len(flat[::3]), 3))
    mesh = MeshData(flat.reshape(-1, 3), mesh.faces)
    sides = np.linalg.norm(flat - np.roll(flat, 1, axis=1), axis=2).max(axis=1)
    height = np.linalg.norm(np.cross(flat[:, 1] - flat[:, 0], flat[:, 2] - flat[:, 0]), axis=1) / sides
    assert thin_faces(mesh, 300.0).tolist() == np.flatnonzero(sides**3 > 300.0 * height**2).tolist()
    assert 1000 < len(thin_faces(mesh, 300.0)) < 2000
    assert len(thin_faces(MeshData(np.zeros((0, 3)), np.zeros((0, 3), np.int32)), 300.0)) == 0
