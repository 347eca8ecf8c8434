# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe pictures of the small project: the object grows with the scale, is seen from two sides, and frames do not notice."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from grail_addon.drivers.blocking import drain
from tests.render.conftest import Project
from tests.render.runs import session

pytestmark = pytest.mark.bpy


def test_pictures_show_the_object_growing(project: Project, empty_file: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from grail_addon.stage.render import probe_frames
    from grail_addon.stage.render.render import Quality
    from grail_addon.stage.workshop import StageWorkshop

    monkeypatch.setattr(probe_frames, "QUALITY", Quality(samples=1, denoise=False, bounces=0))
    blocks = session(project.argv("--category", "block"))
    (job,) = blocks.jobs.ready
    shop = blocks.workshop
    assert isinstance(shop, StageWorkshop)
    try:
        drain(shop.open(job))
        sizes = shop.sizes(job)
        assert sizes.extents == pytest.approx((0.1, 0.06, 0.04)) and sizes.person_height == pytest.approx(1.32)
        shares = []
        for factor in (1.0, 4.0, 40.0):
            views = drain(shop.probe_views(job, (factor, factor, factor), project.results / f"probe_{factor}"))
            pictures = []
            for path in views:
                with Image.open(path) as image:
                    assert image.size == (probe_frames.WIDTH, probe_frames.HEIGHT)
                    pictures.append(np.asarray(image.convert("RGB")).astype(int))
            assert np.abs(pictures[0] - pictures[1]).mean() > 1.0, "two sides"
            thing = shop.stage.object
            assert thing is not None
            size = thing.world.bounds[1] - thing.world.bounds[0]
            assert size == pytest.approx(np.array(sizes.extents) * factor, rel=1e-4)
            assert thing.world.bounds[0][2] == pytest.approx(0.6, abs=1e-4), "it stands on the table"
            shares.append(_in_picture(shop, thing.world.vertices))
        assert shares[0] < shares[1] < shares[2] and shares[0] > 6.0
    finally:
        shop.close()


def _in_picture(shop: object, points: np.ndarray) -> float:
    """Pixels across of points in the present camera."""
    import bpy
    from bpy_extras.object_utils import world_to_camera_view
    from mathutils import Vector

    from grail_addon.stage.render import probe_frames

    scene = shop.stage.scene  # type: ignore[attr-defined]
    assert isinstance(scene, bpy.types.Scene)
    across = [world_to_camera_view(scene, scene.camera, Vector(p)).x for p in points]
    return float(max(across) - min(across)) * probe_frames.WIDTH
