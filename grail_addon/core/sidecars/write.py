# SPDX-License-Identifier: GPL-3.0-or-later
"""The files beside a conditioning frame, as `docs/file-formats.md` and GRAIL's output contract describe them.

JSON, PNG and EXR are our own truth; the pickles carry the same numbers for GRAIL, which reads nothing else.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..arrays import Array
from ..camera import Camera, opencv_axes
from ..disk_file import Readable
from ..files import json_text, write_together
from ..layout import ResultsLayout, VideoId
from ..png import grey_png
from ..pose import Pose
from ..robot.record import RobotRecord
from ..rotations import to_euler
from .exr import exr_bytes, read_exr
from .portable_pickle import dumps

DEPTH_UNIT_M = 0.001
DEPTH_MAX = 65535


@dataclass(frozen=True, eq=False)
class FrameGeometry:
    """What is known of one frame besides its colours.

    depth: (H, W) float32 metres along the optical axis, 0 where unknown. object_mask: (H, W) bool, the object's whole
    silhouette; object_visible, human_mask: (H, W) bool, what occluders leave. character_height: metres, posed, scaled.
    mesh_offset (3,): point of the object's file, in metres, that is the origin of `obj`; None: the file's own.
    robot: what the character is, None for a person.
    """

    camera: Camera
    obj: Pose
    character_name: str
    character: Pose
    character_height: float
    depth: NDArray[np.float32]
    object_mask: NDArray[np.bool_]
    object_visible: NDArray[np.bool_]
    human_mask: NDArray[np.bool_]
    static_objects: Mapping[str, Pose] = field(default_factory=dict)
    mesh_offset: Array | None = None
    robot: RobotRecord | None = None


def _column(values: Array) -> Array:
    return np.asarray(values, dtype=np.float64).reshape(3, 1)


def camera_record(geometry: FrameGeometry) -> dict[str, Any]:
    """Content of `cameras/{video_id}.pickle`: camera-to-world in Blender axes and the object's pose."""
    camera, obj = geometry.camera, geometry.obj
    return {
        "R": camera.rotation,
        "t": camera.position,
        "obj_R": obj.rotation,
        "obj_euler": _column(to_euler(obj.rotation)),
        "obj_location": _column(obj.translation),
        "obj_t": _column(obj.translation),
        "obj_scale": _column(obj.scale),
        "focal_length": float(camera.focal),
        "resolution": (camera.width, camera.height),
    }


def first_frame_record(geometry: FrameGeometry) -> dict[str, Any]:
    """Content of `foundation_pose/{video_id}/first_frame_pose.pickle`."""
    camera, obj, person = geometry.camera, geometry.obj, geometry.character
    return {
        "cam_R": camera.rotation,
        "cam_t": _column(camera.position),
        "obj_R": obj.rotation,
        "obj_t": _column(obj.translation),
        "obj_scale": _column(obj.scale),
        "character_R": person.rotation,
        "character_t": _column(person.translation),
        "character_scale": _column(person.scale),
        "frame_height": camera.height,
        "frame_width": camera.width,
        "focal_length": float(camera.focal),
        "static_objects": {
            name: {"scale": pose.scale, "rot": to_euler(pose.rotation), "pos": pose.translation}
            for name, pose in geometry.static_objects.items()
        },
        **({} if geometry.mesh_offset is None else {"mesh_offset": _column(geometry.mesh_offset)}),
    }


def character_record(geometry: FrameGeometry) -> dict[str, Any]:
    """Content of `foundation_pose/{video_id}/character_data.pickle`."""
    person = geometry.character
    return {
        "character_name": geometry.character_name,
        "character_height": float(geometry.character_height),
        "character_scale": person.scale,
        "character_R": person.rotation,
        "character_t": _column(person.translation).ravel(),
        **({} if geometry.robot is None else {"robot": geometry.robot.placed(person)}),
    }


def camera_json(geometry: FrameGeometry, vid: VideoId) -> dict[str, Any]:
    """Content of `cameras/{video_id}.json`: all poses of the frame, readable without Python."""

    def pose(p: Pose) -> dict[str, Any]:
        return {"rotation": p.rotation.tolist(), "translation": p.translation.tolist(), "scale": p.scale.tolist()}

    camera = geometry.camera
    return {
        "schema": 1,
        "video_id": str(vid),
        "seed": vid.seed,
        "K": camera.K.tolist(),
        "resolution": [camera.width, camera.height],
        "cam_to_world_blender": camera.cam_to_world.tolist(),
        "cam_to_world_opencv": np.block(
            [
                [opencv_axes(camera.rotation), camera.position.reshape(3, 1)],
                [np.zeros((1, 3)), np.ones((1, 1))],
            ]
        ).tolist(),
        "object": pose(geometry.obj),
        "character": {"name": geometry.character_name, "height": geometry.character_height, **pose(geometry.character)},
        **({} if geometry.robot is None else {"robot": geometry.robot.placed(geometry.character)}),
        "static_objects": {name: pose(p) for name, p in geometry.static_objects.items()},
        **({} if geometry.mesh_offset is None else {"mesh_offset": geometry.mesh_offset.tolist()}),
    }


def depth_png(depth: NDArray[np.float32]) -> bytes:
    """A PNG of 16-bit millimetres, 0 where unknown, clipped to 65535. depth: (H, W) metres."""
    # in float64: a product in float32 can fall on the wrong side of a half
    values = depth.astype(np.float64)
    if not np.isfinite(depth).all():
        np.nan_to_num(values, copy=False, posinf=0.0, neginf=0.0)
    values /= DEPTH_UNIT_M
    np.clip(values, 0, DEPTH_MAX, out=values)
    return grey_png(np.rint(values, out=values).astype(np.uint16))


def read_depth_png(file: Readable) -> NDArray[np.float64]:
    """Metres (H, W), 0 where unknown."""
    return read_depth_units(file).astype(np.float64) * DEPTH_UNIT_M


def read_depth_units(file: Readable) -> NDArray[Any]:
    """The same as whole numbers (H, W) of DEPTH_UNIT_M."""
    with Image.open(io.BytesIO(file.read_bytes())) as image:
        return np.asarray(image)


def depth_exr(depth: NDArray[np.float32]) -> bytes:
    """An EXR of 32-bit float metres in one channel `Z`, 0 where unknown. depth: (H, W)."""
    return exr_bytes({"Z": depth})


def read_depth_exr(file: Readable) -> NDArray[np.float32]:
    """Metres (H, W), 0 where unknown."""
    return read_exr(file)["Z"]


def mask_png(mask: NDArray[np.bool_]) -> bytes:
    """A PNG of one 8-bit channel, 0 or 255. mask: (H, W)."""
    return grey_png(mask.astype(np.uint8) * np.uint8(255))


def read_mask(file: Readable) -> NDArray[np.bool_]:
    """(H, W) bool."""
    with Image.open(io.BytesIO(file.read_bytes())) as image:
        return np.asarray(image) > 127


def cam_k_txt(K: Array) -> bytes:
    """Three rows of three numbers, `%.18e`."""
    return "".join(" ".join(f"{v:.18e}" for v in row) + "\n" for row in K).encode("ascii")


def read_cam_k(file: Readable) -> Array:
    """Intrinsics (3, 3)."""
    return np.array(file.read_bytes().decode("ascii").split(), dtype=np.float64).reshape(3, 3)


def read_camera_json(file: Readable) -> Camera:
    """The camera of a written frame."""
    data = json.loads(file.read_bytes())
    pose, K = np.array(data["cam_to_world_blender"]), np.array(data["K"])
    width, height = data["resolution"]
    return Camera(pose[:3, :3], pose[:3, 3], float(K[0, 0]), int(width), int(height))


def read_object_pose(file: Readable) -> Pose:
    """The object's pose in a frame's camera JSON."""
    data = json.loads(file.read_bytes())["object"]
    return Pose(np.array(data["rotation"]), np.array(data["translation"]), np.array(data["scale"]))


def sidecar_files(layout: ResultsLayout, vid: VideoId) -> dict[str, Path]:
    """Role -> path of each sidecar of a frame (roles of the frame manifest)."""
    return {
        "camera_pickle": layout.camera_pickle(vid),
        "camera_json": layout.camera_json(vid),
        "depth_png": layout.depth_png(vid),
        "depth_exr": layout.depth_exr(vid),
        "cam_k": layout.cam_k(vid),
        "object_mask": layout.object_mask(vid),
        "object_visible_mask": layout.object_visible_mask(vid),
        "human_mask": layout.human_mask(vid),
        "first_frame_pose": layout.first_frame_pose(vid),
        "character_data": layout.character_data(vid),
    }


def write_sidecars(layout: ResultsLayout, vid: VideoId, geometry: FrameGeometry) -> dict[str, Path]:
    """Write all sidecars of a frame, each whole or not at all; returns role -> path."""
    files = sidecar_files(layout, vid)
    contents = {
        "camera_pickle": dumps(camera_record(geometry)),
        "camera_json": json_text(camera_json(geometry, vid)).encode("utf-8"),
        "depth_png": depth_png(geometry.depth),
        "depth_exr": depth_exr(geometry.depth),
        "cam_k": cam_k_txt(geometry.camera.K),
        "object_mask": mask_png(geometry.object_mask),
        "object_visible_mask": mask_png(geometry.object_visible),
        "human_mask": mask_png(geometry.human_mask),
        "first_frame_pose": dumps(first_frame_record(geometry)),
        "character_data": dumps(character_record(geometry)),
    }
    write_together({path: contents[role] for role, path in files.items()})
    return files
