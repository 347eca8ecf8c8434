# SPDX-License-Identifier: GPL-3.0-or-later
"""The render device that a run chooses is put back in the user's preferences."""

from __future__ import annotations

import pytest

bpy = pytest.importorskip("bpy")

from grail_addon.stage.render import device as device_module  # noqa: E402
from grail_addon.stage.render.device import RenderPreferences  # noqa: E402
from grail_addon.stage.render.render import prepare  # noqa: E402

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


def _pretend_gpu(monkeypatch: pytest.MonkeyPatch, works: dict[bool, bool], can: bool) -> None:
    """A CUDA device that renders as `works` says (denoised or not) and says whether it can denoise."""
    monkeypatch.setattr(device_module, "_select", lambda _, backend: ("card",) if backend == "CUDA" else ())
    monkeypatch.setattr(device_module, "_renders_on_gpu", lambda denoised=False: works[denoised])
    monkeypatch.setattr(device_module.compat, "can_denoise_on_gpu", lambda _: can)
    monkeypatch.setattr(device_module.compat, "has_denoiser", lambda: True)


@pytest.mark.parametrize(
    ("can", "comes_out", "denoiser"), [(True, True, "GPU"), (True, False, "CPU"), (False, True, "CPU")]
)
def test_pictures_are_denoised_on_the_gpu_where_a_test_picture_comes_out(
    monkeypatch: pytest.MonkeyPatch, can: bool, comes_out: bool, denoiser: str
) -> None:
    _pretend_gpu(monkeypatch, {False: True, True: comes_out}, can)
    device = RenderPreferences().choose(True)
    assert (device.kind, device.backend, device.denoiser) == ("GPU", "CUDA", denoiser)
    assert device.to_json()["denoiser"] == denoiser


def test_on_the_cpu_nothing_is_denoised_on_a_gpu() -> None:
    preferences = RenderPreferences()
    device = preferences.choose(False)
    preferences.restore()
    assert device.denoiser == "CPU"
    for denoiser in ("GPU", "CPU"):
        scene = bpy.data.scenes.new("stage")
        prepare(scene, device_module.Device("GPU", "CUDA", ("card",), denoiser=denoiser))
        assert scene.cycles.denoising_use_gpu == (denoiser == "GPU")
        bpy.data.scenes.remove(scene)


def test_every_blender_can_be_asked_whether_its_gpus_denoise() -> None:
    assert device_module.compat.can_denoise_on_gpu(cycles()) in (True, False)
    assert hasattr(cycles(), "has_oidn_gpu_devices")
