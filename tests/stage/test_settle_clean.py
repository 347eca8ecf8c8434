# SPDX-License-Identifier: GPL-3.0-or-later
"""Settling and asking for supports leaves nothing in the file, and the open scene as it was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from grail_addon.core.errors import UserError
from grail_addon.core.mesh import MeshData
from grail_addon.core.settle.settings import SettleSettings
from grail_addon.core.settle.support import FlatSupport, MeshSupport
from grail_addon.drivers.blocking import drain
from tests.stage.shapes import box, join

pytestmark = pytest.mark.bpy

BLOCK = box((0, 0, 0), (0.1, 0.2, 0.3))
QUICK = SettleSettings(drops=3)


def contents() -> dict[str, list[str]]:
    """Names of every datablock, by kind."""
    import bpy

    kinds = [p.identifier for p in bpy.data.bl_rna.properties if p.type == "COLLECTION"]
    return {kind: sorted(block.name for block in getattr(bpy.data, kind)) for kind in kinds}


def test_flat_uneven_and_usd_leave_nothing(empty_file: None, tmp_path: Path) -> None:
    import bpy

    from grail_addon.stage.settle import settle
    from grail_addon.stage.settle.usd import export_usd

    bpy.context.scene.frame_set(7)
    before = contents()
    result = drain(settle(BLOCK, 1.0, np.eye(3), FlatSupport(), QUICK))
    ground = join(box((-1, -1, -0.1), (1, 1, 0)), box((-1, 0.3, 0), (1, 1, 0.1)))
    drain(settle(BLOCK, 1.0, np.eye(3), MeshSupport(ground.vertices, ground.faces), QUICK))
    export_usd(BLOCK, result, tmp_path / "settle.usdc")
    assert contents() == before
    assert bpy.context.scene.frame_current == 7 and bpy.context.scene.rigidbody_world is None


def test_a_refused_mesh_leaves_nothing(empty_file: None) -> None:
    from grail_addon.stage.settle import settle

    before = contents()
    line = MeshData(np.array([(0, 0, 0), (1, 0, 0), (2, 0, 0.0)]), np.array([(0, 1, 2)], np.int32))
    with pytest.raises(UserError):
        drain(settle(line, 1.0, np.eye(3), FlatSupport(), QUICK))
    assert contents() == before


def test_usd_carries_the_way(empty_file: None, tmp_path: Path) -> None:
    import bpy

    from grail_addon.stage.settle import settle
    from grail_addon.stage.settle.usd import can_export, export_usd

    result = drain(settle(BLOCK, 1.0, np.eye(3), FlatSupport(), QUICK))
    path, note = export_usd(BLOCK, result, tmp_path / "settle.usdc")
    if not can_export():
        assert path is None and "USD" in note
        return
    assert path is not None and note == "" and [p.name for p in tmp_path.iterdir()] == ["settle.usdc"]
    bpy.ops.wm.usd_import(filepath=str(path))
    mesh = next(obj for obj in bpy.context.scene.objects if obj.type == "MESH")
    for frame in (1, len(result.trajectory)):
        bpy.context.scene.frame_set(frame)
        matrix = mesh.evaluated_get(bpy.context.evaluated_depsgraph_get()).matrix_world
        assert np.allclose(np.array(matrix)[:3, 3], result.trajectory[frame - 1, :3], atol=1e-5)
