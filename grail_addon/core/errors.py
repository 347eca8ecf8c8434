# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors as values: a sentence a user can act on, and where it came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    message: a sentence that says what and where; fix: what the user can do; detail: for the log only.
    key_path, file, line: the configuration key or the file at fault, where there is one.
    """

    message: str
    fix: str = ""
    detail: str = ""
    key_path: str = ""
    file: str = ""
    line: int | None = None

    def __str__(self) -> str:
        where = self.file + (f":{self.line}" if self.file and self.line else "")
        parts = [p for p in (where, self.key_path) if p]
        head = ": ".join([*parts, self.message])
        return f"{head} {self.fix}".strip()


class UserError(Exception):
    """Carries one or more problems to the front, which shows one line for each."""

    def __init__(self, problems: Problem | str | Sequence[Problem], fix: str = "") -> None:
        if isinstance(problems, str):
            problems = Problem(problems, fix)
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(p) for p in self.problems))


class InputError(UserError):
    """The request itself is wrong (configuration, command line, missing asset): exit code 2, nothing written."""
