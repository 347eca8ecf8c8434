# SPDX-License-Identifier: GPL-3.0-or-later
"""Which device Cycles renders and denoises on: a GPU when it is asked for and really works, else the CPU, and why."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import bpy

from .. import compat
from ..owned import OwnedData

DEVICE_BACKENDS = ("OPTIX", "CUDA", "HIP", "METAL", "ONEAPI")
"""In order of preference: OptiX is the fastest way to drive an NVIDIA card, CUDA the one that always works."""


@dataclass(frozen=True)
class Device:
    """kind: 'CPU' or 'GPU' as Cycles calls it; backend: 'CPU' or one of DEVICE_BACKENDS; names: of the devices used;
    note: a sentence for the log when a GPU was asked for and could not be had; denoiser: 'CPU' or 'GPU', where
    pictures are denoised: 1.1 s less for each on an H100, and at most 1 of 255 levels away from the other."""

    kind: str
    backend: str
    names: tuple[str, ...]
    note: str = ""
    denoiser: str = "CPU"

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "backend": self.backend,
            "names": list(self.names),
            "note": self.note,
            "denoiser": self.denoiser,
        }


def _preferences() -> Any:
    addon = bpy.context.preferences.addons.get("cycles")
    return addon.preferences if addon is not None else None


class RenderPreferences:
    """Cycles' device in the user's preferences, put back after a run that sets another. Blender goes on knowing
    whether the user has changes to be saved: ours are none."""

    def __init__(self) -> None:
        self._before = self._set = _state(_preferences())

    def choose(self, want_gpu: bool) -> Device:
        """As `choose_device`; `restore` takes it back."""
        with _same_dirty():
            try:
                return choose_device(want_gpu)
            finally:
                self._set = _state(_preferences())

    def restore(self) -> None:
        """Put the preferences back, unless the user has set others since."""
        preferences = _preferences()
        if preferences is None or self._before is None or _state(preferences) != self._set:
            return
        with _same_dirty():
            preferences.compute_device_type, used = self._before
            for device in preferences.devices:
                device.use = used.get((device.id, device.type), device.use)
        self._set = self._before


@contextmanager
def _same_dirty() -> Iterator[None]:
    dirty = bpy.context.preferences.is_dirty
    try:
        yield
    finally:
        bpy.context.preferences.is_dirty = dirty


def _state(preferences: Any) -> tuple[str, dict[tuple[str, str], bool]] | None:
    """Backend, and which devices (id, type) are used; None without Cycles."""
    if preferences is None:
        return None
    return preferences.compute_device_type, {(d.id, d.type): d.use for d in preferences.devices}


def _select(preferences: Any, backend: str) -> tuple[str, ...]:
    """Switch Cycles to `backend` and turn its GPUs on; names of those, empty where there are none."""
    try:
        preferences.compute_device_type = backend
    except TypeError:  # the build does not know this backend
        return ()
    preferences.get_devices_for_type(backend)
    preferences.refresh_devices()
    names = []
    for device in preferences.devices:
        device.use = device.type == backend
        if device.use:
            names.append(device.name)
    return tuple(names)


def _renders_on_gpu(denoised: bool = False) -> bool:
    """Whether an 8 x 8 picture of a bare scene comes out: drivers that are listed may still fail to build a kernel."""
    owned = OwnedData()
    try:
        with owned.recording():
            scene = bpy.data.scenes.new("device check")
            scene.camera = bpy.data.objects.new("device check", bpy.data.cameras.new("device check"))
            scene.collection.objects.link(scene.camera)
        scene.render.engine = "CYCLES"
        scene.render.resolution_x = scene.render.resolution_y = 8
        scene.cycles.samples = 1
        scene.cycles.device = "GPU"
        scene.cycles.use_denoising = denoised
        if denoised:
            scene.cycles.denoiser = "OPENIMAGEDENOISE"
            scene.cycles.denoising_use_gpu = True
        scene.render.use_compositing = scene.render.use_sequencer = False
        return "FINISHED" in bpy.ops.render.render(scene=scene.name)
    except RuntimeError:
        return False
    finally:
        owned.remove()


def _denoiser(preferences: Any) -> str:
    """Where the chosen GPU's pictures are denoised: on it, if it says that it can and a test picture comes out."""
    can = compat.has_denoiser() and compat.can_denoise_on_gpu(preferences)
    return "GPU" if can and _renders_on_gpu(denoised=True) else "CPU"


def choose_device(want_gpu: bool) -> Device:
    """Pick the device and set Cycles' preferences for it, see `RenderPreferences`."""
    preferences = _preferences()
    if preferences is None:
        return Device("CPU", "CPU", (), "Cycles' preferences are not there; rendering on the CPU.")
    note = ""
    if want_gpu:
        for backend in DEVICE_BACKENDS:
            names = _select(preferences, backend)
            if names and _renders_on_gpu():
                return Device("GPU", backend, names, denoiser=_denoiser(preferences))
            if names:
                note = f"{backend} lists {', '.join(names)}, but a test render on it failed; "
        note += "no working GPU found, rendering on the CPU."
        note = note[0].upper() + note[1:]
    preferences.compute_device_type = "NONE"
    return Device("CPU", "CPU", (), note)
