# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the table of docs/gate.md from the gate's rows: `python -m grail_addon.core.config.gate_page`."""

from __future__ import annotations

import sys

from .gate_table import CHECKS, GROUPS


def checks_table() -> str:
    """Markdown: for each group what is judged, what is only recorded, and the facts that it is measured on."""
    rows = ["| group | judged | recorded | measured on |", "|---|---|---|---|"]
    for group in GROUPS:
        inside = [check for check in CHECKS if check.group == group]
        judged, recorded = (
            " ".join(check.what for check in inside if (check.default is not None) is wanted)
            for wanted in (True, False)
        )
        records = ", ".join(sorted({check.record for check in inside}))
        rows.append(f"| {group} | {judged} | {recorded} | {records} |")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    sys.stdout.write(checks_table())
