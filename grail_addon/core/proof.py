# SPDX-License-Identifier: GPL-3.0-or-later
"""Proof of a frame's sidecars: read the files back and hold them against the scene's own geometry.

Depth is back-projected with K and the camera pose as written, and must land on the surface that the pixel shows. The
object's mesh under the pose as written must be the object that was rendered, and must fill its mask.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .camera import Camera
from .layout import ResultsLayout, VideoId
from .mesh import Array, MeshData
from .raster import covered
from .sidecars import (
    read_cam_k,
    read_camera_json,
    read_depth_exr,
    read_depth_png,
    read_mask,
    read_object_pose,
)

DEPTH_TOLERANCE_MM = 1.0
POSE_TOLERANCE_MM = 0.01
FAR = 65.0
"""Metres, as far as the 16-bit depth map reaches. Single precision alone is off by a tolerance some way beyond."""
OUTLINE_TOLERANCE_PX = 0.1
MOST_DOUBTFUL_PIXELS = 2
"""Pixels whose centre is so near the outline that single precision may take them for either side of it."""
SAMPLES_PER_SURFACE = 400

Mask = NDArray[np.bool_]
DistanceTo = Callable[[Array], Array]
"""World points (N, 3) -> distance (N,) in metres to one thing's surface."""


@dataclass(frozen=True, eq=False)
class Truth:
    """What the stage knows of a frame, whatever was written.

    object_mesh: in its own frame, unscaled; object_world: the same as it stands in the world. id_map: (H, W), what each
    pixel centre sees; object_id and character_id occur in it. surfaces: id -> name and distance function of the things
    to check (object, table, floor, character, ...).
    """

    object_mesh: MeshData
    object_world: MeshData
    id_map: NDArray[np.int32]
    object_id: int
    character_id: int
    surfaces: Mapping[int, tuple[str, DistanceTo]]


@dataclass(frozen=True)
class Proof:
    """surface_error_mm: thing -> largest distance of its back-projected depth (PNG and EXR) to its surface.

    outline_error_px: mean distance between the outlines of the object's mask and of its projected mesh.
    problems: sentences, empty when all is proved.
    """

    surface_error_mm: Mapping[str, float]
    outline_error_px: float
    problems: tuple[str, ...] = field(default=())

    @property
    def proved(self) -> bool:
        return not self.problems

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "proved": self.proved}


def _surface_error(camera: Camera, depth: Array, pixels: NDArray[np.int64], distance: DistanceTo) -> float:
    """Largest distance in mm; pixels (N, 2) rows of (v, u). Beyond FAR it counts in proportion to the depth."""
    if len(pixels) == 0:
        return 0.0
    chosen = pixels[np.linspace(0, len(pixels) - 1, min(len(pixels), SAMPLES_PER_SURFACE)).astype(int)]
    depths = depth[chosen[:, 0], chosen[:, 1]]
    away = distance(camera.unproject(chosen[:, ::-1] + 0.5, depths))
    return float((away / np.maximum(depths / FAR, 1.0)).max()) * 1000.0


def _surface_errors(camera: Camera, png: Array, exr: Array, truth: Truth) -> dict[str, float]:
    """Thing -> largest error of either depth map. Where a thing is seen, its depth must be known."""
    errors: dict[str, float] = {}
    for number, (name, distance) in truth.surfaces.items():
        seen = truth.id_map == number
        if seen.any():
            in_exr = _surface_error(camera, exr, np.argwhere(seen), distance)
            in_png = _surface_error(camera, png, np.argwhere(seen & (exr < FAR)), distance)
            errors[name] = max(errors.get(name, 0.0), in_exr, in_png)
    return errors


def _outline_error(camera: Camera, world: MeshData, mask: Mask) -> float:
    """Mean distance in pixels between the mask's outline and the mesh's: what lies between them, by its length."""
    true = covered(camera, world)
    if true is None:
        return 0.0  # part of it is behind the camera: it has no outline to compare
    wrong = int((true != mask).sum())
    if wrong <= MOST_DOUBTFUL_PIXELS:
        return 0.0
    padded = np.pad(true, 1)
    inner = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return wrong / max(int((true & ~inner).sum()), 1)


def _camera_problems(camera: Camera, written: Camera, K: Array, shapes: set[tuple[int, ...]]) -> list[str]:
    problems = []
    if not np.allclose(K, camera.K, rtol=0, atol=1e-9):
        problems.append("cam_K.txt does not hold the intrinsics that were rendered.")
    if not np.allclose(written.cam_to_world, camera.cam_to_world, rtol=0, atol=1e-9):
        problems.append("The camera file does not hold the pose that was rendered.")
    if shapes != {(camera.height, camera.width)}:
        problems.append(f"Depth and masks differ in size from the frame ({camera.width} x {camera.height}).")
    return problems


def _mask_problems(amodal: Mask, visible: Mask, human: Mask, truth: Truth) -> list[str]:
    problems = []
    for mask, number, who in ((visible, truth.object_id, "object"), (human, truth.character_id, "person")):
        wrong = int((mask != (truth.id_map == number)).sum())
        if wrong:
            problems.append(f"The visible mask of the {who} is wrong in {wrong} pixels.")
    outside = int((visible & ~amodal).sum())
    if outside > max(MOST_DOUBTFUL_PIXELS, 0.002 * int(amodal.sum())):
        problems.append(f"{outside} pixels of the visible object lie outside its silhouette.")
    return problems


def prove(layout: ResultsLayout, vid: VideoId, camera: Camera, truth: Truth) -> Proof:
    """Re-read the sidecars of `vid` and compare them with the scene."""
    written, pose = read_camera_json(layout.camera_json(vid)), read_object_pose(layout.camera_json(vid))
    png = read_depth_png(layout.depth_png(vid))
    exr = read_depth_exr(layout.depth_exr(vid)).astype(np.float64)
    amodal = read_mask(layout.object_mask(vid))
    visible = read_mask(layout.object_visible_mask(vid))
    human = read_mask(layout.human_mask(vid))
    shapes = {a.shape for a in (png, exr, amodal, visible, human)}
    problems = _camera_problems(camera, written, read_cam_k(layout.cam_k(vid)), shapes)
    if problems:
        return Proof({}, 0.0, tuple(problems))
    placed = truth.object_mesh.scaled(pose.scale).transformed(pose.rotation, pose.translation)
    off = float(np.linalg.norm(placed.vertices - truth.object_world.vertices, axis=1).max()) * 1000.0
    if off > POSE_TOLERANCE_MM:
        problems.append(f"The object's mesh under the written pose is off by up to {off:.2f} mm.")
    errors = _surface_errors(written, png, exr, truth)
    problems += [
        f"Depth of {name} is off its surface by up to {error:.2f} mm."
        for name, error in errors.items()
        if error > DEPTH_TOLERANCE_MM
    ]
    outline = _outline_error(written, placed, amodal)
    if outline > OUTLINE_TOLERANCE_PX:
        problems.append(f"The outlines of the object's mask and of its mesh are {outline:.2f} px apart.")
    problems += _mask_problems(amodal, visible, human, truth)
    return Proof(errors, outline, tuple(problems))
