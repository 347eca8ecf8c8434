# SPDX-License-Identifier: GPL-3.0-or-later
"""Chooses the camera of a frame: as drawn, fitted to object and person, or drawn again until the framing passes.

The framing is judged on the geometry alone, which takes a second, before a minute goes into the picture.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...core.camera import Camera
from ...core.config.rendering import RenderingConfig
from ...core.gate.types import GateVerdict
from ...core.variant.draw import Variant, camera_of
from ...core.variant.framing import Margins, fit_camera
from ...steps.effects import Steps
from ..measure.posed_mesh import PosedMesh, box_of, silhouette
from ..room.camera import set_border, set_camera
from ..room.placement import Placed
from ..room.scene import Stage
from ..room.see_through import Alone
from .render import GeometrySample, render_alone, render_geometry

FIT_MARGIN = 0.06
"""Share of the frame's shorter side that `camera_fit` keeps free at each edge."""


@dataclass(frozen=True, eq=False)
class View:
    """A chosen camera and what it sees. posed: the object in the world; alone: the object by itself, None where it is
    opaque all over."""

    variant: Variant
    camera: Camera
    seen: GeometrySample
    posed: PosedMesh
    alone: Alone | None = None

    @cached_property
    def amodal(self) -> NDArray[np.bool_]:
        """(H, W), the object's whole silhouette, without the holes of cut-outs; made when it is first asked for."""
        return silhouette(self.posed, self.camera) if self.alone is None else self.alone.mask

    @property
    def drawn(self) -> NDArray[np.bool_] | None:
        """(H, W), what is drawn of the object with nothing before it; None where it is opaque, or too clear to be drawn."""
        return self.alone.mask if self.alone is not None and self.alone.mask.any() else None

    @property
    def whole(self) -> NDArray[np.bool_]:
        """(H, W), `amodal`, or the silhouette of the mesh where the object is too clear to be drawn: it is there all the same."""
        return self.amodal if self.amodal.any() else silhouette(self.posed, self.camera)

    @property
    def transparent_share(self) -> float:
        """Share of the object's silhouette that lets the background through."""
        if self.alone is None or not (self.alone.mask.any() or silhouette(self.posed, self.camera).any()):
            return 0.0
        return self.alone.transparent_share


def fitted(variant: Variant, placed: Placed, width: int, height: int) -> Variant:
    """The variant with target and radius such that object and person just fit the frame with the margin.

    Direction and height angle stay as drawn.
    """
    points = np.concatenate([placed.object_mesh.world.vertices, placed.person_mesh.world.vertices])
    camera = variant.camera
    fit = fit_camera(
        points,
        math.radians(camera.azimuth_deg),
        math.radians(camera.elevation_deg),
        camera_of(camera, width, height).K,
        (width, height),
        Margins.fraction(FIT_MARGIN, width, height),
    )
    x, y, z = (float(v) for v in fit.target)
    return replace(variant, camera=replace(camera, radius=float(fit.radius), target=(x, y, z)))


def sample_view(stage: Stage, variant: Variant, placed: Placed, width: int, height: int) -> Steps[View]:
    """Point the stage's camera as the variant says and see what it sees."""
    camera = camera_of(variant.camera, width, height)
    stage.aim(camera)
    with tempfile.TemporaryDirectory() as folder:
        seen = yield from render_geometry(stage.scene, Path(folder) / "passes.exr")
        alone = yield from see_alone(stage, camera, placed.object_mesh, Path(folder) / "alone.exr")
    return View(variant, camera, seen, placed.object_mesh, alone)


def see_alone(stage: Stage, camera: Camera, posed: PosedMesh, scratch: Path) -> Steps[Alone | None]:
    """The object by itself, rendered where it may let light through; None where it is opaque all over."""
    if stage.alone is None:
        return None
    low, high = box_of(posed, camera)
    if (low >= high).any():
        nothing = np.zeros((camera.height, camera.width), dtype=np.float32)
        return Alone(nothing > 0.0, nothing, nothing > 0.0)
    set_camera(stage.alone, stage.alone.camera, camera)
    set_border(stage.alone, camera, low, high)
    return (yield from render_alone(stage.alone, int(np.prod(high - low)), scratch))


def choose_view(
    stage: Stage,
    rendering: RenderingConfig,
    size: tuple[int, int],
    placed: Placed,
    draw: Callable[[int], Variant],
    judge: Callable[[View], Steps[GateVerdict]],
) -> Steps[View]:
    """The first camera draw whose framing does not fail; if all of `max_attempts` do, the one with fewest failures.

    draw: camera attempt -> variant with the placement at hand. judge: framing verdict of a view.
    """
    best: tuple[int, View] | None = None
    for attempt in range(rendering.max_attempts):
        variant = draw(attempt)
        if rendering.camera_fit:
            variant = fitted(variant, placed, *size)
        view = yield from sample_view(stage, variant, placed, *size)
        if rendering.max_attempts == 1:
            return view
        verdict = yield from judge(view)
        failures = sum(check.level == "fail" for check in verdict.checks)
        if failures == 0:
            return view
        if best is None or failures < best[0]:
            best = (failures, view)
    assert best is not None  # max_attempts is at least 1
    stage.aim(best[1].camera)
    return best[1]
