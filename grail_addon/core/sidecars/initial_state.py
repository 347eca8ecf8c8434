# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of a settled object: the contract's pickle for downstream, and initial_state.json, which is our own truth."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..files import write_bytes, write_json
from ..layout import ObjectId, ResultsLayout
from ..rotations import to_euler, to_quat_xyzw
from ..settle.result import LOGIC_VERSION, SettleResult
from .portable_pickle import dumps


def write_state(layout: ResultsLayout, obj: ObjectId, result: SettleResult, fingerprint: str) -> dict[str, Path]:
    """Write both files, each whole or not at all, and return their paths ("pickle", "json").

    Pickle: obj_R_quat (4,) x, y, z, w and obj_R_euler (3,) XYZ radians, of the rotation that turns the stored
    vertices. JSON: every field of SettleResult (`SettleResult.from_json` reads it), and position, orientation,
    fingerprint and the logic's version beside them.
    """
    quat, euler = to_quat_xyzw(result.obj_R), to_euler(result.obj_R)
    pickle_path, json_path = layout.initial_state_pickle(obj), layout.initial_state_json(obj)
    state = {
        "format": 1,
        "object": str(obj),
        "fingerprint": fingerprint,
        "logic": LOGIC_VERSION,
        "position": result.obj_t.tolist(),
        "orientation_xyzw": quat.tolist(),
        "orientation_euler_xyz": euler.tolist(),
        "usable": result.usable,
        **result.to_json(),
    }
    write_bytes(pickle_path, dumps({"obj_R_quat": np.asarray(quat), "obj_R_euler": np.asarray(euler)}))
    write_json(json_path, state)
    return {"pickle": pickle_path, "json": json_path}
