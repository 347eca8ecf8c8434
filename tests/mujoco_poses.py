# SPDX-License-Identifier: GPL-3.0-or-later
"""Write what MuJoCo itself computes for the robots of the tests, which then need no MuJoCo.

    pip install mujoco==4.0.0      in an environment of its own
    python tests/mujoco_poses.py

Writes tests/core/robot/mujoco_poses.json: per robot the file's hash and, for its first state and four random ones within
the joints' ranges, qpos and the world place of each body (and of each primitive geom): position, quaternion w x y z.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.outside_meshes import G1_XML, folder

FOLDER = Path(__file__).parent / "core" / "robot"


def robots() -> dict[str, Path]:
    return {"g1": folder() / G1_XML, "all_features": FOLDER / "all_features.xml"}


def poses(path: Path) -> dict[str, Any]:
    import mujoco
    import numpy as np

    # its contact pairs name a floor that stands in another file, and the brand's mark is not fetched
    text = re.sub(r"<contact>.*?</contact>|<\w+ [^>]*logo_link[^>]*>", "", path.read_text("utf-8"), flags=re.DOTALL)
    copy = path.with_name(f"{path.stem}_no_contact.xml")
    copy.write_text(text, encoding="utf-8")
    try:
        model = mujoco.MjModel.from_xml_path(str(copy))
    finally:
        copy.unlink()
    data = mujoco.MjData(model)
    random = np.random.default_rng(1)
    states = []
    for turn in range(5):
        qpos = model.qpos0.copy() if turn else (model.key_qpos[0] if model.nkey else model.qpos0).copy()
        for j in range(model.njnt if turn else 0):
            at, kind = model.jnt_qposadr[j], model.jnt_type[j]
            if kind == mujoco.mjtJoint.mjJNT_BALL:
                quat = random.normal(size=4)
                qpos[at : at + 4] = quat / np.linalg.norm(quat)
            elif kind != mujoco.mjtJoint.mjJNT_FREE:
                low, high = model.jnt_range[j] if model.jnt_limited[j] else (-1.0, 1.0)
                qpos[at] = random.uniform(low, high)
        data.qpos[:] = qpos
        mujoco.mj_kinematics(model, data)
        geoms = {}
        for i in range(model.ngeom):
            if model.geom(i).name and model.geom_type[i] != mujoco.mjtGeom.mjGEOM_MESH:
                quat = np.zeros(4)
                mujoco.mju_mat2Quat(quat, data.geom_xmat[i])
                geoms[model.geom(i).name] = [*data.geom_xpos[i], *quat]
        bodies = {model.body(i).name: [*data.xpos[i], *data.xquat[i]] for i in range(1, model.nbody)}
        states.append({"qpos": data.qpos.tolist(), "bodies": bodies, "geoms": geoms})
    return {"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "mujoco": mujoco.__version__, "states": states}


def main() -> None:
    found = {name: poses(path) for name, path in robots().items()}
    text = json.dumps(found, default=float)
    rounded = re.sub(r"-?\d+\.\d+(e-?\d+)?", lambda m: f"{float(m.group()):.10g}", text)
    (FOLDER / "mujoco_poses.json").write_text(rounded + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
