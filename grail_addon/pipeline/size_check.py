# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an object that nobody probes has a plausible size as configured: told in a line, never a failure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from ..core.plan.items import ObjectJob
from ..core.scale.priors import SizePriors, outside_prior
from ..core.tables import read_table
from ..steps.port import Workshop

SizeCheck = Callable[[Workshop, ObjectJob], Sequence[str]]


def unchecked(workshop: Workshop, job: ObjectJob) -> Sequence[str]:
    """The check where there is no table of sizes."""
    return ()


def size_check(table: Path) -> SizeCheck:
    """Notes on the open job's object, from the table of plausible sizes; raises InputError for a damaged table."""
    if not table.is_file():
        return unchecked
    priors = read_table(table, SizePriors)

    def check(workshop: Workshop, job: ObjectJob) -> Sequence[str]:
        prior = priors.find(job.obj.category)
        if prior is None or job.probe is not None:
            return ()
        odd = outside_prior(job.obj.category, workshop.sizes(job).extents, job.settings.obj_scale, prior)
        return () if odd is None else (f"{odd.message} Check obj_scale, or run step 2.",)

    return check
