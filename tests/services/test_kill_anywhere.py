# SPDX-License-Identifier: GPL-3.0-or-later
"""SIGKILL at any executed line of submit, poll and download, and at any point of the service's answers: more than 300
killed runs over both API generations. Every clip is bought exactly once, is on disk and verified.

The legacy half plays a service that does *not* refuse a used id, since nobody knows whether the real one does: there
only the look-ups stand between a crash and a second payment.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grail_addon.core.clock import SystemClock
from grail_addon.core.files import sha256_file
from grail_addon.core.ledger.store import Ledger
from grail_addon.sandbox.movie import MovieOptions
from grail_addon.sandbox.server import SandboxServer
from grail_addon.sandbox.state import SandboxOptions, SandboxState
from grail_addon.services.video_files import read_facts
from tests.services.paid_helpers import ACCESS, API_KEY, OPENAI, SECRET
from tests.waiting import until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="kills forked processes; the code under test is the same there"),
]
LINE_KILLS = 118
"""Kills at executed lines, for each generation."""


class Zygote:
    """The forking parent, and the sandbox that can kill its child at a chosen point of an answer."""

    def __init__(self, generation: str, results: Path, frame: Path) -> None:
        self.results, self._frame = results, frame
        self._pid, self._left = 0, -1
        self._stages: Counter[str] = Counter()
        self._lock = threading.Lock()
        options = SandboxOptions(
            api_keys={API_KEY}, key_pairs={ACCESS: SECRET}, slots=100_000, queue_seconds=0.0, work_seconds=0.0,
            visible_seconds=0.01, refuse_used_ids=generation == "new", movie=MovieOptions(shrink=8),
        )  # fmt: skip
        self.server = SandboxServer(SandboxState(options), watch=self._watch)
        keys = (
            {"KLING_API_KEY": API_KEY}
            if generation == "new"
            else {"KLING_ACCESS_KEY": ACCESS, "KLING_SECRET_KEY": SECRET}
        )
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("crash_child.py"))],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, **keys, "OPENAI_API_KEY": OPENAI},
        )  # fmt: skip

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def _calm(self) -> None:
        """Return when the server has done what it was asked for: what a killed run had just sent is no task yet on a busy
        machine, and the next run would look for it in vain."""
        with urllib.request.urlopen(f"{self.server.url}/_sandbox/state") as answer:  # it is accepted after all others
            answer.read()
        until(lambda: self._stages["before"] == self._stages["handled"], "the server's answers")

    def _watch(self, stage: str, method: str, path: str) -> None:
        with self._lock:
            self._stages[stage] += 1
        if self._left > 0:
            self._left -= 1
            if self._left == 0:
                os.kill(self._pid, signal.SIGKILL)

    def run(
        self, name: str, kill_at: int | None = None, kill_at_stage: int = -1, counts: bool = False
    ) -> dict[str, Any]:
        """One run of clip `name`, killed at the n-th line or at the n-th stage of the server's work. counts: its lines, which
        takes longer."""
        order = {
            "name": name, "results": str(self.results), "frame": str(self._frame), "prompts": ["It moves."],
            "url": self.server.url, "kill_at": kill_at, "counts": counts or kill_at is not None, "doubt_waits": [0.0, 0.05, 0.3],
        }  # fmt: skip
        self._calm()
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        self._pid = json.loads(self._process.stdout.readline())["pid"]
        self._left = kill_at_stage
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        self._left = -1
        return answer

    def finish(self, name: str) -> None:
        answer = self.run(name)
        assert answer["status"] == "done", answer


@pytest.fixture(params=["legacy", "new"])
def zygote(request: pytest.FixtureRequest, tmp_path: Path, picture: Path) -> Iterator[Zygote]:
    memory = Path("/dev/shm")  # a kill does not lose what the system was handed, so the disk's own speed is not needed
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else tmp_path) as results:
        made = Zygote(request.param, Path(results), picture)
        with made.server:
            yield made
            made.close()


def test_killed_at_any_point_pays_once(zygote: Zygote, capsys: pytest.CaptureFixture[str]) -> None:
    assert zygote.run("first")["status"] == "done"  # makes the ledger, which no later one does
    whole = zygote.run("whole", counts=True)
    assert whole["status"] == "done"
    names, killed, killed_by_stage = ["first", "whole"], 0, 0
    for number in range(LINE_KILLS):
        name = f"line{number}"
        names.append(name)
        at = 1 + number * (whole["lines"] - 1) // (LINE_KILLS - 1)
        killed += zygote.run(name, kill_at=at)["status"] == "killed"
        if number % 3 == 0:  # and once more, somewhere else
            killed += zygote.run(name, kill_at=1 + (at * 7) % whole["lines"])["status"] == "killed"
        zygote.finish(name)
    for stage in range(1, 16):
        name = f"stage{stage}"
        names.append(name)
        killed_by_stage += zygote.run(name, kill_at_stage=stage)["status"] == "killed"
        zygote.finish(name)
    for name in names[::16]:  # a run after the end changes nothing
        zygote.finish(name)
    with capsys.disabled():
        print(
            f"\n{killed} + {killed_by_stage} killed runs of {len(names)} clips, {whole['lines']} lines in a whole run",
            end=" ",
        )
    assert killed >= 140 and killed_by_stage >= 13, "a clip asks 5 times, and each answer has 3 stages"
    assert len(zygote.server.state.tasks) == len(names), "accepted tasks = clips planned"
    assert zygote.server.state.leaked_keys == 0
    with Ledger(zygote.results / "ledger.sqlite3", SystemClock()) as ledger:
        rows = ledger.entries("sandbox")
    assert [(row.state, row.attempt, row.reserved, row.charged) for row in rows] == [("verified", 1, 0, 210_000)] * len(
        names
    )
    for row in rows:
        file = zygote.results / "videos" / f"{row.video_id.removeprefix('D/c/kid_room_rand')}.mp4"
        assert sha256_file(file) == row.sha256 and read_facts(file).frames == 121
    assert not list((zygote.results / "purchases").glob("*.part")), "nothing half-done is left"
    planted = [key.encode() for key in (API_KEY, ACCESS, SECRET, OPENAI)]
    written = [path for path in zygote.results.rglob("*") if path.is_file()]
    assert any(path.name == "run.log" and path.stat().st_size for path in written), "there is a log to look into"
    for path in written:
        content = path.read_bytes()
        assert not any(key in content for key in planted), path.name
