# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of the video step for the campaign: a parent that has imported everything forks a child for each run.

Orders come as JSON lines on stdin; the child's process id, then its report, go as JSON lines to stdout.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT)]

from grail_addon.core.clock import SystemClock  # noqa: E402
from grail_addon.core.ledger.store import Ledger  # noqa: E402
from grail_addon.core.tables import read_table  # noqa: E402
from grail_addon.core.video.prices import Prices  # noqa: E402
from grail_addon.core.video.request import ModelTable  # noqa: E402
from grail_addon.core.video.verdict import Verdict  # noqa: E402
from grail_addon.services import download, http  # noqa: E402
from grail_addon.services.kling import KlingError, VideoService, open_service  # noqa: E402
from grail_addon.services.purchase import ClipPlan, PurchaseContext  # noqa: E402
from grail_addon.services.secrets import load_secrets  # noqa: E402
from grail_addon.services.video_events import StopStepError  # noqa: E402
from grail_addon.services.video_files import VideoFileError, read_facts  # noqa: E402
from grail_addon.services.video_pool import run_pool  # noqa: E402
from tests.services.paid_helpers import drain_pool  # noqa: E402

MODELS = read_table(ROOT / "configs/kling_models.yaml", ModelTable)
PRICES = read_table(ROOT / "configs/prices.yaml", Prices)


def inspect(plan: ClipPlan, segment: int, frame: Path, video: Path) -> Verdict:
    try:
        read_facts(video)
    except VideoFileError as error:
        return Verdict("suspect", (str(error),), playable=False)
    return Verdict("pass")


def run(order: dict[str, Any]) -> dict[str, Any]:
    """One run of the video step over a few clips."""
    results = Path(order["results"])
    assert http.HttpClient.call.__kwdefaults__ is not None
    http.HttpClient.call.__kwdefaults__["seconds"] = order["call_seconds"]
    download.PART_SECONDS = order["call_seconds"]  # type: ignore[misc]
    events: list[str] = []
    service = open_service(MODELS, "kling-v2-5-turbo", order["url"], load_secrets(), SystemClock())
    payee = _payee(service, order["tries"], events)
    plans = [
        ClipPlan(
            f"D/c/kid_room_rand{number}", f"fingerprint-{number}-{payee}", 0, Path(order["frame"]), ("It moves.",),
            "kling-v2-5-turbo", "std", 5, results / "videos" / f"{number}.mp4", results / "purchases",
        )
        for number in range(order["clips"])
    ]  # fmt: skip
    if not payee:
        service.close()
        return {"status": ["unreachable"], "events": events}
    with Ledger(results / "ledger.sqlite3", SystemClock()) as ledger:
        context = PurchaseContext(
            ledger, service, MODELS, PRICES, SystemClock(), inspect, slots=100, max_retries=order["tries"], retry_wait=0.02,
            patience=2.0, doubt_waits=(0.0, 0.02, 0.1), absent_after=order["absent_after"],
        )  # fmt: skip
        try:
            ended = drain_pool(run_pool(plans, context, 0.01), context, lambda event: events.append(repr(event)))
            status = [result.status for result in ended]
        except StopStepError as error:
            events.append(repr(error))
            status = ["stopped"]
    service.close()
    return {"status": status, "events": events}


def _payee(service: VideoService, tries: int, events: list[str]) -> str:
    """Who is paid, through passing trouble; empty where nobody answers."""
    for _ in range(tries):
        try:
            return service.payee()
        except KlingError as error:
            events.append(repr(error))
    return ""


def main() -> None:
    """Serve orders until stdin closes."""
    http.tls()  # once, for all children
    for line in sys.stdin:
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                report = run(json.loads(line))
            except BaseException:
                report = {"status": ["crashed"], "events": [traceback.format_exc()]}
            os.write(writing, json.dumps(report).encode()[:60_000])
            os._exit(0)
        os.close(writing)
        sys.stdout.write(json.dumps({"pid": pid}) + "\n")
        sys.stdout.flush()
        with os.fdopen(reading, "rb") as pipe:
            answer = pipe.read()
        os.waitpid(pid, 0)
        try:
            report = json.loads(answer)
        except ValueError:
            report = {"status": ["killed"], "events": [answer.decode(errors="replace")]}
        sys.stdout.write(json.dumps(report) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
