# SPDX-License-Identifier: GPL-3.0-or-later
"""A frame of boxes on a floor, seen by exact ray casting: what sidecars and their proof are tested on, without Blender.

An object whose own frame is off its middle, scaled unevenly and turned; a person beside it who hides a part of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from grail_addon.core.arrays import Array
from grail_addon.core.camera import Camera, default_focal, look_at
from grail_addon.core.layout import ObjectId, VideoId
from grail_addon.core.mesh import MeshData
from grail_addon.core.pose import Pose
from grail_addon.core.rotations import from_euler_deg
from grail_addon.core.sidecars.proof import Truth
from grail_addon.core.sidecars.write import FrameGeometry

OBJECT, PERSON, FLOOR = 1, 2, 7
VID = VideoId(ObjectId("Things", "brick"), "kid", "stage", 3)
LOW, HIGH = np.array([-0.1, -0.05, 0.0]), np.array([0.15, 0.07, 0.08])
FACES = np.array(
    [[0, 2, 1], [1, 2, 3], [4, 5, 6], [5, 7, 6], [0, 1, 4], [1, 5, 4], [2, 6, 3], [3, 6, 7], [0, 4, 2], [2, 4, 6], [1, 3, 5], [3, 7, 5]],
    dtype=np.int32,
)  # fmt: skip
STANDING = Pose(from_euler_deg((0, 0, 35)), np.array([0.05, -0.1, 0.0]), np.array([2.0, 1.5, 3.0]))
UPRIGHT = Pose(np.eye(3), np.array([0.13, -0.74, 0.0]), np.array([1.0, 1.0, 10.0]))


def brick() -> MeshData:
    """The object's mesh in its own frame, unscaled."""
    corners = np.array([[x, y, z] for z in (LOW[2], HIGH[2]) for y in (LOW[1], HIGH[1]) for x in (LOW[0], HIGH[0])])
    return MeshData(corners, FACES)


@dataclass(frozen=True, eq=False)
class Box:
    """The brick under a pose."""

    pose: Pose

    def depth_along(self, origin: Array, ways: Array) -> Array:
        """(N,) multiple of each way at which it enters the box, infinite where it misses."""
        rotation, scale = self.pose.rotation, self.pose.scale
        start = (origin - self.pose.translation) @ rotation / scale
        with np.errstate(divide="ignore", invalid="ignore"):
            to_low, to_high = ((side - start) / (ways @ rotation / scale) for side in (LOW, HIGH))
        enter = np.minimum(to_low, to_high).max(axis=1)
        leave = np.maximum(to_low, to_high).min(axis=1)
        return np.where((enter <= leave) & (enter > 0), enter, np.inf)

    def distance(self, points: Array) -> Array:
        """World points (N, 3) -> distance (N,) to the box's surface."""
        low, high = LOW * self.pose.scale, HIGH * self.pose.scale
        local = (points - self.pose.translation) @ self.pose.rotation
        outside = np.maximum(low - local, local - high)
        return np.abs(np.linalg.norm(np.maximum(outside, 0), axis=1) + np.minimum(outside.max(axis=1), 0))


def camera_at(azimuth_deg: float = -60.0, radius: float = 2.5, size: tuple[int, int] = (96, 64)) -> Camera:
    """A camera a little above the object, with some sky."""
    azimuth = np.radians(azimuth_deg)
    target = np.array([0.0, 0.0, 0.2])
    position = target + radius * np.array([np.cos(azimuth), np.sin(azimuth), 0.2])
    return Camera(look_at(position, target), position, default_focal(*size), *size)


def look(camera: Camera, boxes: Sequence[Box]) -> tuple[Array, Array]:
    """Depth (H, W), 0 where there is nothing, and what is seen (H, W): index of the box from 1, FLOOR or 0."""
    flat = np.ones((camera.height, camera.width))
    ways = camera.unproject_map(flat).reshape(-1, 3) - camera.position  # one metre along the axis each
    with np.errstate(divide="ignore"):
        floor = np.where(ways[:, 2] < 0, -camera.position[2] / ways[:, 2], np.inf)
    depths = np.array([*(box.depth_along(camera.position, ways) for box in boxes), floor])
    nearest, seen = depths.min(axis=0), np.array([*range(1, len(boxes) + 1), FLOOR])[depths.argmin(axis=0)]
    hit = np.isfinite(nearest) & (nearest < 60)
    return np.where(hit, nearest, 0.0).reshape(flat.shape), np.where(hit, seen, 0).reshape(flat.shape)


def frame_of_boxes(camera: Camera, obj: Pose = STANDING, person: Pose = UPRIGHT) -> tuple[FrameGeometry, Truth]:
    """A frame as the stage would hand it over, and the truth about it."""
    thing, human = Box(obj), Box(person)
    depth, ids = look(camera, [thing, human])
    geometry = FrameGeometry(
        camera=camera,
        obj=obj,
        character_name="kid",
        character=Pose(person.rotation, person.translation, np.ones(3)),
        character_height=1.32,
        depth=depth.astype(np.float32),
        object_mask=look(camera, [thing])[1] == OBJECT,
        object_visible=ids == OBJECT,
        human_mask=ids == PERSON,
        static_objects={"table": Pose(from_euler_deg((0, 0, 90)), np.array([0.0, 0, -1]), np.array([1.0, 2, 3]))},
    )
    surfaces = {
        OBJECT: ("object", thing.distance),
        PERSON: ("character", human.distance),
        FLOOR: ("floor", lambda points: np.abs(points[:, 2])),
    }
    world = brick().scaled(obj.scale).transformed(obj.rotation, obj.translation)
    return geometry, Truth(brick(), world, ids.astype(np.int32), OBJECT, PERSON, surfaces)
