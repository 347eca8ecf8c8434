# SPDX-License-Identifier: GPL-3.0-or-later
"""The process that is killed: a parent that has imported everything forks a child for each run.

Orders come as JSON lines on stdin, answers go as JSON lines to stdout. With `counts` the executed lines of the add-on's
code are counted, and with `kill_at` = n the child kills itself (SIGKILL) at the n-th: any instruction can be the last one.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from grail_addon.core.clock import SystemClock  # noqa: E402
from grail_addon.core.ledger.store import Ledger  # noqa: E402
from grail_addon.core.tables import read_table  # noqa: E402
from grail_addon.core.video.prices import Prices  # noqa: E402
from grail_addon.core.video.request import ModelTable  # noqa: E402
from grail_addon.services.http import tls  # noqa: E402
from grail_addon.services.kling import open_service  # noqa: E402
from grail_addon.services.purchase import ClipPlan, PurchaseContext  # noqa: E402
from grail_addon.services.secrets import load_secrets  # noqa: E402
from grail_addon.services.video_pool import run_pool  # noqa: E402
from tests.services.paid_helpers import drain_pool, playable  # noqa: E402

MODELS = read_table(ROOT / "configs/kling_models.yaml", ModelTable)
PRICES = read_table(ROOT / "configs/prices.yaml", Prices)
OURS = str(ROOT / "grail_addon")
WAITING = (
    "go",
    "_is_ready",
    "_pause",
    "_take_poll",
    "_start_poll",
    "_watch",
    "ended",
    "result_of",
    "drain_pool",
    "sleep",
)
WAITING_FILES = ("lanes.py", "secrets.py")
"""What runs while nothing happens, or changes nothing: a kill there is like one at the line before it."""


class Tripwire:
    """Counts executed lines of our code and kills the process at the chosen one."""

    def __init__(self, kill_at: int | None) -> None:
        self.lines = 0
        self._kill_at = kill_at

    def calls(self, frame: FrameType, event: str, arg: object) -> Any:
        code = frame.f_code
        waits = code.co_filename.endswith(WAITING_FILES) or code.co_name in WAITING
        return self.each_line if code.co_filename.startswith(OURS) and not waits else None

    def each_line(self, frame: FrameType, event: str, arg: object) -> Any:
        if event == "line":
            self.lines += 1
            if self.lines == self._kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
        return self.each_line


def run(order: dict[str, Any]) -> dict[str, Any]:
    """One run of the video step for one clip."""
    results = Path(order["results"])
    secrets, clock = load_secrets(), SystemClock()
    handler = logging.FileHandler(results / "run.log")
    logging.basicConfig(level=logging.DEBUG, handlers=[handler])
    name = order["name"]
    plan = ClipPlan(
        f"D/c/kid_room_rand{name}", f"fingerprint-{name}", 0, Path(order["frame"]), tuple(order["prompts"]),
        "kling-v2-5-turbo", "std", 5, results / "videos" / f"{name}.mp4", results / "purchases",
    )  # fmt: skip
    wire = Tripwire(order["kill_at"])
    if order["counts"]:
        threading.settrace(wire.calls)
        sys.settrace(wire.calls)
    service = open_service(MODELS, plan.model, order["url"], secrets, clock)
    with Ledger(results / "ledger.sqlite3", clock) as ledger:
        context = PurchaseContext(
            ledger, service, MODELS, PRICES, clock, playable, slots=100_000, retry_wait=0.02,
            doubt_waits=tuple(order["doubt_waits"]), absent_after=0.3,
        )  # fmt: skip
        done = drain_pool(run_pool([plan], context, 0.005), context, lambda event: None)
    sys.settrace(None)
    service.close()
    return {"status": done[0].status, "lines": wire.lines, "problem": str(done[0].problem)}


def main() -> None:
    """Serve orders until stdin closes."""
    tls()  # once, for all children
    for line in sys.stdin:
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            os.write(writing, json.dumps(run(json.loads(line))).encode())
            os._exit(0)
        os.close(writing)
        sys.stdout.write(json.dumps({"pid": pid}) + "\n")
        sys.stdout.flush()
        with os.fdopen(reading, "rb") as pipe:
            answer = pipe.read()
        _, status = os.waitpid(pid, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        report = json.loads(answer) if answer else {"status": "killed" if killed else "crashed", "lines": 0}
        sys.stdout.write(json.dumps(report) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
