# SPDX-License-Identifier: GPL-3.0-or-later
"""A results folder with prebuilt frames, and the command line run over it against a sandbox on a free port."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from grail_addon.cli import main as cli
from grail_addon.core.files import read_json, sha256_file, write_json
from grail_addon.core.layout import ObjectId, ResultsLayout, VideoId
from grail_addon.sandbox.movie import MovieOptions
from grail_addon.sandbox.server import SandboxServer
from grail_addon.sandbox.state import SandboxOptions, SandboxState
from tests.plan_project import make_project

ROOT = Path(__file__).resolve().parents[2]
API_KEY = "api-key-kling-planted-0123456789abcdef"
ACCESS, SECRET = "planted-access-0123456789", "planted-secret-0123456789-abcdefghijklmn"
OPENAI = "sk-planted-openai-0123456789"
STEP4 = ("--category", "mug", "--skip_step1", "--skip_step2", "--skip_step3", "--set", "skip_step4=false")


def sandbox_server(**changes: Any) -> SandboxServer:
    """A sandbox whose tasks end at once and whose clips are small."""
    options = SandboxOptions(
        api_keys={API_KEY}, key_pairs={ACCESS: SECRET}, openai_keys={OPENAI}, slots=50, queue_seconds=0.0, work_seconds=0.0,
        movie=MovieOptions(shrink=8),
    )  # fmt: skip
    return SandboxServer(SandboxState(dataclasses.replace(options, **changes)))


class VideoProject:
    """A project whose frames are there already. argv: what each run gets besides its own arguments."""

    def __init__(self, folder: Path, url: str, seeds: int = 2) -> None:
        self.folder = make_project(folder)
        for table in ("kling_models", "prices", "size_priors"):
            shutil.copy(ROOT / "configs" / f"{table}.yaml", folder / "configs")
        self.env = folder / "keys.env"
        self.env.write_text(f"KLING_API_KEY={API_KEY}\nOPENAI_API_KEY={OPENAI}\nOPENAI_BASE_URL={url}/v1\n")
        self.argv = (
            "--config", "run", "--env_file", str(self.env), "--set", f"video.kling_host={url}",
            "--set", "video.kling_mode=std", "--set", "video.poll_seconds=1", "--set", "video.video_retry_wait=0.1",
        )  # fmt: skip
        self.layout = ResultsLayout(folder / "out")
        self.vids = [VideoId(ObjectId("Things", "mug"), "kid", "stage", seed) for seed in range(1, seeds + 1)]
        for vid in self.vids:
            self.frame(vid)

    def use_pair(self) -> None:
        """Take the keys of the legacy generation instead of the new one's."""
        text = self.env.read_text()
        pair = f"KLING_ACCESS_KEY={ACCESS}\nKLING_SECRET_KEY={SECRET}"
        self.env.write_text(text.replace(f"KLING_API_KEY={API_KEY}", pair))

    def frame(self, vid: VideoId, verdict: str = "pass") -> None:
        """Make a frame with masks and a manifest."""
        picture = self.layout.frame(vid)
        picture.parent.mkdir(parents=True, exist_ok=True)
        coarse = np.random.default_rng(vid.seed).integers(30, 220, (45, 80, 3), dtype=np.uint8)
        Image.fromarray(coarse).resize((640, 360), Image.Resampling.BICUBIC).save(picture)
        mask = np.zeros((360, 640), np.uint8)
        mask[120:240, 240:400] = 255
        for path in (self.layout.object_mask(vid), self.layout.human_mask(vid)):
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(mask).save(path)
        entry = {"path": picture.relative_to(self.layout.results_dir).as_posix(), "sha256": sha256_file(picture)}
        write_json(
            self.layout.manifest(vid),
            {
                "schema": 1, "step": "render", "status": "done", "fingerprint": f"{vid.seed:064d}", "plan_inputs": {},
                "video_id": str(vid), "dataset": "Things", "category": "mug", "character": "kid", "scene": "stage",
                "seed": vid.seed, "kind": vid.kind, "task": "manipulation", "verdict": verdict,
                "reasons": ["left hand is outside the frame"] if verdict == "fail" else [], "measurements": [],
                "files": {"frame": entry}, "frame_size": [640, 360],
            },
        )  # fmt: skip

    def manifest(self, vid: VideoId) -> dict[str, Any]:
        data: dict[str, Any] = read_json(self.layout.manifest(vid))
        return data

    def run(self, *more: str) -> int:
        """Run step 4 in this process; returns the exit code."""
        before = Path.cwd()
        os.chdir(self.folder)
        try:
            return cli.main([*self.argv, *STEP4, *more], self.folder)
        finally:
            os.chdir(before)

    def events(self, *more: str) -> tuple[int, list[dict[str, Any]]]:
        """As `run`; the events too."""
        log = self.folder / "events.jsonl"
        log.unlink(missing_ok=True)
        code = self.run("--log_json", str(log), *more)
        return code, [json.loads(line) for line in log.read_text().splitlines()] if log.is_file() else []
