# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run needs from the stage, and the records it gets back. The real workshop is `stage.workshop`.

A workshop makes things and writes the files that are those things (pictures, sidecars); manifests and states are written
by `pipeline.records`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from ..core.disk_file import Entry
from ..core.errors import UserError
from ..core.gate.types import GateVerdict
from ..core.plan.items import Item, ObjectJob
from ..core.plan.opened import OpenedFiles
from ..core.settle.rest import RestPose
from ..core.settle.result import SettleResult
from .effects import Steps


class StageLost(UserError):
    """Data of the stage is gone from the open file; a run opens the stage again and repeats the item."""

    def __init__(self) -> None:
        super().__init__(
            "The stage is gone: its data was deleted or undone in Blender, or another file was opened.", "Run again."
        )


@dataclass(frozen=True)
class Sizes:
    """extents: of the open object's unscaled mesh, metres; person_height: metres from sole to crown."""

    extents: tuple[float, float, float]
    person_height: float


@dataclass(frozen=True, eq=False)
class SettledObject:
    """An object that was settled. usd: the animation, where one was wanted and could be written; notes: for the
    manifest; seconds: it took."""

    result: SettleResult
    usd: Path | None
    notes: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, eq=False)
class FrameResult:
    """A frame that was made, with all that its manifest records.

    files: role -> path of each file of the frame, the picture under `frame`. parameters: what was drawn and where things
    came to stand. proof: of the sidecars; render: device, samples, lamps. timings: part -> seconds. notes: what else the
    user should know. entries: role -> how the manifest lists each file, where the workshop has read them anyway.
    """

    verdict: GateVerdict
    files: Mapping[str, Path]
    parameters: Mapping[str, Any]
    proof: Mapping[str, Any]
    render: Mapping[str, Any]
    timings: Mapping[str, float]
    notes: tuple[str, ...] = ()
    entries: Mapping[str, Entry] = field(default_factory=dict)

    @property
    def picture(self) -> Path:
        return self.files["frame"]


@dataclass(frozen=True, eq=False)
class MadePicture:
    """A frame whose picture is there. finish: writes the other files, proves and judges them; plain data, so that it may
    run in a thread while the workshop makes the next picture."""

    finish: Callable[[], FrameResult]


class Workshop(Protocol):
    """Makes the items of one object after another. Every step may raise UserError for a reason the user can act on."""

    @property
    def versions(self) -> Mapping[str, str]:
        """Versions of what makes the items, for manifests."""
        ...

    @property
    def opened(self) -> OpenedFiles:
        """Files that the assets of what is open brought with them, for manifests."""
        ...

    def open(self, job: ObjectJob) -> Steps[Sequence[str]]:
        """Get ready for a job's items (room, person, object); notes for the log."""
        ...

    def sizes(self, job: ObjectJob) -> Sizes:
        """What a scale probe has to know of the open job's object and person."""
        ...

    def probe_views(self, job: ObjectJob, scale: tuple[float, float, float], folder: Path) -> Steps[Sequence[Path]]:
        """Make two small pictures in `folder`: the open job's object at `scale` beside the person, from two sides."""
        ...

    def settle(self, job: ObjectJob) -> Steps[SettledObject]:
        """Settle the open job's object."""
        ...

    def unsettled(self, job: ObjectJob) -> RestPose:
        """The open job's object as configured."""
        ...

    def render(self, job: ObjectJob, item: Item, rest: RestPose) -> Steps[MadePicture]:
        """Make the picture of one frame; its `finish` makes the rest."""
        ...

    def close(self) -> None:
        """Put back whatever was touched."""
        ...
