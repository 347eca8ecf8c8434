# SPDX-License-Identifier: GPL-3.0-or-later
"""Of several surfaces above each other, the one at the height that was asked for carries the object."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

pytest.importorskip("bpy")

from grail_addon.core.errors import UserError
from grail_addon.core.mesh import MeshData
from grail_addon.core.settle.support import FlatSupport, Support
from grail_addon.stage.measure.posed_mesh import PosedMesh
from grail_addon.stage.room.support import find_support
from tests.stage.shapes import box, join

pytestmark = pytest.mark.bpy

FLOOR = box((-3, -3, -0.1), (3, 3, 0.0))


def slab(z: float, thick: float = 0.02, half: float = 0.4) -> MeshData:
    """A board whose top is at z."""
    return box((-half, -half, z - thick), (half, half, z))


def turned_inside_out(mesh: MeshData) -> MeshData:
    return MeshData(mesh.vertices, np.ascontiguousarray(mesh.faces[:, ::-1]))


def top_alone(z: float) -> MeshData:
    """A square without thickness that looks up."""
    corners = np.array([(-0.4, -0.4, z), (0.4, -0.4, z), (0.4, 0.4, z), (-0.4, 0.4, z)])
    return MeshData(corners, np.array([(0, 1, 2), (0, 2, 3)], dtype=np.int32))


def found(things: Mapping[str, MeshData], z: float) -> Support:
    room = [PosedMesh(name, k + 10, mesh) for k, (name, mesh) in enumerate({"floor": FLOOR, **things}.items())]
    return find_support(room, (0.01, 0.02), z)


SHELF = join(slab(0.3), slab(0.52), slab(0.8))


@pytest.mark.parametrize(
    ("things", "z", "name", "height"),
    [
        ({"shelf": SHELF}, 0.3, "shelf", 0.3),
        ({"shelf": SHELF}, 0.5, "shelf", 0.52),
        ({"shelf": SHELF}, 0.8, "shelf", 0.8),
        ({"shelf": join(slab(0.3), slab(0.42))}, 0.3, "shelf", 0.3),
        ({"table": slab(0.6), "lamp": slab(0.8, 0.05)}, 0.6, "table", 0.6),
        ({"table": slab(0.6), "cupboard": box((-0.4, -0.4, 0.75), (0.4, 0.4, 1.5))}, 0.6, "table", 0.6),
        ({"table": slab(0.6), "cupboard": box((-0.4, -0.4, 0.75), (0.4, 0.4, 1.5))}, 0.53, "table", 0.6),
        ({"table": slab(0.6), "book": box((-0.1, -0.1, 0.6), (0.1, 0.1, 0.63))}, 0.6, "book", 0.63),
        ({"rug": box((-0.4, -0.4, 0.0), (0.4, 0.4, 0.004))}, 0.0, "rug", 0.004),
        ({"stairs": box((-0.4, -0.4, 0.0), (0.4, 0.4, 0.17))}, 0.0, "stairs", 0.17),
        ({"tread": top_alone(0.17)}, 0.0, "tread", 0.17),
        ({"table": slab(0.6)}, 0.4, "table", 0.6),
        ({"table": slab(0.6)}, 0.0, "floor", 0.0),
        ({"table": turned_inside_out(slab(0.6))}, 0.6, "table", 0.6),
    ],
)
def test_the_surface_that_is_meant(things: Mapping[str, MeshData], z: float, name: str, height: float) -> None:
    support = found(things, z)
    assert support.name == name and support.height == pytest.approx(height, abs=1e-6)
    assert isinstance(support, FlatSupport)


def test_nothing_below_is_said() -> None:
    room = [PosedMesh("table", 10, slab(0.6))]
    with pytest.raises(UserError, match=r"Nothing is under x 2\.00, y 0\.00"):
        find_support(room, (2.0, 0.0), 0.6)
