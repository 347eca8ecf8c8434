# SPDX-License-Identifier: GPL-3.0-or-later
"""A seeded random campaign against the paid steps, and the count of what it found:

    python -m tests.services.hostile_campaign --minutes 20 [--seed N]

Each case is a results folder with a few clips. Some runs go through a hostile proxy and may be killed; then the network is
calm, and the runs after that must end what the ledger says. After each case is checked: tasks accepted at the server = rows
that say so, money charged = the truth, each clip that was paid for is on disk and can be played, no planted key is written
or told, every process ended within its deadline, none with a traceback.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from grail_addon.core.clock import SystemClock
from grail_addon.core.ledger.store import Ledger
from grail_addon.sandbox.movie import MovieOptions
from grail_addon.sandbox.server import SandboxServer
from grail_addon.sandbox.state import SandboxOptions, SandboxState
from grail_addon.services.video_files import VideoFileError, read_facts
from tests.services.hostile_proxy import HostileProxy, Plan
from tests.services.paid_helpers import ACCESS, API_KEY, OPENAI, SECRET

CLIP = 210_000
PROCESS_SECONDS = 120.0
"""After these a run hangs."""
CALL_SECONDS = 0.6
ABSENT_AFTER = 3.0
"""As long as a busy machine may take from a request that was cut to its task; a real service is given 900 s."""
PLANTED = (API_KEY, ACCESS, SECRET, OPENAI)


@dataclass
class Score:
    """What a campaign did and found."""

    cases: int = 0
    runs: int = 0
    killed: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    details: list[str] = field(default_factory=list)

    def note(self, what: str, seed: int, detail: str) -> None:
        self.found[what] += 1
        self.details.append(f"{what} (seed {seed}): {detail}")

    def add(self, other: Score) -> None:
        self.cases += other.cases
        self.runs += other.runs
        self.killed += other.killed
        self.faults.update(other.faults)
        self.found.update(other.found)
        self.details += other.details

    def text(self) -> str:
        names = ("double payments", "lost clips", "wrong money", "hangs", "leaks", "tracebacks")
        counts = ", ".join(f"{self.found[name]} {name}" for name in names)
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(self.faults.items()))
        return f"{self.cases} cases, {self.runs} runs ({self.killed} killed), {sum(self.faults.values())} faults ({kinds}): {counts}"


class Children:
    """The forking parent of the runs of one generation."""

    def __init__(self, generation: str) -> None:
        keys = {"KLING_API_KEY": API_KEY}
        if generation == "legacy":
            keys = {"KLING_ACCESS_KEY": ACCESS, "KLING_SECRET_KEY": SECRET}
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("hostile_child.py"))],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, **keys, "OPENAI_API_KEY": OPENAI},
        )  # fmt: skip

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def run(self, order: dict[str, Any], kill_after: float | None) -> dict[str, Any]:
        """One run; killed after so many seconds, and in any case at its deadline (`hung` in the report)."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        pid = int(json.loads(self._process.stdout.readline())["pid"])
        hung = threading.Event()

        def stop(late: bool) -> None:
            if late:
                hung.set()
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                return

        timers = [threading.Timer(PROCESS_SECONDS, stop, (True,))]
        if kill_after is not None:
            timers.append(threading.Timer(kill_after, stop, (False,)))
        for timer in timers:
            timer.start()
        report: dict[str, Any] = json.loads(self._process.stdout.readline())
        for timer in timers:
            timer.cancel()
        return {**report, "hung": hung.is_set()}


def _frame(folder: Path) -> Path:
    path = folder / "frame.png"
    coarse = np.random.default_rng(3).integers(30, 220, (23, 40, 3), dtype=np.uint8)
    Image.fromarray(coarse).resize((640, 360), Image.Resampling.BICUBIC).save(path)
    return path


def _case(seed: int, children: dict[str, Children], score: Score) -> None:
    draw = random.Random(seed)
    generation = draw.choice(["legacy", "new"])
    clips = draw.randint(1, 3)
    options = SandboxOptions(
        api_keys={API_KEY}, key_pairs={ACCESS: SECRET}, slots=1000, queue_seconds=0.0, work_seconds=0.0,
        visible_seconds=draw.choice([0.0, 0.0, 0.05, 0.3]), listed_seconds=draw.choice([0.0, 0.2]),
        refuse_used_ids=draw.random() < 0.5, page_limit=draw.choice([1, 2, 500]), reports_cost=draw.random() < 0.8,
        movie=MovieOptions(shrink=8),
    )  # fmt: skip
    plan = Plan(seed, draw.choice([0.1, 0.25, 0.5]))
    memory = Path("/dev/shm") if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(dir=memory) as name, SandboxServer(SandboxState(options)) as server:
        results = Path(name)
        with (
            HostileProxy(server.url, plan, PLANTED, 2 * CALL_SECONDS) as proxy,
            HostileProxy(server.files_url, plan, PLANTED, 2 * CALL_SECONDS) as files,
        ):
            server.files_url = files.url
            order = {"results": name, "frame": str(_frame(results)), "clips": clips, "url": proxy.url, "tries": 4,
                     "call_seconds": CALL_SECONDS, "absent_after": ABSENT_AFTER}  # fmt: skip
            told: list[str] = []
            for _ in range(draw.randint(1, 3)):
                kill = draw.uniform(0.02, 1.0) if draw.random() < 0.3 else None
                told += _run(children[generation], order, kill, seed, score)
            plan.chance = 0.0
            score.faults.update(plan.played)
            time.sleep(ABSENT_AFTER)
            order["call_seconds"] = 10.0
            for _ in range(3):
                told += _run(children[generation], order, None, seed, score)
        _check(results, server.state, clips, told, seed, score)
    score.cases += 1


def _run(children: Children, order: dict[str, Any], kill: float | None, seed: int, score: Score) -> list[str]:
    report = children.run(order, kill)
    score.runs += 1
    score.killed += report["status"] == ["killed"]
    if report["hung"]:
        score.note("hangs", seed, f"a run took more than {PROCESS_SECONDS:.0f} s")
    events: list[str] = report["events"]
    for text in events:
        if "Traceback" in text:
            score.note("tracebacks", seed, text[-1500:])
    return events


def _check(results: Path, state: SandboxState, clips: int, told: list[str], seed: int, score: Score) -> None:
    with Ledger(results / "ledger.sqlite3", SystemClock()) as ledger:
        rows = ledger.entries()
    accepted = sorted(state.tasks)
    recorded = sorted(row.task_id for row in rows if row.task_id is not None)
    of_clip = Counter(task.order.external_id for task in state.tasks.values())
    for own, count in of_clip.items():
        if count > 1:
            score.note("double payments", seed, f"{own} was paid {count} times")
    if accepted != recorded:
        score.note("lost clips", seed, f"the server has {accepted}, the ledger {recorded}")
    if sum(row.charged + row.reserved for row in rows) != CLIP * len(accepted):
        score.note(
            "wrong money", seed, f"{[(row.state, row.charged, row.reserved) for row in rows]}, {len(accepted)} tasks"
        )
    for number in range(clips):
        try:
            read_facts(results / "videos" / f"{number}.mp4")
        except VideoFileError as error:
            states = [(row.video_id, row.state, row.verdict, row.message) for row in rows]
            score.note("lost clips", seed, f"clip {number}: {error}; {states}")
    planted = [key.encode() for key in PLANTED]
    written = [path.read_bytes() for path in results.rglob("*") if path.is_file()] + ["\n".join(told).encode()]
    if any(key in data for data in written for key in planted) or state.leaked_keys:
        score.note("leaks", seed, "a planted key was written, told, or sent to the file host")


def campaign(seconds: float, seed: int, lanes: int = 4, least: int = 0) -> Score:
    """Cases until the time is over and there are at least so many, a few at the same time, since most of one is waiting."""
    scores = [Score() for _ in range(lanes)]
    end = time.monotonic() + seconds
    next_seed = itertools.count(seed)

    def work(score: Score) -> None:
        children = {generation: Children(generation) for generation in ("legacy", "new")}
        try:
            while time.monotonic() < end or sum(other.cases for other in scores) < least:
                _case(next(next_seed), children, score)
        finally:
            for parent in children.values():
                parent.close()

    with ThreadPoolExecutor(lanes) as pool:
        for done in [pool.submit(work, score) for score in scores]:
            done.result()
    total = Score()
    for score in scores:
        total.add(score)
    return total


def main() -> int:
    """Print the counts; 1 if anything was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    score = campaign(args.minutes * 60, args.seed)
    sys.stdout.write("\n".join([*score.details, score.text()]) + "\n")
    return 1 if score.found else 0


if __name__ == "__main__":
    sys.exit(main())
