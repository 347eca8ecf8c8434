# SPDX-License-Identifier: GPL-3.0-or-later
"""Variants in a real window: rendered by a click, judged, approved, looked at, previewed; the files are the batch front's."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image

from tests.ui.window import Installed

SMALL = ("--samples", "1", "--set", "rendering.width=320", "--set", "rendering.height=180", "--num_rand_scenes", "2")
DRILL = ("--config", "manipulation.yaml", "--category", "cordless_drill", "--character", "kid", "--skip_step4")
BACKEND = {"trixie": "BACKGROUND", "sid": "THIS"}
"""4.3's render job does not live under software OpenGL."""


def frames(results: Path) -> dict[str, tuple[str, np.ndarray]]:
    """Name of each frame -> its fingerprint and pixels."""
    found = {}
    for path in sorted(results.rglob("manifests/**/*rand*.json")):
        manifest = json.loads(path.read_text(encoding="utf-8"))
        with Image.open(results / manifest["files"]["frame"]["path"]) as picture:
            found[path.stem] = (manifest["fingerprint"], np.asarray(picture.convert("RGB")))
    return found


def test_variants_are_rendered_shown_and_decided(installed: Installed) -> None:
    run = installed.drive("variants", BACKEND[installed.suite], seconds=300)
    data = run.data
    assert not data["error"] and not data["preview_error"], data
    assert [row[0] for row in data["rows"]] == [1, 2]
    assert data["rows"][1][1:3] == ["pass", "approve"]
    assert data["human"]["decision"] == "approve"
    assert data["shown"].startswith("kid_")
    assert not {data["shown"], data["overlay"]}.intersection(data["images_after"]), "they go with their window"
    sampled = data["sampled"]
    position = np.array([row[3] for row in data["camera"]])[:3]
    assert abs(np.linalg.norm(position - np.array(sampled["target"])) - sampled["radius"]) < 1e-3
    done = installed.blender(
        "--command", "grail", *DRILL, *SMALL, "--set", "rendering.denoise=false", "--skip_step2", "--results_dir",
        "/scratch/batch", seconds=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    window, batch = frames(run.out / "results"), frames(installed.program.work / "batch")
    assert window.keys() == batch.keys() and len(batch) == 2
    for name, (mark, pixels) in batch.items():
        assert window[name][0] == mark
        assert np.array_equal(window[name][1], pixels)
