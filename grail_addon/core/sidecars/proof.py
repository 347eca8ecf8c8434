# SPDX-License-Identifier: GPL-3.0-or-later
"""Proof of a frame's sidecars: read the files back and hold them against the scene's own geometry.

Depth is back-projected with K and the camera pose as written, and must land on the surface that the pixel shows. The
object's mesh under the pose as written must be the object that was rendered, and must fill its mask.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array, Float32, Ints, Mask
from ..camera import Camera
from ..disk_file import Readable
from ..mesh import MeshData
from ..pose import Pose
from .raster import covered
from .write import (
    DEPTH_UNIT_M,
    read_cam_k,
    read_camera_json,
    read_depth_exr,
    read_depth_units,
    read_mask,
    read_object_pose,
)

DEPTH_TOLERANCE_MM = 1.0
POSE_TOLERANCE_MM = 0.01
DEPTH_REACH = 65.0
"""Metres, as far as the 16-bit depth map reaches. Single precision alone is off by a tolerance some way beyond."""
OUTLINE_TOLERANCE_PX = 0.1
MOST_DOUBTFUL_PIXELS = 2
"""Pixels whose centre is so near the outline that single precision may take them for either side of it."""
SAMPLES_PER_SURFACE = 400

DistanceTo = Callable[[Array], Array]
"""World points (N, 3) -> distance (N,) in metres to one thing's surface."""


@dataclass(frozen=True, eq=False)
class Truth:
    """What the stage knows of a frame, whatever was written.

    object_mesh: in its own frame, unscaled; object_world: the same as it stands in the world. id_map: (H, W), what each
    pixel centre sees; object_id and character_id occur in it. surfaces: id -> name and distance function of the things
    to check (object, table, floor, character, ...). drawn: (H, W) bool, what is drawn of the object where nothing stands
    before it, for one with holes in its materials; None: all of its mesh.
    """

    object_mesh: MeshData
    object_world: MeshData
    id_map: NDArray[np.int32]
    object_id: int
    character_id: int
    surfaces: Mapping[int, tuple[str, DistanceTo]]
    drawn: Mask | None = None


@dataclass(frozen=True)
class Proof:
    """surface_error_mm: thing -> largest distance of its back-projected depth (PNG and EXR) to its surface.

    outline_error_px: mean distance between the outlines of the object's mask and of its projected mesh.
    problems: sentences, empty when all is proved. at_fault: role of a file -> the first of them that is about it.
    """

    surface_error_mm: Mapping[str, float]
    outline_error_px: float
    problems: tuple[str, ...] = field(default=())
    at_fault: Mapping[str, str] = field(default_factory=dict)

    @property
    def proved(self) -> bool:
        return not self.problems

    def to_json(self) -> dict[str, Any]:
        return {
            "surface_error_mm": dict(self.surface_error_mm),
            "outline_error_px": self.outline_error_px,
            "problems": list(self.problems),
            "proved": self.proved,
        }


@dataclass(frozen=True)
class _Fault:
    """What is wrong, and the roles of the files that hold it."""

    roles: tuple[str, ...]
    sentence: str


def _proof(errors: Mapping[str, float], outline: float, faults: Sequence[_Fault]) -> Proof:
    at_fault: dict[str, str] = {}
    for fault in faults:
        for role in fault.roles:
            at_fault.setdefault(role, fault.sentence)
    return Proof(errors, outline, tuple(fault.sentence for fault in faults), at_fault)


@dataclass(frozen=True, eq=False)
class _Files:
    """The sidecars as read back. maps: role -> (H, W) mask, or depth as of `_surface_errors`."""

    camera: Camera
    pose: Pose
    K: Array
    maps: Mapping[str, NDArray[Any]]


_READERS: Mapping[str, Callable[[Readable], Any]] = {
    "camera_json": lambda file: (read_camera_json(file), read_object_pose(file)),
    "cam_k": read_cam_k,
    "depth_png": read_depth_units,
    "depth_exr": read_depth_exr,
    "object_mask": read_mask,
    "object_visible_mask": read_mask,
    "human_mask": read_mask,
}


def _read(files: Mapping[str, Readable]) -> _Files | list[_Fault]:
    """All files that the proof needs, or what is wrong with those that cannot be read."""
    found: dict[str, Any] = {}
    faults = []
    for role, reader in _READERS.items():
        file = files[role]
        try:
            found[role] = reader(file)
        except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
            why = "is missing" if isinstance(error, FileNotFoundError) else "cannot be read"
            faults.append(_Fault((role,), f"{file.name} ({role}) {why}."))
    if faults:
        return faults
    camera, pose = found.pop("camera_json")
    return _Files(camera, pose, found.pop("cam_k"), found)


def _chosen(pixels: Ints) -> Ints:
    """Up to SAMPLES_PER_SURFACE of them, evenly."""
    if len(pixels) == 0:
        return pixels
    chosen: Ints = np.linspace(0, len(pixels) - 1, min(len(pixels), SAMPLES_PER_SURFACE)).astype(np.int64)
    return pixels[chosen]


def _back_projected(camera: Camera, depths: Array, pixels: Ints) -> Array:
    """World points (N, 3) of pixels at places (N,) of the map in reading order; depths: (N,) metres."""
    row, column = np.divmod(pixels, camera.width)
    return camera.unproject(np.column_stack([column, row]) + 0.5, depths)


def _largest(away: Array, depths: Array) -> float:
    """Largest distance in mm; beyond DEPTH_REACH it counts in proportion to the depth. 0 where there is none."""
    return float((away / np.maximum(depths / DEPTH_REACH, 1.0)).max()) * 1000.0 if len(away) else 0.0


def _surface_errors(camera: Camera, png: NDArray[Any], exr: Float32, truth: Truth) -> dict[str, tuple[float, float]]:
    """Name of what is seen -> error of the PNG and of the EXR. Where a thing is seen, its depth must be known. png, exr:
    (H, W), in units of DEPTH_UNIT_M and in metres."""
    errors: dict[str, tuple[float, float]] = {}
    ids, in_png, in_exr = truth.id_map.ravel(), png.ravel(), exr.ravel()
    near = in_exr < DEPTH_REACH
    all_near = bool(near.all())
    for number, (name, distance) in truth.surfaces.items():
        seen = np.flatnonzero(ids == number)
        if len(seen):
            places = _chosen(seen if all_near else seen[near[seen]]), _chosen(seen)
            depths = in_png[places[0]] * DEPTH_UNIT_M, in_exr[places[1]].astype(np.float64)
            points = [_back_projected(camera, d, p) for d, p in zip(depths, places, strict=True)]
            away = np.split(distance(np.concatenate(points)), [len(places[0])])
            both = [_largest(a, d) for a, d in zip(away, depths, strict=True)]
            before = errors.get(name, (0.0, 0.0))
            errors[name] = max(before[0], both[0]), max(before[1], both[1])
    return errors


def _outline_error(camera: Camera, truth: Truth, mask: Mask) -> float:
    """Mean distance in pixels between the mask's outline and the mesh's: what lies between them, by its length. Holes of
    the materials, as drawn, are none of the mesh's."""
    true = covered(camera, truth.object_world)
    if true is None:
        return 0.0  # part of it is behind the camera: it has no outline to compare
    wrong = int((true != mask).sum())
    if truth.drawn is not None:
        wrong = int((mask & ~true).sum()) + int((mask != truth.drawn)[true].sum())
        true = true & truth.drawn
    if wrong <= MOST_DOUBTFUL_PIXELS:
        return 0.0
    padded = np.pad(true, 1)
    inner = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return wrong / max(int((true & ~inner).sum()), 1)


def _camera_faults(files: _Files, camera: Camera) -> list[_Fault]:
    faults = []
    if not np.allclose(files.K, camera.K, rtol=0, atol=1e-9):
        faults.append(_Fault(("cam_k",), "cam_K.txt does not hold the intrinsics that were rendered."))
    if not np.allclose(files.camera.K, camera.K, rtol=0, atol=1e-9):  # size included: it has the middle
        faults.append(_Fault(("camera_json",), "The camera file does not hold the intrinsics that were rendered."))
    if not np.allclose(files.camera.cam_to_world, camera.cam_to_world, rtol=0, atol=1e-9):
        faults.append(_Fault(("camera_json",), "The camera file does not hold the pose that was rendered."))
    size = (camera.height, camera.width)
    odd = tuple(role for role, values in files.maps.items() if values.shape != size)
    if odd:
        sentence = f"Depth and masks differ in size from the frame ({camera.width} x {camera.height})."
        faults.append(_Fault(odd, sentence))
    return faults


def _depth_faults(errors: Mapping[str, tuple[float, float]]) -> list[_Fault]:
    faults = []
    for name, both in errors.items():
        roles = tuple(role for role, e in zip(("depth_png", "depth_exr"), both, strict=True) if e > DEPTH_TOLERANCE_MM)
        if roles:
            faults.append(_Fault(roles, f"Depth of {name} is off its surface by up to {max(both):.2f} mm."))
    return faults


def _mask_faults(files: _Files, truth: Truth) -> list[_Fault]:
    faults = []
    for role, number, who in (
        ("object_visible_mask", truth.object_id, "object"),
        ("human_mask", truth.character_id, "person"),
    ):
        wrong = int((files.maps[role] != (truth.id_map == number)).sum())
        if wrong:
            faults.append(_Fault((role,), f"The visible mask of the {who} is wrong in {wrong} pixels."))
    amodal, visible = files.maps["object_mask"], files.maps["object_visible_mask"]
    outside = int((visible & ~amodal).sum())
    if outside > max(MOST_DOUBTFUL_PIXELS, 0.002 * int(amodal.sum())):
        sentence = f"{outside} pixels of the visible object lie outside its silhouette."
        faults.append(_Fault(("object_mask", "object_visible_mask"), sentence))
    return faults


def prove(sidecars: Mapping[str, Readable], camera: Camera, truth: Truth) -> Proof:
    """Compare a frame's sidecars (role -> file), as they are on the disk, with the scene. A file that cannot be read is not
    proved."""
    files = _read(sidecars)
    if not isinstance(files, _Files):
        return _proof({}, 0.0, files)
    faults = _camera_faults(files, camera)
    if faults:
        return _proof({}, 0.0, faults)
    pose = files.pose
    placed = truth.object_mesh.scaled(pose.scale).transformed(pose.rotation, pose.translation)
    off = float(np.linalg.norm(placed.vertices - truth.object_world.vertices, axis=1).max()) * 1000.0
    if off > POSE_TOLERANCE_MM:
        sentence = f"The object's mesh under the written pose is off by up to {off:.2f} mm."
        faults.append(_Fault(("camera_json",), sentence))
    errors = _surface_errors(files.camera, files.maps["depth_png"], files.maps["depth_exr"], truth)
    faults += _depth_faults(errors)
    # against the object as it stood: a pose that is wrong on file is no fault of the mask
    outline = _outline_error(files.camera, truth, files.maps["object_mask"])
    if outline > OUTLINE_TOLERANCE_PX:
        sentence = f"The outlines of the object's mask and of its mesh are {outline:.2f} px apart."
        faults.append(_Fault(("object_mask",), sentence))
    faults += _mask_faults(files, truth)
    return _proof({name: max(both) for name, both in errors.items()}, outline, faults)
