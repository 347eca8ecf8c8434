# SPDX-License-Identifier: GPL-3.0-or-later
"""Meshes from outside that the settle is tried on: data files of two packages, fetched by `tests/fetch_outside.py`.

They lie in $GRAIL_OUTSIDE_MESHES, or else in the user's cache folder. A missing folder is an error, not a skip.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import trimesh

from grail_addon.core.mesh import MeshData
from grail_addon.core.streams import stream

PILES = tuple(f"pybullet_data/random_urdfs/{i:03d}/{i:03d}.obj" for i in range(0, 1000, 17))
OBJECTS = tuple(
    f"pybullet_data/{name}"
    for name in (
        *(
            "bunny.obj",
            "cube.obj",
            "domino/domino.obj",
            "duck.obj",
            "jenga/jenga.obj",
            "lego/lego.obj",
            "objects/mug.obj",
        ),
        *("quadruped/tmotor3.obj", "soccerball.obj", "stone.obj", "table/table.obj", "table_square/table.obj"),
        *("torus/torus_textured.obj", "toys/concave_box.obj", "toys/cylinder.obj", "toys/prism.obj"),
        *("toys/shape_sorter.obj", "tray/tray_textured.obj", "l_finger.stl", "l_finger_tip.stl"),
        *("bicycle/files/handlebar_scaled.stl", "bicycle/files/wheel_scaled.stl", "differential/diff_arm.stl"),
        *("differential/diff_carrier.stl", "differential/diff_motor_cover.stl", "differential/diff_pinion.stl"),
        *("differential/diff_side.stl", "differential/diff_spider_shaft.stl", "differential/diff_stand.stl"),
        "kiva_shelf/meshes/pod_lowres.stl",
    )
)
HOUSEHOLD = tuple(
    f"robosuite/models/assets/objects/meshes/{name}.stl"
    for name in ("bottle", "bread", "can", "cereal", "handles", "lemon", "milk")
)
PACKAGES = {
    # the wheels' data files are the same on every platform, so one fixed platform is asked for
    "pybullet==3.2.7": (*PILES, *OBJECTS),
    "robosuite==1.5.2": HOUSEHOLD,
}
G1_XML = "holosoma/data/robots/g1/g1_29dof.xml"
_SIDED = (
    *("hip_pitch_link", "hip_roll_link", "hip_yaw_link", "knee_link", "ankle_pitch_link", "ankle_roll_link"),
    *("shoulder_pitch_link", "shoulder_roll_link", "shoulder_yaw_link", "elbow_link"),
    *("wrist_roll_link", "wrist_pitch_link", "wrist_yaw_link", "rubber_hand"),
)
_MIDDLE = ("pelvis", "pelvis_contour_link", "waist_yaw_link_rev_1_0", "waist_roll_link_rev_1_0", "torso_link_rev_1_0", "head_link")  # fmt: skip
_G1_MESHES = (*_MIDDLE, *(f"{side}_{name}" for side in ("left", "right") for name in _SIDED))
ROBOTS = {
    # the wheel's metadata says Apache-2.0; it is read here for tests and passed on to nobody
    "holosoma==0.0.3": (G1_XML, *(f"holosoma/data/robots/g1/meshes/{name}.STL" for name in _G1_MESHES)),
}
"""Wheel -> files of the robot that the MuJoCo reader is tried on."""


def folder() -> Path:
    """Where the fetched meshes lie."""
    given = os.environ.get("GRAIL_OUTSIDE_MESHES")
    if given:
        return Path(given)
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache) / "grail-hoi" / "outside"


@dataclass(frozen=True)
class Outside:
    """A mesh file and its load. size: metres of the longest side it is scaled to, drawn once per name."""

    name: str
    path: Path

    @property
    def size(self) -> float:
        return float(stream("outside", self.name).uniform(0.05, 0.4))

    def load(self) -> MeshData:
        """The mesh as it stands in the file; raises FileNotFoundError with what to do."""
        if not self.path.is_file():
            raise FileNotFoundError(f"{self.path} is missing; run `python tests/fetch_outside.py`")
        mesh = trimesh.load(self.path, force="mesh", process=False)
        return MeshData(np.asarray(mesh.vertices, dtype=np.float64), np.asarray(mesh.faces, dtype=np.int32))


def outside_meshes() -> list[Outside]:
    """All of them, in a fixed order."""
    names = [name for group in PACKAGES.values() for name in group]
    return [Outside(name, folder() / name) for name in names]
