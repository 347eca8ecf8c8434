# SPDX-License-Identifier: GPL-3.0-or-later
"""A project with many objects and a results folder that is up to date for it, with fake frames of a few bytes."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from PIL import Image

from grail_addon.core.config.find import Places
from grail_addon.core.config.load import load
from grail_addon.core.config.overrides import Override
from grail_addon.core.disk_file import file_entries
from grail_addon.core.files import read_json
from grail_addon.core.layout import ObjectId, ResultsLayout, VideoId
from grail_addon.core.plan.items import Item
from grail_addon.pipeline.session import Session
from tests.plan_project import make_project
from tests.report.results_of_boxes import write_sample


def make_results(folder: Path, objects: int, seeds: int) -> None:
    """The project in `folder` and its results in `folder`/out."""
    make_project(folder)
    names = [f"thing_{number:05d}x" for number in range(objects)]
    entries = "".join(f"  {name}: {{scene: stage}}\n" for name in names)
    (folder / "configs/gen_2dhoi/things.yaml").write_text(f"dataset: Things\nobjects:\n{entries}")
    for number, name in enumerate(names):
        mesh = folder / "data/Things" / name / "model.obj"
        mesh.parent.mkdir(parents=True)
        mesh.write_text(f"v {number} 0 0\n")
    template = _template(folder)
    overrides = [Override("rendering.num_rand_scenes", seeds)]
    session = Session(load("run", overrides, Places(folder, folder)))
    for job in session.jobs.ready:
        assert job.settle is not None
        state = session.layout.initial_state_json(job.obj)
        _write(state, b"{}")
        _manifest(session.layout, job.settle, {"step": "settle"}, {"initial_state": state})
        for item in job.renders:
            assert item.vid is not None
            _frame(session.layout, item, item.vid, template)


def add_variant(folder: Path) -> None:
    """One more frame, of the object in the middle."""
    layout = ResultsLayout(folder / "out")
    paths = sorted((layout.generation / "manifests").rglob("*_rand00001.json"))
    old = read_json(paths[len(paths) // 2])
    found = [*paths[len(paths) // 2].parent.glob("*_rand*.json")]
    obj = ObjectId(old["dataset"], old["category"])
    vid = VideoId(obj, old["character"], old["scene"], len(found) + 1)
    item = Item("render", vid.obj, vid, {"new": len(found)}, layout.manifest(vid))
    _frame(layout, item, vid, old)


def _template(folder: Path) -> dict[str, Any]:
    """A manifest with all measurements, as the gate writes them."""
    manifests = write_sample(folder / "sample")
    return next(manifest for manifest in manifests if manifest["files"] and manifest["verdict"] == "warn")


def _frame(layout: ResultsLayout, item: Item, vid: VideoId, template: dict[str, Any]) -> None:
    picture = layout.frame(vid)
    picture.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (64, 36), (vid.seed * 20 % 256, 90, 120)).save(picture)
    files = {
        "frame": picture,
        "depth_exr": layout.depth_exr(vid),
        "camera_json": layout.camera_json(vid),
        "object_mask": layout.object_mask(vid),
        "human_mask": layout.human_mask(vid),
    }
    for role, path in files.items():
        if role != "frame":
            _write(path, f"{role} {vid}".encode())
    more = {
        **template,
        "step": "render",
        "video_id": str(vid),
        "dataset": vid.obj.dataset,
        "category": vid.obj.category,
        "character": vid.character,
        "scene": vid.scene,
        "seed": vid.seed,
        "settle": {**(template.get("settle") or {}), "file": ""},
        "video": None,
    }
    _manifest(layout, item, more, files)


def _manifest(layout: ResultsLayout, item: Item, more: dict[str, Any], files: dict[str, Path]) -> None:
    """Write an item's manifest, a second after its files."""
    for path in files.values():
        stat = path.stat()
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns - 1_000_000_007))
    content = {
        **more,
        "status": "done",
        "fingerprint": item.fingerprint,
        "plan_inputs": dict(item.inputs),
        "files": file_entries(files, layout.results_dir),
    }
    _write(item.manifest, json_bytes(content))


def json_bytes(content: dict[str, Any]) -> bytes:
    """As `core.files.write_json` has it, without its sync, which would take minutes here."""
    return (json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
