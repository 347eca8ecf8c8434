# SPDX-License-Identifier: GPL-3.0-or-later
"""Gap, penetration and containment of two things."""

from __future__ import annotations

import numpy as np
import pytest

from grail_addon.core.mesh import MeshData
from tests.stage.shapes import box, join

pytestmark = pytest.mark.bpy


def touch(a: MeshData, b: MeshData, **options):
    from grail_addon.stage.measure.contact import contact
    from grail_addon.stage.measure.posed_mesh import PosedMesh

    return contact(PosedMesh("a", 1, a), PosedMesh("b", 2, b), **options)


def dense(mesh: MeshData, times: int = 4) -> MeshData:
    """Each triangle cut into four, `times` over."""
    vertices, faces = mesh.vertices, mesh.faces
    for _ in range(times):
        a, b, c = (vertices[faces[:, k]] for k in range(3))
        corners = np.stack([a, b, c, (a + b) / 2, (b + c) / 2, (c + a) / 2], axis=1)
        start = np.arange(len(faces))[:, None] * 6
        pattern = np.array([[0, 3, 5], [3, 1, 4], [5, 4, 2], [3, 4, 5]])
        vertices = corners.reshape(-1, 3)
        faces = (start[:, None] + pattern[None]).reshape(-1, 3).astype(np.int32)
    return MeshData(vertices, faces)


@pytest.mark.parametrize("gap", [0.0005, 0.005, 0.05])
def test_gap(gap):
    found = touch(dense(box((0, 0, 0), (1, 1, 1))), dense(box((1 + gap, 0.2, 0.2), (2, 0.8, 0.8))))
    assert found.penetration_mm == 0.0
    assert found.gap_mm == pytest.approx(gap * 1000, abs=0.01)


@pytest.mark.parametrize("depth", [0.002, 0.01, 0.03])
def test_penetration(depth):
    found = touch(dense(box((0, 0, 0), (1, 1, 1))), dense(box((1 - depth, 0.2, 0.2), (2, 0.8, 0.8))))
    assert found.gap_mm == 0.0
    assert not found.contained
    assert found.penetration_mm == pytest.approx(depth * 1000, rel=0.05)


def test_wholly_inside_is_contained_though_no_surfaces_cross():
    small, big = box((0.4, 0.4, 0.4), (0.6, 0.6, 0.6)), box((0, 0, 0), (1, 1, 1))
    assert touch(small, big).contained
    assert touch(big, small).contained


def test_inside_an_open_shell_counts_when_the_shell_is_a_person():
    shell = box((0, 0, 0), (1, 1, 1))
    shell = MeshData(shell.vertices, shell.faces[:-1])
    small = box((0.4, 0.4, 0.3), (0.6, 0.6, 0.5))
    assert touch(shell, small, a_is_solid=True).contained
    beside = touch(shell, box((1.1, 0.4, 0.3), (1.2, 0.6, 0.5)), a_is_solid=True)
    assert not beside.contained
    assert beside.penetration_mm == 0.0


def test_person_through_a_thin_wall():
    wall = MeshData(
        np.array([[-2.0, 0, -2], [2, 0, -2], [2, 0, 2], [-2, 0, 2]]), np.array([[0, 1, 2], [0, 2, 3]], dtype=np.int32)
    )
    person = dense(box((-0.2, -0.02, 0), (0.2, 0.3, 1.3)))
    assert touch(person, wall, a_is_solid=True).penetration_mm == pytest.approx(20.0, rel=0.2)
    assert touch(dense(box((-0.2, 0.01, 0), (0.2, 0.3, 1.3))), wall, a_is_solid=True).penetration_mm == 0.0


def test_far_apart_is_not_measured():
    assert touch(box((0, 0, 0), (1, 1, 1)), box((2, 0, 0), (3, 1, 1))) is None


def test_parts_that_overlap_are_one_solid():
    solid = join(box((0, 0, 0), (2, 1, 1)), box((1, 0, 0), (3, 1, 1)))
    assert touch(box((1.4, 0.4, 0.4), (1.6, 0.6, 0.6)), solid).contained


def test_coarse_things_that_cross_edge_to_edge():
    """A leg through a table top: no corner of either is inside the other."""
    leg, top = box((-0.1, -0.1, 0.0), (0.1, 0.1, 1.3)), box((0.08, -1.0, 0.56), (1.0, 1.0, 0.6))
    assert touch(leg, top, a_is_solid=True).penetration_mm == pytest.approx(20.0, rel=0.3)
    beside = touch(leg, box((0.101, -1.0, 0.56), (1.0, 1.0, 0.6)), a_is_solid=True)
    assert beside is None or beside.penetration_mm == 0.0
