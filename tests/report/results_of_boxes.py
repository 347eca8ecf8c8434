# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a results folder as the batch would, with pictures of box stages: frames, depth, masks, manifests, a clip."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image

from grail_addon.core.files import sha256_file, write_json
from grail_addon.core.layout import ObjectId, ResultsLayout, VideoId
from tests.gate_bad_stages import BAD, GOOD
from tests.gate_stage_boxes import FrameFacts

SCENES = {
    "manipulation": "indoor2-manipulation",
    "pickup_ground": "indoor2-pickup-ground",
    "sitting": "indoor1-sitting",
    "terrain_stairs": "indoor1-gen-stairs",
}
OBJECTS = {
    "sitting": ("ChairSit", "oak_chair"),
    "terrain_stairs": ("SynStairs", "stairs_03"),
    "pickup_ground": ("ComAsset", "ball"),
}


def _png(path: Path, values: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(values).save(path)
    return path


def write_files(layout: ResultsLayout, vid: VideoId, facts: FrameFacts, zoom: int = 1) -> dict[str, Path]:
    def larger(values: np.ndarray) -> np.ndarray:
        return values.repeat(zoom, axis=0).repeat(zoom, axis=1)

    def mask(values: np.ndarray) -> np.ndarray:
        return larger(values.astype(np.uint8) * 255)

    millimetres = np.clip(facts.geometry.depth * 1000, 0, 65535).astype(np.uint16)
    return {
        "frame": _png(layout.frame(vid), larger(facts.picture.frame)),
        "depth_png": _png(layout.depth_png(vid), larger(millimetres)),
        "object_mask": _png(layout.object_mask(vid), mask(facts.geometry.object_amodal)),
        "object_visible_mask": _png(layout.object_visible_mask(vid), mask(facts.geometry.object_visible)),
        "human_mask": _png(layout.human_mask(vid), mask(facts.geometry.character_visible)),
    }


def _state(layout: ResultsLayout, obj: ObjectId) -> str:
    """A drop with a small bounce and a turn that dies away."""
    t = np.linspace(0, 1.6, 97)
    height = np.maximum(np.maximum(0.06 - 4.9 * t**2, 0), np.where(t > 0.11, 0.012 - 4.9 * (t - 0.16) ** 2, 0)) + 0.11
    half = 0.12 * np.exp(-6 * t) * np.cos(20 * t)
    rows = np.stack([0 * t, 0 * t, height, np.sin(half), 0 * t, 0 * t, np.cos(half)], axis=1)
    path = layout.initial_state_json(obj)
    write_json(path, {"trajectory": rows.round(6).tolist(), "time_step": 1 / 60})
    return path.relative_to(layout.results_dir).as_posix()


def _clip(path: Path, frame: np.ndarray) -> None:
    """An MP4 that drifts slowly, 24 frames."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=24)
        stream.height, stream.width = (side // 2 * 2 for side in frame.shape[:2])
        stream.pix_fmt = "yuv420p"
        for i in range(24):
            moved = np.roll(frame, i // 8, axis=1)[: stream.height, : stream.width]
            out.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(moved), format="rgb24")))
        out.mux(stream.encode(None))


def _extras(layout: ResultsLayout, vid: VideoId, facts: FrameFacts) -> dict[str, Any]:
    _clip(layout.video(vid), facts.picture.frame)
    motion = [round(float(v), 3) for v in np.abs(np.sin(np.arange(24) / 5)) * 0.4 + np.arange(24) / 30]
    clip = {
        "file": layout.video(vid).relative_to(layout.results_dir).as_posix(), "duration_s": 1.0, "fps": 24, "frames": 24,
        "size": list(facts.geometry.size), "sandbox": True, "verdict": "suspect", "reasons": ["background moves by up to 1.1 px (at most 1 px allowed)"],
        "checks": [{"camera_shift": 0.0012, "scene": "pass", "scene_moved": 0.62, "review": "pass",
                    "notes": ["The vision model: The person lifts the drill."]}],
        "first_frame_psnr_db": 38.2, "stillness_px": motion, "stillness_limit_px": 1.0,
    }  # fmt: skip
    history = [
        {"iteration": 1, "scale": [1.0] * 3, "response": "small"}, {"iteration": 2, "scale": [2.0] * 3, "response": "small"},
        {"iteration": 3, "scale": [4.0] * 3, "response": "big"}, {"iteration": 4, "scale": [2.5] * 3, "response": "correct"},
    ]  # fmt: skip
    text = "The person picks up the drill with the right hand, lifts it and looks at it. The camera does not move."
    return {
        "video": {"status": "done", "vendor": "kling", "clips": [clip]},
        "scale": {"obj_scale": [2.5] * 3, "num_iterations": 4, "search_history": history},
        "prompt": {"base": "The person picks up the drill.", "text": text, "refined": True},
        "cost": {"currency": "USD", "estimated": 0.28, "reserved": 0.28, "actual": 0.28},
    }


def write_variant(
    results: Path, seed: int, make: Callable[[], FrameFacts], extras: bool = False, zoom: int = 1
) -> dict[str, Any]:
    """Render a stage of boxes and write all that the batch would write of it; returns the manifest."""
    facts, layout = make(), ResultsLayout(results)
    name = facts.geometry.names[1]
    obj = ObjectId(*OBJECTS.get(facts.geometry.task, ("ComAsset", name)))
    vid = VideoId(obj, "kid", SCENES[facts.geometry.task], seed)
    files = write_files(layout, vid, facts, zoom)
    verdict = facts.verdict()
    manifest: dict[str, Any] = {
        "schema": 1, "step": "render", "status": "done", "video_id": str(vid), "dataset": obj.dataset, "category": obj.category,
        "character": "kid", "scene": vid.scene, "seed": seed, "kind": "rand", "task": facts.geometry.task, "fingerprint": f"{seed:064x}",
        "attempt": 1, "frame_size": list(facts.geometry.size), "parameters": {"camera": {"azimuth_deg": -60.0, "radius": 3.4}},
        "timings": {"render": 3.2, "gate": 0.02, "total": 3.6}, "versions": {"grail_hoi": "0.1.0", "blender": "5.0.1"},
        "files": {r: {"path": p.relative_to(results).as_posix(), "sha256": sha256_file(p)} for r, p in files.items()},
        "settle": {**(facts.geometry.settle or {}), "tip_angle_deg": 24.8, "gap_mm": 0.01, "penetration_mm": 0.0, "file": _state(layout, obj)},
        **verdict.to_json(), **(_extras(layout, vid, facts) if extras else {}),
    }  # fmt: skip
    write_json(layout.manifest(vid), manifest)
    return manifest


def write_failed(results: Path, seed: int) -> dict[str, Any]:
    """A variant that could not be rendered."""
    vid = VideoId(ObjectId("ComAsset", "drill"), "kid", SCENES["manipulation"], seed)
    manifest: Mapping[str, Any] = {
        "schema": 1, "step": "render", "status": "failed", "video_id": str(vid), "dataset": "ComAsset", "category": "drill",
        "character": "kid", "scene": vid.scene, "seed": seed, "kind": "rand", "task": "manipulation", "verdict": "fail",
        "reasons": ["no placement of the character is free of collisions after 200 tries"], "files": {}, "measurements": [],
    }  # fmt: skip
    write_json(ResultsLayout(results).manifest(vid), manifest)
    return dict(manifest)


def write_sample(results: Path, zoom: int = 1) -> list[dict[str, Any]]:
    """A dozen variants over objects, tasks and verdicts; also a manifest of another step and a broken one."""
    good = list(GOOD)
    bad = {case.name: case.facts for case in BAD}
    wanted = ["cropped feet", "object behind the lamp", "hand behind the torso", "black frame", "object floats by 5 mm"]
    makers = [
        (GOOD[name], i == 0) for i, name in enumerate([*good[:4], *good[8:10], "sitting", "stairs", "ground pickup"])
    ]
    makers += [(bad[name], False) for name in wanted]
    made = [write_variant(results, i + 1, make, extras, zoom) for i, (make, extras) in enumerate(makers)]
    made.append(write_failed(results, len(made) + 1))
    folder = ResultsLayout(results).generation / "manifests"
    write_json(folder / "ComAsset/drill/settle.json", {"schema": 1, "step": "settle", "verdict": "pass"})
    (folder / "ComAsset/drill/broken.json").write_text('{"step": "ren')
    write_json(folder / "ComAsset/drill/short.json", {"step": "render", "video_id": "x"})
    return made


def read_manifest(results: Path, video_id: str) -> dict[str, Any]:
    return json.loads((results / "generation/manifests" / f"{video_id}.json").read_text())
