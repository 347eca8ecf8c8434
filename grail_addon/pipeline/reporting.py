# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the report of a results folder and reports progress. An error in it never fails a run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..steps.events import Event, Note, Reported
from .attempt import Failure, attempt

_MOST_EVENTS = 50


def make_report(results_dir: Path, emit: Callable[[Event], None]) -> Path | None:
    """Build `report/index.html` and the contact sheet; returns the page. Events of kind `report`, or one `note` that
    says why there is none."""

    from ..report.build import build_report

    def progress(done: int, total: int) -> None:
        if done == total or done % max(total // _MOST_EVENTS, 1) == 0:
            emit(Reported(step="report", data={"done": done, "all": total}))

    page = attempt(lambda: build_report(results_dir, progress))
    if isinstance(page, Failure):
        why = " ".join(str(problem) for problem in page.problems)
        detail = "\n".join(problem.detail for problem in page.problems if problem.detail)
        emit(Note(step="report", message=f"no report: {why}", data={"detail": detail} if detail else {}))
        return None
    emit(Reported(step="report", path=page.relative_to(results_dir).as_posix()))
    return page
