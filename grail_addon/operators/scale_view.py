# SPDX-License-Identifier: GPL-3.0-or-later
"""What the Scale panel shows of an object: its size beside the person's, what is usual, and what a probe was told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import sessions
from .state import STATE

if TYPE_CHECKING:
    from pathlib import Path

    from ..core.layout import ObjectId
    from ..core.plan.items import ObjectJob
    from ..pipeline.session import Session
    from ..stage.workshop import StageWorkshop
    from ..steps.effects import Steps

Scale = tuple[float, float, float]


@dataclass(frozen=True)
class ProbedSize:
    """One size that a probe asked about. longest_cm: of the object then; pictures: what was shown."""

    longest_cm: float
    answer: str
    reason: str
    pictures: tuple[Path, ...]


@dataclass(frozen=True)
class ScaleView:
    """extents: of the unscaled mesh, metres; scale: as the stage shows it; configured: as the request has it; usual:
    shortest and longest plausible longest side in metres, None where nobody knows; outcome: of the probe, empty without
    one; person: (x, y, z) of its feet."""

    dataset: str
    category: str
    extents: Scale
    scale: Scale
    configured: Scale
    person_height: float
    person: Scale
    usual: tuple[float, float] | None
    usual_source: str
    outcome: str
    asked: tuple[ProbedSize, ...]

    @property
    def sides_cm(self) -> Scale:
        """The three sides of the object as the stage shows it."""
        x, y, z = (100.0 * extent * factor for extent, factor in zip(self.extents, self.scale, strict=True))
        return x, y, z

    @property
    def is_usual(self) -> bool | None:
        """Whether the longest side is plausible; None where nobody knows."""
        if self.usual is None:
            return None
        return 100.0 * self.usual[0] <= max(self.sides_cm) <= 100.0 * self.usual[1]

    @property
    def is_changed(self) -> bool:
        """Whether the stage shows another size than the request has."""
        return any(abs(a - b) > 1e-6 * abs(b) for a, b in zip(self.scale, self.configured, strict=True))


def scale_view() -> ScaleView | None:
    """What is shown of an object's size; None while no object is on the stage."""
    view: ScaleView | None = STATE.views.get("scale")
    return view


def note_size(
    session: Session, job: ObjectJob, shop: StageWorkshop, scale: Sequence[float] | None = None
) -> Steps[ScaleView]:
    """Take the size of the open object into the view. scale: that the stage shows, the request's by default."""
    from ..core.scale.priors import read_priors
    from ..steps.effects import offload

    sizes = shop.sizes(job)
    priors = yield from offload(
        lambda: read_priors(session.request.project_root / "configs" / "size_priors.yaml"), "records"
    )
    prior = None if priors is None else priors.find(job.obj.category)
    record = yield from offload(lambda: _record(session, job.obj), "records")
    x, y, z = scale if scale is not None else job.settings.obj_scale
    view = ScaleView(
        job.obj.dataset,
        job.obj.category,
        sizes.extents,
        (float(x), float(y), float(z)),
        job.settings.obj_scale,
        sizes.person_height,
        shop.person.position,
        None if prior is None else prior.longest_m,
        "" if prior is None else prior.source,
        str(record.get("outcome", "")),
        asked_of(record, sizes.extents, session.layout.obj_scale(job.obj).parent),
    )
    STATE.views["scale"] = view
    return view


def _record(session: Session, obj: ObjectId) -> Mapping[str, Any]:
    """Content of obj_scale.json; empty where there is none that can be read."""
    try:
        return session.records.scale(obj)
    except (OSError, ValueError):
        return {}


def asked_of(record: Mapping[str, Any], extents: Sequence[float], folder: Path) -> tuple[ProbedSize, ...]:
    """The questions that obj_scale.json tells of. folder: that its pictures are in."""
    found = []
    for number, step in enumerate(record.get("search_history", ())):
        longest = max(extent * factor for extent, factor in zip(extents, step["scale"], strict=True))
        reasons = [vote["reason"] for vote in step["votes"] if vote["reason"]]
        pictures = tuple(folder / f"probe_{number}" / f"view{side}.png" for side in (0, 1))
        found.append(ProbedSize(100.0 * longest, step["response"], reasons[0] if reasons else "", pictures))
    return tuple(found)


def stage_object() -> Any:
    """The object on the stage; None where there is none."""
    from ..core.errors import UserError

    shop = sessions.kept_workshop()
    try:
        return None if shop is None else shop.stage.imported.object
    except (RuntimeError, LookupError, UserError):
        return None
