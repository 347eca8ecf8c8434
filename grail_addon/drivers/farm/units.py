# SPDX-License-Identifier: GPL-3.0-or-later
"""Units of work for the workers: whole objects, or parts of one where there are few. No file is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ...core.config.request import Request, Shard
from ...core.layout import ObjectId, VideoId
from ...core.plan.shards import frame_kinds, frames_of_shard

SPLIT_BELOW = 2
"""Objects are split where there are fewer than this many for each worker."""


@dataclass(frozen=True)
class Unit:
    """Work for one worker. seeds: first and last scene seed, None for no frames. items: keys of what is to be made, as
    far as names tell. after: the unit, if any, that has to end first."""

    id: str
    category: str
    seeds: tuple[int, int] | None
    items: tuple[str, ...]
    after: str = ""

    def to_json(self) -> dict[str, Any]:
        """What a worker has to know."""
        return {"id": self.id, "category": self.category, "seeds": None if self.seeds is None else list(self.seeds)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Unit:
        """The unit as a worker sees it."""
        seeds = data["seeds"]
        return cls(data["id"], data["category"], None if seeds is None else (seeds[0], seeds[1]), ())


def narrowed(request: Request, unit: Unit) -> Request:
    """The request's part that a unit is. What is up to date is left alone, so that a unit that is dealt a second time
    goes on where the first try ended, but where sizes alone are asked for, which may be asked for again; videos are no
    work for workers."""
    config = request.config
    only_sizes = config.skip_step1 and config.skip_step3 and not config.skip_step2
    changes: dict[str, Any] = {
        "category": (unit.category,), "skip_done": config.skip_done or not only_sizes, "skip_step4": True
    }  # fmt: skip
    if unit.seeds is None:
        changes["skip_step3"] = True
    else:
        changes["rendering"] = config.rendering.model_copy(update={"num_rand_scenes": unit.seeds})
    return replace(request, config=config.model_copy(update=changes), categories=(unit.category,), shard=Shard())


def units_of(request: Request, workers: int) -> list[Unit]:
    """All units of the request, in plan order."""
    config = request.config
    mine = frames_of_shard(request, not config.skip_step3)
    wanted = SPLIT_BELOW * workers if workers > 1 else 1
    parts = 1 if len(mine) >= wanted else -(-wanted // max(len(mine), 1))
    found = []
    for category, frames in mine.items():
        seeds = sorted({seed for seed, _ in frames})
        found += _units(request, category, seeds, min(parts, len(seeds)))
    return found


def _units(request: Request, category: str, seeds: list[int], parts: int) -> list[Unit]:
    before, frames = _before_frames(request, category), _frames(request, category, seeds)
    if parts < 2:
        span = (seeds[0], seeds[-1]) if seeds else None
        return [Unit(category, category, span, (*before, *(key for keys in frames.values() for key in keys)))]
    first = [Unit(category, category, None, before)] if before else []
    after = category if before else ""
    for index in range(parts):
        own = seeds[Shard(parts, index).cut(len(seeds))]
        keys = tuple(key for seed in own for key in frames[seed])
        first.append(Unit(f"{category} {own[0]}-{own[-1]}", category, (own[0], own[-1]), keys, after))
    return first


def _before_frames(request: Request, category: str) -> tuple[str, ...]:
    """Keys of an object's probe and settle."""
    config, obj = request.config, ObjectId(request.dataset, category)
    settles = config.simulation.use_initial_state and not (config.skip_step1 and config.skip_step3)
    steps = [("probe", not config.skip_step2), ("settle", settles)]
    return tuple(f"{step} {obj}" for step, wanted in steps if wanted)


def _frames(request: Request, category: str, seeds: list[int]) -> dict[int, tuple[str, ...]]:
    obj, config = ObjectId(request.dataset, category), request.config
    scene = request.settings[category].scene
    return {
        seed: tuple(f"render {VideoId(obj, config.character, scene, seed, kind)}" for kind in frame_kinds(config))
        for seed in seeds
    }
