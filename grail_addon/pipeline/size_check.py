# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be said of an opened object's size; a probe finds its own scale and says so itself."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.errors import Problem
from ..core.plan.items import ObjectJob
from ..core.scale.priors import SizePriors, longest_side
from ..core.scale.units import unit_question
from ..steps.port import Workshop


def asked_unit(job: ObjectJob, workshop: Workshop, priors: SizePriors | None) -> Problem | None:
    """What to ask about the open object, where its file seems to be in another unit."""
    if job.settings.obj_unit is not None or job.probe is not None:
        return None
    sizes = workshop.sizes(job)
    prior = None if priors is None else priors.find(job.obj.category)
    longest = longest_side(sizes.extents, job.settings.obj_scale)
    return unit_question(job.obj.category, longest, prior, sizes.person_height)


def size_notes(job: ObjectJob, workshop: Workshop, priors: SizePriors | None) -> Sequence[str]:
    """Whether the open object has a plausible size as configured."""
    if priors is None or job.probe is not None:
        return ()
    note = priors.note(job.obj.category, workshop.sizes(job).extents, job.settings.obj_scale)
    return () if note is None else (note,)
