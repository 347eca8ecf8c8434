# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker's top level: what one piece of work runs into, foreseen or not, never stops the others."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from ..core.errors import Problem, UserError
from ..steps.effects import Steps

T = TypeVar("T")


@dataclass(frozen=True)
class Failure:
    """Why a piece of work came to nothing."""

    problems: tuple[Problem, ...]

    @property
    def message(self) -> str:
        """All problems in one line."""
        return " ".join(str(problem) for problem in self.problems)

    @property
    def detail(self) -> str:
        """What a developer wants to see: tracebacks, messages of libraries."""
        return "\n".join(problem.detail for problem in self.problems if problem.detail)


def attempt(work: Callable[[], T]) -> T | Failure:
    """Result of `work`, or why there is none."""
    try:
        return work()
    except Exception as error:
        return _failure(error)


def attempt_steps(steps: Steps[T]) -> Steps[T | Failure]:
    """Result of `steps`, or why there is none. Closing it closes them."""
    try:
        return (yield from steps)
    except Exception as error:
        return _failure(error)


def _failure(error: Exception) -> Failure:
    if isinstance(error, UserError):
        return Failure(error.problems)
    detail = "".join(traceback.format_exception(error))
    return Failure(
        (
            Problem(
                f"{type(error).__name__}: {error}",
                "This is a fault in the program; --log_json has the details.",
                detail,
            ),
        )
    )
