# SPDX-License-Identifier: GPL-3.0-or-later
"""Which frames step 4 is about, which of them may be sent, and the fingerprint of what is bought with each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, get_args

from ...core.config.request import Request
from ...core.config.run import RunConfig
from ...core.config.video import VideoConfig
from ...core.files import read_json, sha256_file
from ...core.fingerprint import fingerprint
from ...core.gate.decisions import may_send
from ...core.gate.picture_hash import picture_hash
from ...core.layout import ObjectId, ResultsLayout, VideoId
from ...core.plan.shards import frames_of_shard
from ...core.task import Task
from ...core.video.order import FrameOrder

VIDEO_LOGIC = "video-1"
"""Raised whenever the same inputs would make us ask for another clip."""
FRAME_FAILED = "the frame failed: "
"""What the reason of a frame that its verdict keeps back begins with; those of the verdict follow."""


@dataclass(frozen=True)
class NotSent:
    """Why a frame is not sent. fault: something is wrong with its files, beyond a verdict; made: it has a manifest."""

    reason: str
    fault: bool = False
    made: bool = True


def planned_frames(request: Request) -> tuple[VideoId, ...]:
    """All frames that this shard of the request makes, of every kind, in plan order; no file is looked at."""
    config = request.config
    return tuple(
        VideoId(ObjectId(request.dataset, category), config.character, request.settings[category].scene, seed, kind)
        for category, frames in frames_of_shard(request).items()
        for seed, kind in frames
    )


def frames_to_send(frames: Iterable[VideoId | None]) -> tuple[VideoId, ...]:
    """Those that videos start from."""
    return tuple(vid for vid in frames if vid is not None and vid.kind != "end")


def end_frames(request: Request, vid: VideoId) -> tuple[VideoId, ...]:
    """End frames that `vid` is paired with: none, the one of its own seed, or all of its object."""
    if vid.kind != "start":
        return ()
    config = request.config
    seeds = config.rendering.scene_seeds if config.video.use_all_tail_images else (vid.seed,)
    return tuple(replace(vid, seed=seed, kind="end") for seed in seeds)


def clips_of(request: Request, vid: VideoId) -> int:
    """How many clips one frame gets."""
    return request.config.video.num_videos * max(1, len(end_frames(request, vid)))


def order_of(
    request: Request, layout: ResultsLayout, vid: VideoId, payee: str, send_failed: bool = False
) -> FrameOrder | NotSent:
    """What is to be bought for a frame, or why nothing is. send_failed: also for one that the gate failed."""
    ends = end_frames(request, vid)
    pictures: list[tuple[str, str]] = []
    start: Mapping[str, Any] = {}
    for frame in (vid, *ends):
        found = _sendable(layout, frame, send_failed)
        if isinstance(found, NotSent):
            whose = "" if frame == vid else f"its end frame {frame} is not to be sent: "
            return NotSent(whose + found.reason, found.fault, found.made)
        start = start or found
        pictures.append((str(found["fingerprint"]), picture_hash(layout.frame(frame))))
    masks = (layout.object_mask(vid), layout.human_mask(vid))
    depth = layout.depth_png(vid)
    return FrameOrder(
        vid,
        fingerprint(_inputs(request.config, vid, pictures, payee)),
        pictures[0][1],
        clips_of(request, vid),
        tuple(layout.frame(end) for end in ends),
        tuple(mask for mask in masks if mask.is_file()),
        depth if depth.is_file() else None,
        start["task"] if start.get("task") in get_args(Task) else None,
    )


def _sendable(layout: ResultsLayout, vid: VideoId, send_failed: bool) -> Mapping[str, Any] | NotSent:
    """The manifest of a frame that may be sent."""
    try:
        manifest: Mapping[str, Any] = read_json(layout.manifest(vid))
        if not may_send(manifest, send_failed):
            if (manifest.get("human") or {}).get("decision") == "reject":
                return NotSent("a person rejected it.")
            why = " ".join(map(str, manifest.get("reasons") or ())) or "it could not be rendered."
            return NotSent(f"{FRAME_FAILED}{why}")
        if sha256_file(layout.frame(vid)) != manifest["files"]["frame"]["sha256"]:
            return NotSent("the picture was changed since it was judged; render it again.", fault=True)
    except OSError:
        if layout.manifest(vid).is_file():
            return NotSent("the picture is missing.", fault=True, made=False)
        return NotSent("there is no such frame.", made=False)
    except (ValueError, KeyError, TypeError, AttributeError):
        return NotSent("its manifest cannot be read.", fault=True)
    return manifest


def _inputs(config: RunConfig, vid: VideoId, pictures: Sequence[tuple[str, str]], payee: str) -> dict[str, Any]:
    """Without what changes no clip: how many there are, budget, host, waiting."""
    video: VideoConfig = config.video
    inputs: dict[str, Any] = {
        "logic": VIDEO_LOGIC,
        "payee": payee,
        "video_id": str(vid),
        "pictures": [list(pair) for pair in pictures],
        "prompts": list(video.base_prompt),
        "seed": config.seed,
        "refined": None
        if video.skip_prompt_refinement
        else {"model": video.refinement_model, "system": video.prompt_refinement_system_message},
        "model": video.kling_model_name,
        "mode": video.kling_mode,
        "duration": video.duration,
        "segments": video.num_video_segments,
    }
    if len(pictures) > 1:
        inputs["tail_segment"] = video.seg_idx_for_tail_image
    return inputs
