# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker's top level: what one piece of work runs into, foreseen or not, must not end the night."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from ..core.errors import Problem, UserError

T = TypeVar("T")


@dataclass(frozen=True)
class Failure:
    """Why a piece of work came to nothing."""

    problems: tuple[Problem, ...]


def attempt(work: Callable[[], T]) -> T | Failure:
    """Result of `work`, or why there is none."""
    try:
        return work()
    except UserError as error:
        return Failure(error.problems)
    except Exception as error:
        return Failure((_unexpected(error),))


def _unexpected(error: Exception) -> Problem:
    detail = "".join(traceback.format_exception(error))
    return Problem(
        f"{type(error).__name__}: {error}", "This is a fault in the program; --log_json has the details.", detail
    )
