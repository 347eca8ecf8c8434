# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a camera must stand to see a set of points, exactly: the nearest place from which all fit into the frame.

Why not a bounding box or sphere: both back off too far for anything that is not box- or ball-shaped (a standing
person with a hand stretched out), and one projection followed by a linear scaling of the distance is wrong under
perspective, since near points grow faster than far ones.

The orientation of the camera is given (azimuth and elevation, no roll), so that only its position is unknown. In axes
turned like the camera's (x right, y up, z backwards) a point p is inside the frame of a camera at c when

    (p_x - c_x) <= t_right * (c_z - p_z),   -(p_x - c_x) <= t_left * (c_z - p_z),   and likewise up and down,

where t_* is the tangent of the angle between the axis and the edge less its margin. These are linear in c: a linear
programme in three unknowns with a closed solution. Adding the two horizontal rows shows that the smallest c_z is
(max(p_x + t_right p_z) + max(-p_x + t_left p_z)) / (t_right + t_left), which no choice of c_x can beat; the vertical
pair gives a second bound and the larger of the two decides. The other axis then has room to spare, and is centred.
With a fixed target c_x = c_y = 0 and every row is a lower bound on the radius alone.

Off-centre principal points are handled; skew is not. Azimuth is measured about +z from +X, counter-clockwise, and the
camera stands at target + radius * (cos el cos az, cos el sin az, sin el).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Array

NEAR = 0.05  # metres: no point may be nearer than this along the axis (the usual clip start is 0.1 m or less)


@dataclass(frozen=True)
class Margins:
    """Space kept free at each edge of the frame, in pixels."""

    left: float = 0.0
    right: float = 0.0
    top: float = 0.0
    bottom: float = 0.0

    @classmethod
    def pixels(cls, every_edge: float) -> Margins:
        """The same number of pixels at each edge."""
        return cls(every_edge, every_edge, every_edge, every_edge)

    @classmethod
    def fraction(cls, share: float, width: int, height: int) -> Margins:
        """The same share of the frame's shorter side at each edge."""
        return cls.pixels(share * min(width, height))


@dataclass(frozen=True, eq=False)
class CameraFit:
    """The nearest camera that sees all points.

    radius: metres from target to camera; target, position: (3,) world; cam_to_world: (4, 4) Blender axes.
    limited_by: the edges that points touch, or `near` when the points would fit into the frame from even nearer than
    the near distance (a single point, points on one line of sight).
    """

    radius: float
    target: Array
    position: Array
    cam_to_world: Array
    limited_by: Literal["width", "height", "near"]


@dataclass(frozen=True)
class _Tangents:
    """Tangents of the angles from the optical axis to the usable edges."""

    left: float
    right: float
    up: float
    down: float


def orbit_rotation(azimuth: float, elevation: float) -> Array:
    """Camera-to-world rotation (3, 3), Blender axes, of a camera that looks along its orbit's radius. Angles in radians.

    Defined for every angle: straight above, the azimuth still says which way is up in the picture.
    """
    ca, sa, ce, se = np.cos(azimuth), np.sin(azimuth), np.cos(elevation), np.sin(elevation)
    right = (-sa, ca, 0.0)
    up = (-se * ca, -se * sa, ce)
    back = (ce * ca, ce * sa, se)
    return np.array([right, up, back], dtype=np.float64).T


def fit_camera(
    points: ArrayLike,
    azimuth: float,
    elevation: float,
    K: ArrayLike,
    resolution: tuple[int, int],
    margins: Margins | None = None,
    near: float = NEAR,
) -> CameraFit:
    """Smallest distance, and the target to aim at, such that all points lie inside the frame less its margins.

    points: (N, 3) world; azimuth, elevation: radians; K: (3, 3) pixels; resolution: (width, height).
    The target lies on the optical axis half-way in depth between the nearest and the farthest point.
    Raises ValueError for no points, points that are not finite, or margins that leave no frame.
    """
    world = _as_points(points)
    tan = _tangents(K, resolution, margins or Margins())
    if tan.left + tan.right <= 0 or tan.up + tan.down <= 0:
        raise ValueError("the margins leave no room in the frame")
    rotation = orbit_rotation(azimuth, elevation)
    origin = world.mean(axis=0)  # far from the world's origin, differences keep their digits
    x, y, z = ((world - origin) @ rotation).T
    reach_right, reach_left = float((x + tan.right * z).max()), float((-x + tan.left * z).max())
    reach_up, reach_down = float((y + tan.up * z).max()), float((-y + tan.down * z).max())
    candidates: dict[Literal["width", "height", "near"], float] = {
        "width": (reach_right + reach_left) / (tan.right + tan.left),
        "height": (reach_up + reach_down) / (tan.up + tan.down),
        "near": float(z.max()) + near,
    }
    limited_by = max(candidates, key=lambda name: candidates[name])
    back = candidates[limited_by]
    across = _centre(reach_right - tan.right * back, tan.left * back - reach_left)
    upward = _centre(reach_up - tan.up * back, tan.down * back - reach_down)
    position = origin + rotation @ np.array([across, upward, back])
    return _fit(position, rotation, back - float(z.max() + z.min()) / 2, limited_by)


def _fit(position: Array, rotation: Array, radius: float, limited_by: Literal["width", "height", "near"]) -> CameraFit:
    pose = np.eye(4)
    pose[:3, :3] = rotation
    pose[:3, 3] = position
    return CameraFit(radius, position - rotation[:, 2] * radius, position, pose, limited_by)


def _centre(low: float, high: float) -> float:
    return (low + high) / 2


def _as_points(points: ArrayLike) -> Array:
    world = np.asarray(points, dtype=np.float64)
    if world.ndim != 2 or world.shape[1] != 3:
        raise ValueError(f"points must be (N, 3), got {world.shape}")
    if world.shape[0] == 0:
        raise ValueError("there are no points to frame")
    if not np.isfinite(world).all():
        raise ValueError("all points must be finite")
    return world


def _tangents(K: ArrayLike, resolution: tuple[int, int], margins: Margins) -> _Tangents:
    k = np.asarray(K, dtype=np.float64)
    if k.shape != (3, 3) or k[0, 0] <= 0 or k[1, 1] <= 0:
        raise ValueError("K must be (3, 3) with focal lengths above 0")
    if k[0, 1] != 0:
        raise ValueError("a K with skew is not supported")
    width, height = resolution
    fx, fy, cx, cy = k[0, 0], k[1, 1], k[0, 2], k[1, 2]
    return _Tangents(
        left=float((cx - margins.left) / fx),
        right=float((width - margins.right - cx) / fx),
        up=float((cy - margins.top) / fy),
        down=float((height - margins.bottom - cy) / fy),
    )
