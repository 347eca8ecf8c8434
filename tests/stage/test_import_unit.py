# SPDX-License-Identifier: GPL-3.0-or-later
"""Files in other units than metres."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from grail_addon.core.scale.units import METRES, LengthUnit

pytestmark = pytest.mark.bpy

TRIANGLES = "v 0 0 0\nv 100 0 0\nv 0 50 0\nv 0 0 20\nf 1 3 2\nf 1 2 4\nf 2 3 4\nf 3 1 4\n"


@pytest.mark.parametrize("unit", ["mm", "cm", "in", "m"])
def test_coordinates_come_in_metres(unit: LengthUnit, tmp_path: Path, empty_file: None) -> None:
    import bpy

    from tests.stage.import_samples import import_object

    path = tmp_path / "model.obj"
    path.write_text(TRIANGLES)
    imported = import_object(path, bpy.context.scene.collection, unit=METRES[unit])
    assert np.allclose(imported.mesh.bounds[1], np.array([100, 50, 20]) * METRES[unit], rtol=1e-6)
    drawn = np.array([v.co for v in imported.object.data.vertices]).max(axis=0)
    assert np.allclose(drawn, imported.mesh.bounds[1], rtol=1e-6), "what is drawn and exported is the same mesh"
