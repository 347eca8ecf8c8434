# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs all tests, each group in a process of its own, and sums up: `python tools/run_tests.py [ENVIRONMENT ...]`.

The Python that runs this runs everything; each ENVIRONMENT (a virtual environment with another bpy) runs the small
stage tests. What needs no Blender comes first and ends the run where it fails. The last line is `N passed, N failed`.

Tests that fail are run once more, those of a group together in a new process. One that passes then has passed, and is named in
the summary as unsteady: a test to be mended. A group that crashed or ran out of time has failed whatever is tried again.
"""

from __future__ import annotations

import os
import re
import resource
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REPORTS = ROOT / "build" / "test-reports"
STAGE_FOLDERS = ("stage", "render", "operators")
PROGRAM_FOLDERS = ("blender", "ui")
MOST_TRIED_AGAIN = 10
"""More failures than these are a fault, not unsteady tests."""
PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"
RESULTS = {"failure": FAILED, "error": FAILED, "skipped": SKIPPED}
"""What a case of pytest's result file holds -> how it ended."""
UNSTEADY = "unsteady: passed only at the second try"


@dataclass(frozen=True)
class Group:
    """One pytest process: its name in the summary, its Python, its arguments, the seconds it may take."""

    name: str
    python: Path
    arguments: tuple[str, ...]
    limit: int


@dataclass(frozen=True)
class Outcome:
    """What a group came to. results: node id of each test -> PASSED, FAILED or SKIPPED. seconds: on the clock, and of processor
    time (which does not count what else is running). broken: why there is no full count (timeout, crash), which is one failure
    more; empty where there is one. unsteady: tests that have passed, but only when they were tried again."""

    name: str
    results: Mapping[str, str]
    seconds: tuple[float, float]
    broken: str = ""
    unsteady: tuple[str, ...] = ()

    @property
    def passed(self) -> int:
        return list(self.results.values()).count(PASSED)

    @property
    def failed(self) -> int:
        return len(self.failures) + bool(self.broken)

    @property
    def skipped(self) -> int:
        return list(self.results.values()).count(SKIPPED)

    @property
    def failures(self) -> tuple[str, ...]:
        """Node ids of the tests that failed."""
        return tuple(test for test, result in self.results.items() if result == FAILED)


def groups(environments: Sequence[Path]) -> list[Group]:
    """All groups in the order they run: the first needs no Blender."""
    here = Path(sys.executable)
    stage = [f"tests/{name}" for name in STAGE_FOLDERS]
    plain = [f"--ignore=tests/{name}" for name in (*STAGE_FOLDERS, *PROGRAM_FOLDERS)]
    small = ("-m", "not slow and not outside")
    return [
        Group("no Blender needed", here, ("tests", *plain), 2700),
        # the newest one has the newest Python, too, which the command line depends on
        *(
            Group(
                env.name,
                env / "bin" / "python",
                (*stage, *(["tests/cli"] if env == environments[-1] else []), *small),
                1500,
            )
            for env in environments
        ),
        Group("main bpy, all", here, tuple(stage), 2700),
        Group("Debian's Blender", here, tuple(f"tests/{name}" for name in PROGRAM_FOLDERS), 3600),
    ]


def run(group: Group) -> Outcome:
    """Run one group, and once more what failed in it."""
    first = _run(group)
    if first.broken or not 0 < len(first.failures) <= MOST_TRIED_AGAIN:
        return first
    return tried_again(first, _run(replace(group, name=f"{group.name}, again", arguments=first.failures)))


def tried_again(first: Outcome, second: Outcome) -> Outcome:
    """What a group came to whose failures were run once more, as `second`."""
    results = {} if second.broken else second.results
    unsteady = tuple(test for test in first.failures if results.get(test) == PASSED)
    return replace(
        first,
        results={**first.results, **dict.fromkeys(unsteady, PASSED)},
        seconds=(first.seconds[0] + second.seconds[0], first.seconds[1] + second.seconds[1]),
        unsteady=unsteady,
    )


def _run(group: Group) -> Outcome:
    """Run one group; a group that ends without a result file counts as one failure more."""
    print(f"\n== {group.name}", flush=True)
    report = REPORTS / f"{re.sub('[^A-Za-z0-9.]+', '-', group.name)}.xml"
    report.unlink(missing_ok=True)
    options = ("-rsxf", "--durations=8", f"--junitxml={report}", "-o", "junit_family=xunit1")
    command = [str(group.python), "-m", "pytest", *options, *group.arguments]
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
        cases = list(ET.parse(report).getroot().iter("testcase"))
    except (OSError, ET.ParseError):
        return Outcome(name, {}, seconds, broken or "pytest wrote no result")
    results: dict[str, str] = {}
    for case in cases:
        result = next((result for kind, result in RESULTS.items() if case.find(kind) is not None), PASSED)
        test = node_id(case)
        if results.get(test) != FAILED:  # a test that fails and whose end fails, too, stands there twice
            results[test] = result
    return Outcome(name, results, seconds, broken)


def node_id(case: ET.Element) -> str:
    """What pytest takes for a test of its result file (of the family xunit1): file, classes, name."""
    file, module = case.get("file", ""), case.get("classname", "")
    inside = module.removeprefix(file.removesuffix(".py").replace("/", ".")).strip(".")
    classes = inside.split(".") if file and inside else []
    return "::".join([file or module, *classes, case.get("name", "")])


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
    unsteady = [f"{test} ({outcome.name})" for outcome in outcomes for test in outcome.unsteady]
    if unsteady:
        print("\n".join(("", UNSTEADY.upper(), *(f"  {test}" for test in unsteady), "")))
    passed, failed = sum(o.passed for o in outcomes), sum(o.failed for o in outcomes)
    print(f"{passed} passed, {failed} failed", flush=True)
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main([Path(argument) for argument in sys.argv[1:]]))
