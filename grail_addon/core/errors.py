# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors as values: a sentence a user can act on, and where it came from."""

from __future__ import annotations

import errno
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

MAX_PLACE, MAX_LINE = 300, 3000
"""Letters of a key path or file name, and of a whole line: what a file holds may be longer than anybody reads."""


def one_line(text: str) -> str:
    """`text` on one line that any terminal can show: control characters and broken letters escaped, cut if very long."""
    return "".join(letter if letter.isprintable() else _escaped(letter) for letter in _short(text, MAX_LINE))


def _escaped(letter: str) -> str:
    return " " if unicodedata.category(letter) == "Zs" else letter.encode("unicode_escape").decode("ascii")


def _short(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 3]}..."


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

    def to_json(self) -> dict[str, Any]:
        """Without empty fields and the detail."""
        return {name: value for name, value in asdict(self).items() if value and name != "detail"}

    def __str__(self) -> str:
        where = self.file + (f":{self.line}" if self.file and self.line else "")
        parts = [_short(p, MAX_PLACE) for p in (where, self.key_path) if p]
        head = ": ".join([*parts, self.message])
        return one_line(f"{head} {self.fix}".strip())


class UserError(Exception):
    """Carries one or more problems to the front, which shows one line for each."""

    def __init__(self, problems: Problem | str | Sequence[Problem], fix: str = "") -> None:
        if isinstance(problems, str):
            problems = Problem(problems, fix)
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(p) for p in self.problems))


class InputError(UserError):
    """The request itself is wrong (configuration, command line, missing asset): exit code 2, nothing written."""


_NO_ROOM = "Free some space there, or name another folder with --results_dir."
_DISK_WORDS = {
    errno.ENOSPC: ("the disk is full.", _NO_ROOM),
    errno.EDQUOT: ("your share of the disk is used up.", _NO_ROOM),
    errno.EFBIG: ("the file would be larger than is allowed here.", _NO_ROOM),
    errno.EROFS: ("the disk is read-only.", "Name another folder with --results_dir."),
    errno.EIO: ("the disk cannot be read or written.", "Look at the disk's own messages."),
    errno.EACCES: ("no permission.", "Change the permissions, or name another folder."),
    errno.EPERM: ("no permission.", "Change the permissions, or name another folder."),
    errno.ENAMETOOLONG: ("this path is too long for the disk.", "Name a shorter --results_dir."),
}
_NOTHING_MORE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO})


def disk_problem(error: OSError) -> Problem:
    """What the operating system says about a file, as a sentence with what to do."""
    words, fix = _DISK_WORDS.get(error.errno or 0, (f"{error.strerror or error}.", ""))
    return Problem(words, fix, file=str(error.filename or ""))


def is_disk_at_end(error: BaseException) -> bool:
    """Whether nothing more can be written, so that going on would only say the same again."""
    return isinstance(error, OSError) and error.errno in _NOTHING_MORE
