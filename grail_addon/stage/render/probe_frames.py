# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures for the scale probe: the object at some scale beside the person, from two sides, in the warm process.

Neither settled nor judged: the object stands as configured, and at a wrong scale it may well hang over an edge or reach
into the person, which is what the probe is to find out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ...core.arrays import Array
from ...core.camera import Camera, look_at, orbit_position
from ...core.files import atomic_path
from ...core.layout import VideoId
from ...core.plan.items import ObjectJob
from ...core.settle.rest import as_configured
from ...core.variant.draw import draw_variant
from ...steps.effects import Pause, Steps
from ..person.person import Person
from ..room.scene import Stage
from ..room.show import stand
from .render import Quality, render_frame

WIDTH, HEIGHT = 320, 240
QUALITY = Quality(samples=2, denoise=True, noise_threshold=0.1, bounces=1, guided=False)
"""Enough to see a size by; twice the samples take twice the time."""
SIDES_DEG = (-18.0, 18.0)
"""Turns of the two cameras about the middle of the scene's own range of azimuths."""

MARGIN = 0.06
"""Share of the picture that stays free at each edge."""

WIDEST = 0.35
"""Shortest focal length as a share of the width: an object many times too large is shown in part."""


def probe_views(
    stage: Stage, person: Person, seed: int, job: ObjectJob, scale: tuple[float, float, float], folder: Path
) -> Steps[Sequence[Path]]:
    """Render the two pictures into `folder` and return their paths. scale: of the object's mesh;
    seed: base seed of all random streams."""
    settings = job.settings.model_copy(update={"obj_scale": scale})
    # seed 0 is no frame's, so the probe does not depend on which frames are made
    variant = draw_variant(seed, VideoId(job.obj, person.name, settings.scene, 0), settings)
    yield Pause("placement")
    rest = as_configured(stage.imported.mesh, settings.obj_scale, settings.obj_rot)
    points = yield from stand(stage, person, settings, variant, rest)
    yield from stage.lights.lit(variant.light)
    middle = settings.camera_azimuth + sum(settings.camera_azimuth_rand_max) / 2
    made = []
    for number, side in enumerate(SIDES_DEG):
        yield Pause("picture")
        path = folder / f"view{number}.png"
        stage.aim(probe_camera(points, middle + side, variant.camera.elevation_deg, variant.camera.radius))
        with atomic_path(path) as temp:
            yield from render_frame(stage.scene, temp, QUALITY, number + 1)
        made.append(path)
    return made


def probe_camera(points: Array, azimuth_deg: float, elevation_deg: float, radius: float) -> Camera:
    """A camera at the scene's own distance, where nothing stands in its way, with a lens that just shows `points`."""
    low, high = points.min(axis=0), points.max(axis=0)
    target = (low + high) / 2
    position = orbit_position(target, math.radians(azimuth_deg), math.radians(elevation_deg), radius)
    unit = Camera(look_at(position, target), position, 1.0, 0, 0)
    offsets, depth = unit.project(points)
    seen = depth > 0.1
    reach = np.abs(offsets[seen]).max(axis=0) if seen.any() else np.ones(2)
    room = (1.0 - 2 * MARGIN) * np.array([WIDTH, HEIGHT]) / 2
    focal = max(float((room / np.maximum(reach, 1e-6)).min()), WIDEST * WIDTH)
    return Camera(unit.rotation, position, focal, WIDTH, HEIGHT)
