# SPDX-License-Identifier: GPL-3.0-or-later
"""What a frame shows, before a camera is chosen: carried through the steps that make the frame."""

from __future__ import annotations

from dataclasses import dataclass

from ...core.layout import VideoId
from ...core.plan.items import Item, ObjectJob
from ...core.settle.rest import RestPose
from ...core.variant.draw import Variant
from ..person.person import Person
from ..room.placement import Placed


@dataclass(frozen=True, eq=False)
class FrameContext:
    """One item and how its scene stands. vid: the item's; drawn: the variant whose placement fits, its camera not yet
    judged; placed: what stands where."""

    job: ObjectJob
    item: Item
    vid: VideoId
    rest: RestPose
    person: Person
    drawn: Variant
    placed: Placed

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the frame in pixels."""
        return self.job.settings.render_width, self.job.settings.render_height
