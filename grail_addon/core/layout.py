# SPDX-License-Identifier: GPL-3.0-or-later
"""Where each file of a results folder lives: the one place that knows.

Names follow GRAIL's output contract; what it does not read is ours (manifests, state JSON, camera JSON).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

FrameKind = Literal["rand", "start", "end"]


@dataclass(frozen=True)
class ObjectId:
    """An object of a dataset, e.g. ComAsset / cordless_drill."""

    dataset: str
    category: str

    def __str__(self) -> str:
        return f"{self.dataset}/{self.category}"


@dataclass(frozen=True)
class VideoId:
    """A conditioning frame: object, character, scene, seed. Its text form names all files of the frame."""

    obj: ObjectId
    character: str
    scene: str
    seed: int
    kind: FrameKind = "rand"

    def __str__(self) -> str:
        return f"{self.obj}/{self.character}_{self.scene}_{self.kind}{self.seed:05d}"


@dataclass(frozen=True)
class ResultsLayout:
    """Paths of one results folder. Nothing here touches the disk."""

    results_dir: Path

    @property
    def generation(self) -> Path:
        return self.results_dir / "generation"

    def initial_state_pickle(self, obj: ObjectId) -> Path:
        return self.generation / "initial_states" / str(obj) / "initial_state.pickle"

    def initial_state_json(self, obj: ObjectId) -> Path:
        return self.initial_state_pickle(obj).with_suffix(".json")

    def initial_state_usd(self, obj: ObjectId) -> Path:
        return self.initial_state_pickle(obj).with_suffix(".usdc")

    def obj_scale(self, obj: ObjectId) -> Path:
        return self.generation / "obj_scales" / str(obj) / "obj_scale.json"

    def mesh_dir(self, obj: ObjectId) -> Path:
        return self.generation / "mesh" / str(obj)

    def mesh(self, obj: ObjectId) -> Path:
        return self.mesh_dir(obj) / "model.obj"

    def frame(self, vid: VideoId) -> Path:
        return self.generation / "asset_renders" / f"{vid}.png"

    def camera_pickle(self, vid: VideoId) -> Path:
        return self.generation / "cameras" / f"{vid}.pickle"

    def camera_json(self, vid: VideoId) -> Path:
        return self.generation / "cameras" / f"{vid}.json"

    def depth_png(self, vid: VideoId) -> Path:
        return self.generation / "depth_maps" / str(vid) / "000000.png"

    def depth_exr(self, vid: VideoId) -> Path:
        return self.depth_png(vid).with_suffix(".exr")

    def pose_dir(self, vid: VideoId) -> Path:
        return self.generation / "foundation_pose" / str(vid)

    def cam_k(self, vid: VideoId) -> Path:
        return self.pose_dir(vid) / "cam_K.txt"

    def object_mask(self, vid: VideoId) -> Path:
        return self.pose_dir(vid) / "masks" / "000000.png"

    def object_visible_mask(self, vid: VideoId) -> Path:
        return self.pose_dir(vid) / "masks_visible" / "000000.png"

    def human_mask(self, vid: VideoId) -> Path:
        return self.pose_dir(vid) / "human_masks" / "000000.png"

    def first_frame_pose(self, vid: VideoId) -> Path:
        return self.pose_dir(vid) / "first_frame_pose.pickle"

    def character_data(self, vid: VideoId) -> Path:
        return self.pose_dir(vid) / "character_data.pickle"

    def prompt(self, vid: VideoId) -> Path:
        return self.generation / "prompts" / f"{vid}.txt"

    def video(self, vid: VideoId, index: int | None = None) -> Path:
        """The clip; `index` counts the clips of one frame when `num_videos` > 1."""
        tail = "" if index is None else f"_{index:03d}"
        return self.generation / "videos_kling" / f"{vid}{tail}.mp4"

    def manifest(self, vid: VideoId) -> Path:
        return self.generation / "manifests" / f"{vid}.json"

    def item_manifest(self, step: str, obj: ObjectId) -> Path:
        """Manifest of a step that belongs to an object, not to a frame (settle, probe)."""
        return self.generation / "manifests" / str(obj) / f"{step}.json"

    @property
    def ledger(self) -> Path:
        return self.results_dir / "ledger.sqlite3"

    @property
    def base_seed(self) -> Path:
        """The base seed that was drawn for this folder."""
        return self.results_dir / "base_seed.json"

    @property
    def status(self) -> Path:
        """How far the last run is."""
        return self.results_dir / "status.json"

    @property
    def report_dir(self) -> Path:
        return self.results_dir / "report"
