# SPDX-License-Identifier: GPL-3.0-or-later
"""How work is cut into shards that several processes do at the same time. Only names are looked at, no file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from ..config.request import Request, Shard
from ..config.run import RunConfig
from ..layout import FrameKind

Frame = tuple[int, FrameKind]
"""Scene seed and kind of a frame."""

T = TypeVar("T")


def frame_kinds(config: RunConfig) -> tuple[FrameKind, ...]:
    """Frames of each scene seed."""
    return ("start", "end") if config.rendering.render_start_end else ("rand",)


def frames_of(config: RunConfig) -> tuple[Frame, ...]:
    """Frames of each object, in plan order."""
    return tuple((seed, kind) for seed in config.rendering.scene_seeds for kind in frame_kinds(config))


def part_of(frames: Mapping[str, Sequence[T]], shard: Shard) -> dict[str, tuple[T, ...]]:
    """Objects (name -> frames) that a shard does, each with its frames there.

    Cut between objects where there are at least as many as shards, so that none is opened and settled twice; else an
    even, contiguous run of frames in plan order, and objects without frames one by one.
    """
    names = list(frames)
    if len(names) >= shard.count:
        return {name: tuple(frames[name]) for name in names[shard.cut(len(names))]}
    every = [(name, frame) for name in names for frame in frames[name]]
    mine: dict[str, list[T]] = {}
    for name, frame in every[shard.cut(len(every))]:
        mine.setdefault(name, []).append(frame)
    bare = [name for name in names if not frames[name]][shard.index :: shard.count]
    return {name: tuple(mine.get(name, ())) for name in names if name in mine or name in bare}


def frames_of_shard(request: Request, with_frames: bool = True) -> dict[str, tuple[Frame, ...]]:
    """Objects of the request's shard with the frames that it makes; with_frames: False where it makes none."""
    frames = frames_of(request.config) if with_frames else ()
    return part_of(dict.fromkeys(request.categories, frames), request.shard)
