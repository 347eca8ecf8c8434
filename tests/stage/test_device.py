# SPDX-License-Identifier: GPL-3.0-or-later
"""The render device that a run chooses is put back in the user's preferences."""

from __future__ import annotations

import pytest

bpy = pytest.importorskip("bpy")

from grail_addon.stage.render.device import RenderPreferences  # noqa: E402

pytestmark = [pytest.mark.bpy, pytest.mark.usefixtures("empty_file")]


def cycles():
    return bpy.context.preferences.addons["cycles"].preferences


@pytest.mark.parametrize("dirty", [True, False])
@pytest.mark.parametrize("want_gpu", [True, False])
def test_the_users_device_is_put_back(want_gpu: bool, dirty: bool) -> None:
    cycles().compute_device_type = "CUDA"
    cycles().refresh_devices()
    used = {(d.id, d.type): d.use for d in cycles().devices}
    bpy.context.preferences.is_dirty = dirty
    preferences = RenderPreferences()
    device = preferences.choose(want_gpu)
    assert cycles().compute_device_type == ("NONE" if device.kind == "CPU" else device.backend)
    assert bpy.context.preferences.is_dirty == dirty
    preferences.restore()
    assert cycles().compute_device_type == "CUDA" and bpy.context.preferences.is_dirty == dirty
    assert {key: use for key, use in {(d.id, d.type): d.use for d in cycles().devices}.items() if key in used} == used


def test_a_device_that_the_user_sets_meanwhile_stays() -> None:
    cycles().compute_device_type = "CUDA"
    preferences = RenderPreferences()
    preferences.choose(False)
    cycles().compute_device_type = "HIP"
    preferences.restore()
    assert cycles().compute_device_type == "HIP"


def test_choosing_leaves_no_data_behind() -> None:
    before = {kind: len(getattr(bpy.data, kind)) for kind in ("scenes", "cameras", "objects")}
    preferences = RenderPreferences()
    preferences.choose(True)
    preferences.restore()
    assert {kind: len(getattr(bpy.data, kind)) for kind in before} == before
