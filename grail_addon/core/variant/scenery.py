# SPDX-License-Identifier: GPL-3.0-or-later
"""How much the places of an object's variants differ: one number from 0 to 1 for each factor of a scene.

A scene file offers options for factors (see `stage.room.scenery`); the number chooses one of them. Each factor draws from a
stream of its own, so one can vary while all others stay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from ..config.rendering import Variety
from ..layout import VideoId
from ..streams import stream

FACTORS: Mapping[str, Variety] = {
    "walls": "low",
    "floor": "low",
    "textiles": "low",
    "wood": "low",
    "props": "low",
    "view": "low",
    "place": "high",
    "table": "high",
    "person": "high",
    "daylight": "high",
    "lamps": "high",
}
"""Factor -> the least variety at which it varies. `place`: which scene file; `person`: which character."""

NEVER_DRAWN: Mapping[str, str] = {"support": "table"}
"""Factor that the key `scenery` alone decides -> its option where the key says nothing. `support`: whether there is a table."""

_RANK: Mapping[Variety, int] = {"off": 0, "low": 1, "high": 2}
Option = TypeVar("Option")


def draw_scenery(base_seed: int, vid: VideoId, variety: Variety) -> dict[str, float]:
    """Factor -> number in [0, 1), 0 for factors that do not vary; start and end frame of a seed share them."""
    return {
        factor: float(stream(base_seed, str(vid.obj), vid.seed, "scenery", factor).uniform())
        if _RANK[variety] >= _RANK[least]
        else 0.0
        for factor, least in FACTORS.items()
    }


def option_at(options: Sequence[Option], number: float) -> Option:
    """The option that a number from [0, 1) means; 0 means the first."""
    return options[min(int(number * len(options)), len(options) - 1)]
