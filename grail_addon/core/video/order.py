# SPDX-License-Identifier: GPL-3.0-or-later
"""What step 4 buys for one frame."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..layout import VideoId
from ..task import Task


@dataclass(frozen=True)
class FrameOrder:
    """A frame that may be sent. fingerprint: of all that the clips depend on. picture: hash of its pixels.

    tails: end frames, one set of clips each. clips: how many in all. masks: what moves in the frame. depth: PNG of its
    depth, which marks where there is a surface at all. task: what the person is to do with the object; None if unknown.
    """

    vid: VideoId
    fingerprint: str
    picture: str
    clips: int
    tails: tuple[Path, ...]
    masks: tuple[Path, ...]
    depth: Path | None
    task: Task | None = None
