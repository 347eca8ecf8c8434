# SPDX-License-Identifier: GPL-3.0-or-later
"""Variants in a real window: rendered by a click, judged, approved, looked at, previewed; the files are the batch front's."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tests.ui.window import Installed

SMALL = ("--samples", "1", "--set", "rendering.width=320", "--set", "rendering.height=180", "--num_rand_scenes", "3")
DRILL = ("--config", "manipulation.yaml", "--category", "cordless_drill", "--character", "kid", "--skip_step4")
OF_THE_RUN = ("time", "timings", "human")
"""What a manifest says of the run that made it, and of the person who looked."""
NOTE_OPENED = '#!/bin/sh\necho "$1" >> /scratch/opened\n'


def tree(results: Path) -> dict[str, Any]:
    """Every file that was made: its bytes, or what a manifest holds but for `OF_THE_RUN`."""
    found: dict[str, Any] = {}
    for path in sorted((results / "generation").rglob("*")):
        name = str(path.relative_to(results))
        if path.is_file() and "/manifests/" in name:
            manifest = json.loads(path.read_text(encoding="utf-8"))
            for file in manifest["files"].values():
                file.pop("stat", None)  # when and where the file was written
            found[name] = {key: value for key, value in manifest.items() if key not in OF_THE_RUN}
        elif path.is_file():
            found[name] = path.read_bytes()
    return found


def check_seen(data: Mapping[str, Any]) -> None:
    """Verdicts, full size and preview."""
    assert [row[0] for row in data["rows"]] == [1, 2, 3]
    assert data["rows"][1][1:3] == ["pass", "approve"]
    assert data["human"]["decision"] == "approve"
    assert data["shown"].startswith("kid_")
    assert not {data["shown"], data["overlay"]}.intersection(data["images_after"]), "they go with their window"
    sampled = data["sampled"]
    position = np.array([row[3] for row in data["camera"]])[:3]
    assert abs(np.linalg.norm(position - np.array(sampled["target"])) - sampled["radius"]) < 1e-3


def check_made_again(data: Mapping[str, Any]) -> None:
    """Fit Camera makes another picture of that variant alone, Camera as Drawn the old one, Render Again the same anew."""
    assert not data["fit_error"] and data["fitted"] == ["cordless_drill/2"] and data["freed"]
    assert data["changed_by_fit"] == [2]
    assert data["after_fit"] == ["", True], "what was approved is another picture"
    assert data["as_drawn"] and data["as_before"]
    assert data["made_again"] == [2]
    assert data["decision"] == "approve", "a decision outlives its picture"


def note_what_is_opened(work: Path) -> dict[str, str]:
    """Environment in which what Blender opens outside is written to /scratch/opened."""
    (work / "bin").mkdir()
    program = work / "bin" / "xdg-open"
    program.write_text(NOTE_OPENED)
    program.chmod(0o755)
    return {"PATH": "/scratch/bin:/usr/bin:/bin"}


def test_variants_are_rendered_shown_and_decided(installed: Installed) -> None:
    environment = note_what_is_opened(installed.program.work)
    run = installed.drive("variants", installed.backend, environment=environment)
    data = run.data
    assert not data["error"] and not data["preview_error"] and not data["outside_error"], data
    check_seen(data)
    check_made_again(data)
    assert data["pages"] == [24, 6, 0]
    results = f"/scratch/{os.path.relpath(run.out / 'results', installed.program.work)}"
    assert data["opened"] == [results, f"{results}/report/index.html"]
    done = installed.blender(
        "--command", "grail", *DRILL, *SMALL, "--set", "rendering.denoise=false", "--skip_step2", "--results_dir",
        "/scratch/batch",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    window, batch = tree(run.out / "results"), tree(installed.program.work / "batch")
    assert window.keys() == batch.keys() and len([name for name in batch if "/asset_renders/" in name]) == 3
    assert [name for name in batch if window[name] != batch[name]] == []


def test_a_failed_variant_has_its_badge_and_its_reasons(installed: Installed) -> None:
    data = installed.drive("failed", installed.backend).data
    turned, other = map(str, data["seeds"])
    assert not data["error"] and data["active"] and "fail" not in data["before"]
    assert data["turned"] > data["limit"]
    assert data["verdicts"][turned] == "fail" and data["verdicts"][other] == data["before"][int(other) - 1]
    badge = {"operator": "grail.pick_variant", "text": turned}
    assert data["badge"] == {**badge, "icon": "CANCEL"}
    assert data["other"]["icon"] in ("CHECKMARK", "ERROR") and data["other"]["text"] == other
    first = data["reasons"][0]
    assert first.startswith("face is turned") and data["lines"][:2] == [["CANCEL", data["name"]], ["DOT", first]]
    assert first in data["tip"].splitlines()
    assert data["german"][0] == ["CANCEL", data["name"]]
    assert data["german"][1][1].startswith("Gesicht um ") and "abgewandt" in data["german"][1][1]
