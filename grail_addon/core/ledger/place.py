# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the ledger of a results folder lies: in it, or on a local disk of one machine that a note in the folder names.

SQLite needs file locks that work. Many network file systems have none, or locks that hold on one machine only; there a
ledger on a local disk has one writer by construction: another machine that finds the note refuses.
"""

from __future__ import annotations

import hashlib
import platform
from pathlib import Path

from ..errors import InputError, Problem
from ..files import json_text, read_json, write_first
from ..layout import ResultsLayout


def _note(layout: ResultsLayout) -> Path:
    return layout.results_dir / "purchases" / "ledger.where.json"


def ledger_path(layout: ResultsLayout, folder: Path | None) -> Path:
    """The ledger of a results folder; nothing is written. folder: on a local disk, where it is to lie; None for the
    results folder. Raises InputError where it lies elsewhere."""
    wanted = None if folder is None else folder / f"{_name(layout)}.sqlite3"
    try:
        machine, known = _said(layout)
    except FileNotFoundError:
        if wanted is None:
            return layout.ledger
        if layout.ledger.is_file():
            fix = "Leave `farm.ledger` out, or take another results folder."
            raise _problem("This results folder has its ledger in it already.", fix) from None
        return wanted
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _problem(f"{_note(layout)} cannot be read: {error}", "It says where the ledger is.") from None
    here = platform.node()
    if machine != here:
        raise _problem(
            f"Videos of this results folder are bought on {machine}, which keeps the ledger; this is {here}.",
            "Run step 4 there, or pass --skip_step4.",
        )
    if wanted is not None and wanted != known:
        raise _problem(f"The ledger of this results folder is {known}.", f"Set farm.ledger to {known.parent}.")
    return known


def _said(layout: ResultsLayout) -> tuple[str, Path]:
    """(machine, ledger) that the note names. OSError, ValueError, KeyError or TypeError where there is none or it is odd."""
    said = read_json(_note(layout))
    machine, path = said["machine"], said["path"]
    if not (isinstance(machine, str) and isinstance(path, str) and path):
        raise TypeError("no machine and path")
    return machine, Path(path)


def claim_ledger(layout: ResultsLayout, folder: Path | None) -> Path:
    """As `ledger_path`, and leave a note in the results folder that it is here. Of two machines that do so at the same time,
    one is refused."""
    path = ledger_path(layout, folder)
    if path == layout.ledger:
        return path
    write_first(_note(layout), json_text({"machine": platform.node(), "path": str(path)}).encode("utf-8"))
    return ledger_path(layout, folder)  # as the note says, which another may have written


def _name(layout: ResultsLayout) -> str:
    return hashlib.sha256(str(layout.results_dir).encode("utf-8")).hexdigest()[:16]


def _problem(message: str, fix: str) -> InputError:
    return InputError(Problem(message, fix, key_path="farm.ledger"))
