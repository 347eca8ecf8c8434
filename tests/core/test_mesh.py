# SPDX-License-Identifier: GPL-3.0-or-later
"""Distances to triangles against a search over the triangle's points: neither too small nor too large."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grail_addon.core.mesh import MeshData, distance_to_triangles

corners = hnp.arrays(np.float64, (4, 3), elements=st.floats(-2, 2, width=32))  # a point and three corners
STEPS = 40


def barycentric() -> np.ndarray:
    grid = [(i, j, STEPS - i - j) for i in range(STEPS + 1) for j in range(STEPS + 1 - i)]
    return np.array(grid) / STEPS


WEIGHTS = barycentric()


@given(corners)
def test_between_the_sampled_distance_and_that_less_the_spacing(rows: np.ndarray) -> None:
    p, a, b, c = rows
    found = distance_to_triangles(p[None], a[None], b[None], c[None])[0]
    sampled = np.linalg.norm(WEIGHTS @ rows[1:] - p, axis=1).min()
    spacing = max(np.linalg.norm(x - y) for x, y in ((a, b), (b, c), (c, a))) / STEPS
    assert found <= sampled + 1e-9
    assert found >= sampled - spacing


@given(corners, st.floats(0, 1), st.floats(0, 1))
def test_points_of_the_triangle_are_on_it(rows: np.ndarray, u: float, v: float) -> None:
    _, a, b, c = rows
    u, v = (u, v) if u + v <= 1 else (1 - u, 1 - v)
    on = a + u * (b - a) + v * (c - a)
    assert distance_to_triangles(on[None], a[None], b[None], c[None])[0] < 1e-6


@pytest.mark.parametrize(
    ("point", "distance"),
    [
        ((0.2, 0.2, 0.0), 0.0),
        ((0.2, 0.2, -0.7), 0.7),  # over the face, from below
        ((0.5, -2.0, 0.0), 2.0),  # beside an edge
        ((1.0, 1.0, 0.0), np.sqrt(0.5)),  # beside the long edge
        ((-3.0, -4.0, 0.0), 5.0),  # past a corner
        ((-3.0, -4.0, 12.0), 13.0),
    ],
)
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_known_distances(point: tuple[float, ...], distance: float, order: tuple[int, ...]) -> None:
    triangle = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0]])[list(order)]
    found = distance_to_triangles(np.array([point]), *(corner[None] for corner in triangle))
    assert found == pytest.approx([distance])


def test_triangles_without_area() -> None:
    a, b = np.array([[0.0, 0, 0]]), np.array([[1.0, 0, 0]])
    assert distance_to_triangles(np.array([[0.5, 2.0, 0]]), a, b, a) == pytest.approx([2.0])
    assert distance_to_triangles(np.array([[0.0, 3.0, 4.0]]), a, a, a) == pytest.approx([5.0])


def test_each_point_has_its_own_triangle() -> None:
    shift = np.array([[0.0, 0, 0], [0, 0, 10.0]])
    a, b, c = (np.array(corner) + shift for corner in ([0.0, 0, 0], [1.0, 0, 0], [0, 1.0, 0]))
    points = np.array([[0.1, 0.1, 1.0], [0.1, 0.1, 13.0]])
    assert distance_to_triangles(points, a, b, c) == pytest.approx([1.0, 3.0])


def test_drawn_leaves_out_vertices_without_a_face() -> None:
    vertices = np.array([[9.0, 9, 9], [0, 0, 0], [1, 0, 0], [8, 8, 8], [0, 1, 0], [7, 7, 7]])
    mesh = MeshData(vertices, np.array([[1, 2, 4]], dtype=np.int32))
    drawn = mesh.drawn()
    assert np.array_equal(drawn.vertices[drawn.faces], vertices[mesh.faces]) and len(drawn.vertices) == 3
    assert drawn.faces.dtype == np.int32 and drawn.drawn() is drawn
