# SPDX-License-Identifier: GPL-3.0-or-later
"""What may go wrong with a stage on its way to a frame, as plain data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from grail_addon.core.layout import ResultsLayout, VideoId
from grail_addon.core.pose import Pose
from grail_addon.core.settle.rest import RestPose
from grail_addon.core.variant.draw import CameraDraw


@dataclass(frozen=True)
class Place:
    """Where things stand instead. obj: pose; person: ground point between the feet (metres); turn_deg: about z."""

    obj: Pose | None = None
    person: tuple[float, float, float] | None = None
    turn_deg: float | None = None


@dataclass(frozen=True)
class Spoil:
    """What is done to a stage on its way to a frame; each part only where given.

    place: the placement that fits -> where things stand instead. obstacles: name -> (middle x, y, lowest z), size.
    camera: the drawn camera -> another. lens: metres before the lens at which a plate stands. light: factor on all
    light. animated: the camera gets keys. hand_back: the left arm is swung behind the person. files: changes files
    once they are written. rest: changes the settled pose's verdict.
    """

    place: Callable[[Any], Place] | None = None
    obstacles: Sequence[tuple[str, tuple[float, float, float], tuple[float, float, float]]] = ()
    camera: Callable[[CameraDraw], CameraDraw] | None = None
    lens: float | None = None
    light: float = 1.0
    animated: bool = False
    hand_back: bool = False
    files: Callable[[ResultsLayout, VideoId], None] | None = None
    rest: Callable[[RestPose], RestPose] | None = None
    category: str = "block"
    seed: int = 1
