# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs all tests, each group in a process of its own, and sums up: `python tools/run_tests.py [ENVIRONMENT ...]`.

The Python that runs this runs everything; each ENVIRONMENT (a virtual environment with another bpy) runs the small
stage tests. What needs no Blender comes first and ends the run where it fails. The last line is `N passed, N failed`.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REPORTS = ROOT / "build" / "test-reports"
STAGE_FOLDERS = ("stage", "render", "operators")
BLENDER_FOLDERS = (*STAGE_FOLDERS, "pipeline", "cli")
PROGRAM_FOLDERS = ("blender", "ui")


@dataclass(frozen=True)
class Group:
    """One pytest process: its name in the summary, its Python, its arguments, the seconds it may take."""

    name: str
    python: Path
    arguments: tuple[str, ...]
    limit: int


@dataclass(frozen=True)
class Outcome:
    """What a group came to. seconds: on the clock, and of processor time (which does not count what else is running).
    broken: why there is no full count (timeout, crash), empty where there is one."""

    name: str
    passed: int
    failed: int
    skipped: int
    seconds: tuple[float, float]
    broken: str = ""


def groups(environments: Sequence[Path]) -> list[Group]:
    """All groups in the order they run: the first needs no Blender."""
    here = Path(sys.executable)
    stage, with_blender = ([f"tests/{name}" for name in names] for names in (STAGE_FOLDERS, BLENDER_FOLDERS))
    plain = [f"--ignore=tests/{name}" for name in (*BLENDER_FOLDERS, *PROGRAM_FOLDERS)]
    small = ("-m", "not slow and not outside")
    return [
        Group("no Blender needed", here, ("tests", *plain), 1500),
        # the pipeline beside the stage: on the main environment's Python, and on the newest one
        *(
            Group(
                env.name, env / "bin" / "python", (*(with_blender if env == environments[-1] else stage), *small), 1500
            )
            for env in environments
        ),
        Group("main bpy, all", here, tuple(with_blender), 2700),
        Group("Debian's Blender", here, tuple(f"tests/{name}" for name in PROGRAM_FOLDERS), 2700),
    ]


def run(group: Group) -> Outcome:
    """Run one group; a group that ends without a result file counts as one failure more."""
    print(f"\n== {group.name}", flush=True)
    report = REPORTS / f"{group.name.replace(' ', '-')}.xml"
    report.unlink(missing_ok=True)
    command = [str(group.python), "-m", "pytest", "-rsxf", "--durations=8", f"--junitxml={report}", *group.arguments]
    start = _clocks()
    # a session of its own, so that a test that hangs goes with all it has started
    process = subprocess.Popen(command, cwd=ROOT, start_new_session=True)
    broken = ""
    try:
        code = process.wait(group.limit)
        if code not in (0, 1):
            broken = f"pytest ended with exit code {code}"
    except subprocess.TimeoutExpired:
        broken = f"stopped after {group.limit} s"
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    now = _clocks()
    return count(group.name, report, (now[0] - start[0], now[1] - start[1]), broken)


def _clocks() -> tuple[float, float]:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.monotonic(), used.ru_utime + used.ru_stime


def count(name: str, report: Path, seconds: tuple[float, float], broken: str) -> Outcome:
    """Read pytest's result file."""
    try:
        suites = list(ET.parse(report).getroot().iter("testsuite"))
    except (OSError, ET.ParseError):
        return Outcome(name, 0, 1, 0, seconds, broken or "pytest wrote no result")
    total, failures, errors, skipped = (
        sum(int(suite.get(key, "0")) for suite in suites) for key in ("tests", "failures", "errors", "skipped")
    )
    failed = failures + errors + (1 if broken else 0)
    return Outcome(name, max(total - failures - errors - skipped, 0), failed, skipped, seconds, broken)


def main(environments: Sequence[Path]) -> int:
    """Run all groups and print the summary; returns the exit code."""
    REPORTS.mkdir(parents=True, exist_ok=True)
    outcomes: list[Outcome] = []
    todo = groups(environments)
    for group in todo:
        outcomes.append(run(group))
        if group is todo[0] and outcomes[0].failed:
            break
    print("\n== summary")
    for outcome in outcomes:
        clock, processor = outcome.seconds
        times = f"{clock:5.0f} s ({processor:4.0f} s of processor)"
        line = f"{outcome.name:18} {times}  {outcome.passed} passed, {outcome.failed} failed"
        print(f"{line}, {outcome.skipped} skipped  {outcome.broken}".rstrip())
    if len(outcomes) < len(todo):
        print("the tests that need Blender were not run, because the ones before them failed")
    passed, failed = sum(o.passed for o in outcomes), sum(o.failed for o in outcomes)
    print(f"{passed} passed, {failed} failed", flush=True)
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main([Path(argument) for argument in sys.argv[1:]]))
