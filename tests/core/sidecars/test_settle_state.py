# SPDX-License-Identifier: GPL-3.0-or-later
"""State files of a settled object say the same as the result, in the forms the contract names."""

from __future__ import annotations

import json
import pickle
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from grail_addon.core.layout import ObjectId, ResultsLayout
from grail_addon.core.settle.result import SettleResult
from grail_addon.core.settle.settings import SettleSettings
from grail_addon.core.sidecars.initial_state import write_state

TRUTH = Rotation.from_euler("xyz", (0.3, -0.7, 2.0))


def result() -> SettleResult:
    return SettleResult(
        obj_R=TRUTH.as_matrix(), obj_t=np.array([0.1, 0.2, 1 / 3]), scale=np.array([2.5, 2.5, 2.5]),
        com=np.array([0.0, 0.0, 0.1]), footprint=np.array([[0.1, 0.0], [0.0, 0.1], [-0.1, -0.1]]),
        trajectory=np.array([[0, 0, 0.5, 0, 0, 0, 1], [0.1, 0.2, 1 / 3, *TRUTH.as_quat()]]), size=0.3, stable=True,
        rolls=False, settled=True, tip_angle_deg=12.5, confidence=0.875, drift_mm=0.01, spin_deg=0.02, gap_mm=0.0,
        penetration_mm=0.0, on_support=True, support_kind="flat", support_name="table", support_height=0.6,
        com_method="volume", snap_deg=0.01, nudges=0, drops=16, steps=500, seconds=0.2, reasons=("A sentence.",),
    )  # fmt: skip


def test_files(tmp_path: Path) -> None:
    layout, obj = ResultsLayout(tmp_path), ObjectId("ComAsset", "drill")
    files = write_state(layout, obj, result(), "abc123")
    assert files == {"pickle": layout.initial_state_pickle(obj), "json": layout.initial_state_json(obj)}
    state = pickle.loads(files["pickle"].read_bytes())
    assert set(state) == {"obj_R_quat", "obj_R_euler"}
    assert np.allclose(Rotation.from_quat(state["obj_R_quat"]).as_matrix(), TRUTH.as_matrix(), atol=1e-12)
    assert np.allclose(state["obj_R_euler"], (0.3, -0.7, 2.0), atol=1e-12)
    assert state["obj_R_quat"].dtype == state["obj_R_euler"].dtype == np.float64
    data = json.loads(files["json"].read_text())
    assert data["fingerprint"] == "abc123" and data["object"] == "ComAsset/drill" and data["usable"] is True
    assert data["position"] == [0.1, 0.2, 1 / 3] and data["scale"] == [2.5, 2.5, 2.5]
    assert np.allclose(data["orientation_xyzw"], state["obj_R_quat"])


def test_json_reads_back_bit_for_bit_and_holds_no_time_of_day(tmp_path: Path) -> None:
    first = result()
    text = json.dumps(first.to_json())
    back = SettleResult.from_json(json.loads(text))
    for f in fields(SettleResult):
        a, b = getattr(first, f.name), getattr(back, f.name)
        if f.name != "seconds":
            assert (a.tobytes() == b.tobytes() and a.shape == b.shape) if isinstance(a, np.ndarray) else a == b, f.name
    assert text == json.dumps(replace(first, seconds=9.0).to_json())


def test_a_state_without_the_poses_likelihood_reads_as_not_measured() -> None:
    data = result().to_json()
    for name in ("unlikely", "pose_share", "wide_share"):
        del data[name]
    back = SettleResult.from_json(data)
    assert (back.unlikely, back.pose_share, back.wide_share) == (None, None, None) and back.usable


def test_a_missing_field_is_an_error() -> None:
    data = result().to_json()
    del data["confidence"]
    with pytest.raises(KeyError, match="confidence"):
        SettleResult.from_json(data)


@pytest.mark.parametrize("field", ["stable", "settled", "on_support"])
def test_usable_needs_all_three(field: str) -> None:
    assert result().usable
    assert not replace(result(), **{field: False}).usable


@pytest.mark.parametrize("wrong", [{"drops": 0}, {"settling_time": 0.0}, {"drop_height": -0.1}])
def test_impossible_settings_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must"):
        SettleSettings(**wrong)


def test_every_setting_counts_in_the_fingerprint() -> None:
    inputs = SettleSettings().fingerprint_inputs()
    names = {f.name for f in fields(SettleSettings)} | {"logic"}
    assert set(SettleSettings(prefer="likely").fingerprint_inputs()) == names
    assert set(inputs) == names - {"prefer"}, "states that were made before there was a choice stay up to date"
    assert SettleSettings(seed=7).fingerprint_inputs() != inputs
