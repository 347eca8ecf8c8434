# SPDX-License-Identifier: GPL-3.0-or-later
"""Settling on uneven supports, where a hull would be wrong."""

from __future__ import annotations

import numpy as np
import pytest

from grail_addon.core.mesh import MeshData
from grail_addon.core.settle.result import SettleResult
from grail_addon.core.settle.settings import SettleSettings
from grail_addon.core.settle.support import MeshSupport
from grail_addon.drivers.blocking import drain
from tests.stage.shapes import box, join

pytestmark = pytest.mark.bpy

CALM = SettleSettings(drops=2, initial_rotation_perturbation=0.0, drop_height=0.02)
FLOOR = box((-1, -1, -0.4), (1, 1, -0.3))


def drop(mesh: MeshData, *ground: MeshData, settings: SettleSettings = CALM) -> SettleResult:
    from grail_addon.stage.settle import settle

    surface = join(*ground)
    return drain(settle(mesh, 1.0, np.eye(3), MeshSupport(surface.vertices, surface.faces), settings))


def bridge(height: float) -> MeshData:
    """Two legs and a deck as one closed, connected, concave piece: a U turned over, 0.2 m long, legs 0.03 m."""
    profile = [
        (-0.1, 0),
        (-0.07, 0),
        (-0.07, height),
        (0.07, height),
        (0.07, 0),
        (0.1, 0),
        (0.1, height + 0.03),
        (-0.1, height + 0.03),
    ]
    front = np.array([(x, -0.04, z) for x, z in profile])
    back = front + np.array([0, 0.08, 0])
    cap = [(0, 1, 2), (0, 2, 7), (2, 3, 6), (2, 6, 7), (3, 4, 5), (3, 5, 6)]
    n = len(profile)
    sides = [t for i in range(n) for j in [(i + 1) % n] for t in ((i, i + n, j), (j, i + n, j + n))]
    faces = [*cap, *((a + n, c + n, b + n) for a, b, c in cap), *sides]
    return MeshData(np.concatenate([front, back]), np.array(faces, np.int32))


def test_a_bridge_stands_over_a_bar_that_its_hull_would_lie_on() -> None:
    bar = box((-0.03, -0.5, -0.3), (0.03, 0.5, -0.2))
    result = drop(bridge(0.15), FLOOR, bar)
    lowest = bridge(0.15).transformed(result.obj_R, result.obj_t).bounds[0][2]
    assert result.support_kind == "mesh" and result.usable
    assert lowest == pytest.approx(-0.3, abs=1e-4)  # a hull would stop at -0.2
    assert result.penetration_mm < 0.1 and result.gap_mm < 3.0


def test_a_bridge_too_low_for_the_bar_rests_on_it() -> None:
    """The other side of the same: the deck meets the bar before the legs meet the floor."""
    bar = box((-0.06, -0.5, -0.3), (0.06, 0.5, -0.2))
    result = drop(bridge(0.05), FLOOR, bar)
    deck = bridge(0.05).transformed(result.obj_R, result.obj_t).vertices[[2, 3], 2]
    assert result.stable and deck == pytest.approx([-0.2, -0.2], abs=1e-3)
    assert result.penetration_mm < 0.1


def test_a_block_on_a_stair_keeps_to_its_step() -> None:
    steps = [box((0.3 * i - 0.45, -0.5, -0.3), (0.3 * i - 0.15, 0.5, 0.15 * i - 0.15)) for i in range(3)]
    result = drop(box((-0.05, -0.05, 0), (0.05, 0.05, 0.1)), FLOOR, *steps)
    assert result.usable and result.com[2] == pytest.approx(0.05, abs=2e-4)
    assert result.gap_mm < 0.1 and result.penetration_mm < 0.1


def test_a_block_between_two_bars_touches_both() -> None:
    """Edges on edges: no vertex of the one lies over a face of the other where they touch."""
    bars = [join(box((-0.2, y - 0.01, -0.05), (0.2, y + 0.01, 0.0))) for y in (-0.08, 0.08)]
    beam = box((-0.02, -0.15, 0), (0.02, 0.15, 0.04))
    result = drop(beam, FLOOR, *bars)
    assert result.usable and result.penetration_mm < 0.1 and result.gap_mm < 0.1
    assert beam.transformed(result.obj_R, result.obj_t).bounds[0][2] == pytest.approx(0.0, abs=2e-4)
    assert result.footprint[:, 1].min() < -0.07 and result.footprint[:, 1].max() > 0.07


def test_falling_off_is_reported() -> None:
    post = box((-0.02, -0.02, -0.3), (0.02, 0.02, 0.0))
    slope = box((-0.3, -0.3, -1.0), (0.3, 0.3, -0.9))
    tilted = axis_tilted(slope, 0.9)
    result = drop(box((-0.1, -0.02, 0), (0.01, 0.02, 0.3)), post, tilted, settings=SettleSettings(drops=1))
    assert not result.on_support and not result.usable
    assert any("fell off" in reason for reason in result.reasons)


def axis_tilted(mesh: MeshData, angle: float) -> MeshData:
    from grail_addon.core.settle.statics_rotation import axis_rotation

    return mesh.transformed(axis_rotation(np.array([0.0, 1.0, 0.0]), angle), np.zeros(3))


def test_parts_are_kept_and_the_bits_repeat() -> None:
    from grail_addon.stage.settle import PartsCache, settle

    cache = PartsCache()
    ground = MeshSupport(FLOOR.vertices + np.array([0, 0, 0.3]), FLOOR.faces)
    runs = [drain(settle(bridge(0.1), 1.0, np.eye(3), ground, CALM, parts=c)).to_json() for c in (cache, cache, None)]
    assert runs[0] == runs[1] == runs[2]
    assert len(cache.parts) == 1 and len(next(iter(cache.parts.values()))) > 1
