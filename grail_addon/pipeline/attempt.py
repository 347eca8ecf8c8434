# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker's top level: what one piece of work runs into, foreseen or not, never stops the others."""

from __future__ import annotations

import sqlite3
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from ..core.errors import Problem, UserError, disk_problem, is_disk_at_end
from ..steps.effects import Steps
from ..steps.port import StageLost

T = TypeVar("T")


@dataclass(frozen=True)
class Failure:
    """Why a piece of work came to nothing."""

    problems: tuple[Problem, ...]
    ends_run: bool = False
    """Nothing more can be written, whatever is tried next."""
    is_stage_lost: bool = False
    """The stage went meanwhile; with a new one the same work may succeed."""

    @property
    def message(self) -> str:
        """All problems in one line."""
        return " ".join(dict.fromkeys(str(problem) for problem in self.problems))

    @property
    def detail(self) -> str:
        """What a developer wants to see: tracebacks, messages of libraries."""
        return "\n".join(problem.detail for problem in self.problems if problem.detail)

    @property
    def said(self) -> dict[str, Any]:
        """`message` and `data` of an event: the problems one by one, for fronts that say them in their own words, and the detail."""
        problems = [problem.to_json() for problem in dict.fromkeys(self.problems)]
        detail = {"detail": self.detail} if self.detail else {}
        return {"message": self.message, "data": {"problems": problems, **detail}}


def attempt(work: Callable[[], T]) -> T | Failure:
    """Result of `work`, or why there is none."""
    try:
        return work()
    except Exception as error:
        return failure_of(error)


def attempt_steps(steps: Steps[T]) -> Steps[T | Failure]:
    """Result of `steps`, or why there is none. Closing it closes them."""
    try:
        return (yield from steps)
    except Exception as error:
        return failure_of(error)


def failure_of(error: Exception) -> Failure:
    """What an exception means for a user."""
    if isinstance(error, UserError):
        return Failure(error.problems, is_stage_lost=isinstance(error, StageLost))
    detail = "".join(traceback.format_exception(error))
    if isinstance(error, OSError) and error.errno is not None:
        return Failure((replace(disk_problem(error), detail=detail),), is_disk_at_end(error))
    if isinstance(error, sqlite3.Error):
        fix = "Look at the space and the permissions of the results folder."
        return Failure((Problem(f"the ledger cannot be used: {error}.", fix, detail),))
    return Failure(
        (
            Problem(
                f"{type(error).__name__}: {error}",
                "This is a fault in the program; --log_json has the details.",
                detail,
            ),
        )
    )
