# SPDX-License-Identifier: GPL-3.0-or-later
"""Centre of mass of meshes of several closed pieces, some of them inside out."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import trimesh

from grail_addon.core.mesh import MeshData
from grail_addon.core.settle.statics_com import centre_of_mass
from grail_addon.core.settle.statics_pieces import pieces


def part(shape: trimesh.Trimesh, at: tuple[float, float, float], inside_out: bool = False) -> MeshData:
    faces = np.asarray(shape.faces, dtype=np.int32)
    return MeshData(np.asarray(shape.vertices) + at, faces[:, ::-1].copy() if inside_out else faces)


def together(*parts: MeshData) -> MeshData:
    starts = np.cumsum([0, *(len(p.vertices) for p in parts)])
    faces = np.concatenate([p.faces + start for p, start in zip(parts, starts, strict=False)])
    return MeshData(np.concatenate([p.vertices for p in parts]), faces.astype(np.int32))


BOX, BALL = trimesh.creation.box((1, 1, 1)), trimesh.creation.icosphere(2, radius=0.3)


@pytest.mark.parametrize("turned", list(product((False, True), repeat=3)))
def test_pieces_beside_each_other_count_whichever_way_they_are_wound(turned: tuple[bool, bool, bool]) -> None:
    places = [(0, 0, 0), (2, 0, 0), (0, 0, 3)]
    shapes = [BOX, BALL, BOX]
    mesh = together(*(part(s, p, t) for s, p, t in zip(shapes, places, turned, strict=True)))
    com, method = centre_of_mass(mesh)
    volumes = np.array([s.volume for s in shapes])
    assert method == "volume"
    assert com == pytest.approx((volumes[:, None] * np.array(places)).sum(axis=0) / volumes.sum(), abs=1e-9)


@pytest.mark.parametrize("all_turned", [False, True])
def test_a_hollow_stays_hollow(all_turned: bool) -> None:
    mesh = together(part(BOX, (0, 0, 0), all_turned), part(BALL, (0.15, 0, 0), not all_turned))
    com, _ = centre_of_mass(mesh)
    assert com[0] == pytest.approx(-0.15 * BALL.volume / (1 - BALL.volume), abs=1e-9)


def test_a_body_in_a_hollow_is_a_body() -> None:
    core = trimesh.creation.icosphere(1, radius=0.1)
    shell = (part(BOX, (0, 0, 0)), part(BALL, (0, 0, 0), True))
    right = centre_of_mass(together(*shell, part(core, (0.1, 0, 0))))[0]
    turned = centre_of_mass(together(*shell, part(core, (0.1, 0, 0), True)))[0]
    assert turned == pytest.approx(right, abs=1e-12)
    assert right[0] > 0


def test_pieces_are_told_apart() -> None:
    mesh = together(part(BOX, (0, 0, 0)), part(BALL, (5, 0, 0)), part(BOX, (9, 0, 0)))
    found = pieces(mesh.faces.astype(np.int64), len(mesh.vertices))
    assert [int((found == n).sum()) for n in range(3)] == [12, len(BALL.faces), 12]
    chain = np.array([(i, i + 1, i + 2) for i in range(3000)], dtype=np.int64)
    assert pieces(chain[np.random.default_rng(0).permutation(3000)], 3002).max() == 0
