# SPDX-License-Identifier: GPL-3.0-or-later
"""A sheet without thickness is drawn whole on its support: no pixel of what it lies on shows through."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from grail_addon.core.mesh import MeshData  # noqa: E402
from grail_addon.core.settle.rest import as_configured  # noqa: E402
from grail_addon.drivers.blocking import drain  # noqa: E402
from grail_addon.stage.measure.posed_mesh import silhouette  # noqa: E402
from grail_addon.stage.render.device import Device  # noqa: E402
from grail_addon.stage.render.render import prepare, render_geometry  # noqa: E402
from grail_addon.stage.room.placement import SHEET_LIFT, Placed, place  # noqa: E402
from grail_addon.stage.room.scene import OBJECT_ID, Stage  # noqa: E402
from tests.render.conftest import write_scene  # noqa: E402
from tests.render.test_textures import CAMERA  # noqa: E402
from tests.stage.shapes import box, obj_text  # noqa: E402
from tests.stage.test_placement import DRAW, ON_TABLE, settings  # noqa: E402

pytestmark = [pytest.mark.bpy, pytest.mark.usefixtures("empty_file")]

LARGER = replace(CAMERA, focal=4 * CAMERA.focal, width=4 * CAMERA.width, height=4 * CAMERA.height)
CORNERS = np.array([(-0.1, -0.07, 0), (0.1, -0.07, 0), (0.1, 0.07, 0), (-0.1, 0.07, 0.0)])
TRIANGLES = np.array([(0, 1, 2), (0, 2, 3)], np.int32)
SHEETS = {
    "page": MeshData(CORNERS, TRIANGLES),
    "both sides": MeshData(CORNERS, np.concatenate([TRIANGLES, TRIANGLES[:, ::-1]])),
    "foil": box((-0.1, -0.07, -0.000005), (0.1, 0.07, 0.000005)),
}


@pytest.mark.parametrize("name", [*SHEETS, "board"])
@pytest.mark.parametrize("is_settled", [True, False])
def test_a_sheet_is_drawn_whole(name: str, is_settled: bool, tmp_path: Path) -> None:
    mesh = SHEETS.get(name) or box((-0.1, -0.07, 0.0), (0.1, 0.07, 0.02))
    write_scene(tmp_path / "mini.blend")
    (tmp_path / "model.obj").write_text(obj_text(mesh))
    (tmp_path / "dummy.obj").write_text(obj_text(box((-0.1, -0.1, 0.0), (0.1, 0.1, 1.3))))
    stage = Stage(tmp_path / "mini.blend")
    try:
        prepare(stage.scene, Device("CPU", "CPU", ()))
        person = drain(stage.add_person(tmp_path / "dummy.obj", "dummy", None, tmp_path))
        drain(stage.load_object(tmp_path / "model.obj"))
        rest = as_configured(stage.imported.mesh, (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
        rest = replace(rest, verdict=ON_TABLE) if is_settled else rest
        placed = drain(place(stage, person, settings(static_objects={}), replace(DRAW, static_offsets={}), rest))
        assert isinstance(placed, Placed)
        lowest = float(placed.object_mesh.world.bounds[0][2])
        assert lowest == pytest.approx(0.6 + (SHEET_LIFT if name in SHEETS else 0.0), abs=1e-6)
        assert placed.contacts["object_support"].gap_mm == pytest.approx(0.1 if name in SHEETS else 0.0, abs=0.01)
        stage.aim(LARGER)
        seen = drain(render_geometry(stage.scene, tmp_path / "passes.exr")).ids == OBJECT_ID
        whole = silhouette(placed.object_mesh, LARGER)
        assert whole.sum() > 300 and float((seen & whole).sum()) / float(whole.sum()) > 0.97
    finally:
        stage.close()
