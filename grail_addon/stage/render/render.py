# SPDX-License-Identifier: GPL-3.0-or-later
"""Cycles renders of a stage: the picture, and the geometry seen at exact pixel centres.

Cycles' own depth and index passes are taken at a random point within each pixel, up to 0.75 px off its centre, which
is millimetres on a floor seen at a low angle. So geometry gets one sample of its own with a pixel filter of almost no
width, no bounces and no denoiser: about one second, against a picture's tens.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np
from numpy.typing import NDArray

from ...core.errors import UserError
from ...core.png import remove_texts
from ...core.sidecars.exr import read_exr
from ...steps.effects import Render, Steps, offload
from .. import compat
from ..room.alone import GLASS
from ..room.fog import clear_air
from ..room.render_memory import forget_renders
from ..room.see_through import DRAWN, Alone
from .device import Device

NO_HIT = 1.0e9  # Cycles writes 1e10 where a ray meets nothing
MOST_LAYERS = 256  # clear surfaces behind each other that a ray passes to find what is seen
_ALPHA_SAMPLES, _FEWEST_ALPHA_SAMPLES, _ALPHA_RAYS = 64, 12, 4_000_000


@dataclass(frozen=True)
class Quality:
    """samples per pixel; denoise: only where the build can; noise_threshold: adaptive sampling stops a pixel
    there, 0 = every pixel gets all samples; bounces: most of any light path;
    guided: the denoiser also looks at colours and normals, which is slower and sharper."""

    samples: int
    denoise: bool
    noise_threshold: float = 0.01
    bounces: int = 12
    guided: bool = True


@dataclass(frozen=True, eq=False)
class GeometrySample:
    """What pixel centres see. depth: (H, W) float32 metres along the optical axis, 0 where nothing is hit;
    ids: (H, W) int32 `pass_index` of the object hit, 0 where nothing is hit."""

    depth: NDArray[np.float32]
    ids: NDArray[np.int32]


def prepare(scene: bpy.types.Scene, device: Device) -> None:
    """Settings that hold for all renders of a stage; all others are those of a fresh scene."""
    render, cycles = scene.render, scene.cycles
    render.engine = "CYCLES"
    cycles.device = device.kind
    cycles.denoising_use_gpu = device.denoiser == "GPU"
    forget_renders(scene)  # of an earlier scene of this name
    render.use_compositing = render.use_sequencer = False
    render.use_file_extension = render.use_overwrite = True
    render.use_stamp = False
    cycles.use_light_tree = True
    cycles.pixel_filter_type = "BLACKMAN_HARRIS"
    layer = scene.view_layers[0]
    layer.use_pass_z = layer.use_pass_object_index = True
    layer.pass_alpha_threshold = DRAWN


def render_frame(scene: bpy.types.Scene, path: Path, quality: Quality, seed: int) -> Steps[None]:
    """Render the picture to `path` (8-bit PNG, the scene's view transform).

    seed: of Cycles' noise, so that the same variant gives the same pixels.
    """
    cycles = scene.cycles
    cycles.samples, cycles.seed, cycles.use_animated_seed = quality.samples, seed, False
    cycles.use_adaptive_sampling = quality.noise_threshold > 0.0
    cycles.adaptive_threshold = quality.noise_threshold
    cycles.filter_width = 1.5
    cycles.max_bounces = cycles.transmission_bounces = quality.bounces
    cycles.diffuse_bounces = cycles.glossy_bounces = min(quality.bounces, 4)
    cycles.transparent_max_bounces = 8
    cycles.use_denoising = quality.denoise and compat.has_denoiser()
    if cycles.use_denoising:
        cycles.denoiser = "OPENIMAGEDENOISE"
        cycles.denoising_input_passes = "RGB_ALBEDO_NORMAL" if quality.guided else "RGB"
        # Cleaning the guide pictures first takes seconds and is worth more than the samples that they would buy:
        # docs/performance.md has the errors.
        cycles.denoising_prefilter = "ACCURATE"
    compat.output_png(scene.render.image_settings)
    yield Render(scene.name, path)
    yield from offload(lambda: remove_texts(path), "picture")


def render_geometry(scene: bpy.types.Scene, scratch: Path) -> Steps[GeometrySample]:
    """What each pixel's exact centre sees; `scratch` (.exr) is written and removed."""
    cycles = scene.cycles
    cycles.samples, cycles.seed = 1, 0
    cycles.use_adaptive_sampling = cycles.use_denoising = False
    cycles.filter_width = 0.01  # the least that Cycles takes: 0.005 px about the centre
    cycles.max_bounces = 0
    cycles.transparent_max_bounces = MOST_LAYERS
    compat.output_passes(scene.render.image_settings)
    try:
        with clear_air(scene):
            yield Render(scene.name, scratch)
        return (yield from offload(lambda: read_passes(scratch), "geometry"))
    finally:
        scratch.unlink(missing_ok=True)


def render_alone(scene: bpy.types.Scene, pixels: int, scratch: Path) -> Steps[Alone]:
    """The object of a scene of `scene_alone`, of which the border that is set is rendered. pixels: in it, of which many get
    fewer samples each; `scratch` as above."""
    cycles = scene.cycles
    samples = min(_ALPHA_SAMPLES, max(_FEWEST_ALPHA_SAMPLES, _ALPHA_RAYS // max(pixels, 1)))
    cycles.samples, cycles.seed, cycles.filter_width = samples, 0, 0.01
    scene.view_layers[0].pass_alpha_threshold = DRAWN
    compat.output_passes(scene.render.image_settings)
    try:
        yield Render(scene.name, scratch)
        return (yield from offload(lambda: _read_alone(scratch), "geometry"))
    finally:
        scratch.unlink(missing_ok=True)


def _read_alone(path: Path) -> Alone:
    depth, index, alpha, material = _channels(path, ("depth", "index", "alpha", "material"))
    seen = (depth < NO_HIT) & (index > 0.5)
    return Alone.of(seen, alpha, seen & (material > GLASS - 0.5))


def read_passes(path: Path) -> GeometrySample:
    """Depth and object ids of a multilayer EXR."""
    depth, index = _channels(path, ("depth", "index"))
    hit = depth < NO_HIT
    ids = np.where(hit, np.rint(index), 0).astype(np.int32)
    return GeometrySample(np.where(hit, depth, np.float32(0.0)), ids)


def _channels(path: Path, kinds: tuple[str, ...]) -> list[NDArray[np.float32]]:
    """(H, W) channel of each kind. Raises UserError where one is not there."""
    found = read_exr(path, lambda name: any(compat.is_pass(name, kind) for kind in kinds))
    channels = [next((found[n] for n in found if compat.is_pass(n, kind)), None) for kind in kinds]
    missing = " or no ".join(kind for kind, channel in zip(kinds, channels, strict=True) if channel is None)
    if missing:
        raise UserError(f"The render has no {missing} pass (of these it has: {', '.join(found) or 'none'}).")
    return [channel for channel in channels if channel is not None]
