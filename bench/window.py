# SPDX-License-Identifier: GPL-3.0-or-later
"""From the zip to three rendered variants in real windows of Debian's Blenders, and the longest tick of each stage.

    python -m bench.window OUT [trixie|sid ...]

Needs the roots of `make roots` and GRAIL_STARTER_DIR. Prints the tables of docs/packaging.md and writes OUT/window.json.
"""

from __future__ import annotations

import argparse
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import build_addon
from grail_addon.core.files import write_json
from grail_addon.sandbox.movie import MovieOptions
from grail_addon.sandbox.server import SandboxServer
from grail_addon.sandbox.state import SandboxOptions, SandboxState
from tests.debian import SUITES, cache_folder, find_program, starter_folder
from tests.ui.window import Installed, install

BACKENDS = {"trixie": ("BACKGROUND",), "sid": ("BACKGROUND", "THIS")}
"""4.3's render job does not live under software OpenGL."""
ONLINE = ("--online-mode",)


def measured(out: Path, suite: str, zip_file: Path) -> list[dict[str, Any]]:
    """A row for each backend of a suite: seconds of install, enabling, start-up, first frame; the stages' ticks."""
    rows = []
    for backend in BACKENDS[suite]:
        work = out / f"{suite}-{backend}"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        start = time.monotonic()
        installed: Installed = install(find_program(suite, work), suite, zip_file)
        row: dict[str, Any] = {"suite": suite, "backend": backend, "install": round(time.monotonic() - start, 1)}
        with SandboxServer(SandboxState(SandboxOptions(work_seconds=3.0, movie=MovieOptions(shrink=2)))) as server:
            run = installed.drive(
                "measured", backend, server.url, seconds=400, is_offline=False, options=ONLINE, must_pass=False
            )
        row |= {**run.data, "error": run.error}
        row["enable"] = round(installed.drive("register_thrice").data["enable_seconds"], 3)
        rows.append(row)
        shutil.rmtree(work, ignore_errors=True)
    return rows


def tables(rows: list[dict[str, Any]]) -> str:
    """The rows as Markdown."""
    lines = [
        "| Blender, renders in | install | enable | start-up | tab to first frame | clicks |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        clicks = 1 + row["setup"]["clicks"] + next(s["clicks"] for s in row["stages"] if s["stage"] == "variants")
        lines.append(
            f"| {row['suite']}, {row['backend']} | {row['install']} s | {row['enable']} s | {row['start_up']} s | "
            f"{row['first_frame']} s | {clicks} |"
        )
    lines += [
        "",
        "| stage | Blender, renders in | seconds | ticks | over 8 ms | longest tick | in | longest of our own work |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        for stage in row["stages"]:
            lines.append(
                f"| {stage['stage']} | {row['suite']}, {row['backend']} | {stage['seconds']} | {stage['calls']} | "
                f"{stage['over_8_ms']} | {stage['longest_ms']} ms | {stage['whole']} | {stage['own']} |"
            )
    lines += [
        "",
        "| Blender, renders in | longest of an operator | longest of a panel's draw | longest garbage collection |",
        "|---|---|---|---|",
    ]
    for row in rows:
        operator, draw = (longest_call(row["called_ms"], kind) for kind in ((".execute", ".invoke"), (".draw",)))
        garbage = max((found[2] for stage in row["stages"] for found in stage["garbage_ms"]), default=0.0)
        lines.append(f"| {row['suite']}, {row['backend']} | {operator} | {draw} | {garbage} ms |")
    return "\n".join(lines)


def longest_call(called: Mapping[str, float], kinds: tuple[str, ...]) -> str:
    """Milliseconds and name of the longest of the calls whose names end so."""
    name = max((name for name in called if name.endswith(kinds)), key=lambda name: called[name])
    return f"{called[name]} ms, {name}"


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(prog="python -m bench.window", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("suites", nargs="*", default=SUITES)
    given = parser.parse_args()
    out = given.out.resolve()
    (zip_file,) = build_addon.build(starter_folder(), cache_folder() / "wheels", out / "zip", is_test=True).values()
    rows = [row for suite in given.suites for row in measured(out, suite, zip_file)]
    write_json(out / "window.json", rows)
    print(tables(rows))


if __name__ == "__main__":
    main()
