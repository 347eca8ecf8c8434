# SPDX-License-Identifier: GPL-3.0-or-later
"""An independent judge of settled poses: trimesh's stable poses of the same mesh."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import trimesh

from grail_addon.core.mesh import MeshData
from grail_addon.core.settle.result import SettleResult


@dataclass(frozen=True)
class Truth:
    """angle_deg: from the nearest stable pose, yaw free; height: relative error of the centre of mass's height to it."""

    angle_deg: float
    height: float


def compare(mesh: MeshData, result: SettleResult) -> Truth:
    """Nearest stable pose of the scaled mesh to the settled one.

    The centre of mass is trimesh's own where the mesh is closed; elsewhere trimesh has none and ours is used.
    """
    body = trimesh.Trimesh(mesh.vertices * result.scale, mesh.faces, process=True)
    ours = result.obj_R.T @ (result.com - result.obj_t)
    com = np.asarray(body.center_mass) if body.is_watertight else ours
    poses, _ = trimesh.poses.compute_stable_poses(body, center_mass=com, sigma=0.0, n_samples=1, threshold=0.0)
    if len(poses) == 0:
        return Truth(180.0, 1.0)
    ups = poses[:, 2, :3]
    cross = np.linalg.norm(np.cross(ups, result.obj_R[2]), axis=1)
    angles = np.degrees(np.arctan2(cross, ups @ result.obj_R[2]))
    best = int(np.argmin(angles))
    height = float((poses[:, 2, :3] @ com + poses[:, 2, 3])[best])
    settled = float((result.obj_R @ com + result.obj_t)[2])
    return Truth(float(angles[best]), abs(height - settled) / result.size)
