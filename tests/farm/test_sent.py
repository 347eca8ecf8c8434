# SPDX-License-Identifier: GPL-3.0-or-later
"""`--status` of a run that was left to SLURM: what its tasks have written, seen from elsewhere."""

from __future__ import annotations

import io
import json
import re
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from grail_addon.cli.status import show_status
from grail_addon.core.clock import SystemClock
from grail_addon.core.files import write_json
from grail_addon.core.layout import ResultsLayout
from grail_addon.drivers.blocking import drain
from grail_addon.drivers.farm.sent import sent_progress, whole_messages
from grail_addon.pipeline.progress import RunProgress, StatusFile
from tests.farm.test_slurm import cluster, folder, run_of
from tests.ui.speed import least_seconds, slowness
from tests.waiting import until

__all__ = ["cluster", "folder"]

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="SLURM is for Linux")


def shown(results: Path) -> list[str]:
    out = io.StringIO()
    show_status(results, Console(file=out, width=200), SystemClock())
    return [" ".join(line.split()) for line in out.getvalue().splitlines()]


def follow(run: Any, results: Path) -> None:
    """Drain a run as the command line does, with its status file."""
    drain(run.run(), StatusFile(ResultsLayout(results), RunProgress(SystemClock())).event)


def test_a_run_that_was_left_is_seen_to_its_end(folder: Path, cluster: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    results = folder / "out"
    follow(run_of(folder, monkeypatch, slow=0.3, detach=True), results)
    assert re.fullmatch(r"Left to SLURM \d+ s ago, .*of 3 tasks have ended: .* of 9\.", shown(results)[0])
    until(lambda: shown(results)[0].endswith(" of 3 tasks have ended: 9 done, 0 up to date, 0 failed of 9."))
    until(lambda: "3 of 3 tasks" in shown(results)[0])
    lines = shown(results)
    assert lines[1] == "The same command without --detach tells the rest and builds the report."
    assert [line.split()[:2] for line in lines[3:6]] == [["0", "3"], ["1", "3"], ["2", "3"]]
    follow(run_of(folder, monkeypatch), results)
    assert shown(results)[0].startswith("Ended after ") and "9 done" in shown(results)[0]


def test_many_items_are_counted_within_a_second(tmp_path: Path) -> None:
    farm, tasks, each = tmp_path / "farm", 20, 500
    write_json(farm / "job.json", {"request": {}, "jobs": ["7"] * tasks})
    for task in range(tasks):
        lines = []
        for number in range(each):
            item = {"item": f"render D/o{task}/{number}", "step": "render", "obj": f"D/o{task}"}
            lines += [{"kind": "start", **item}, {"kind": "fail" if number % 100 == 0 else "done", **item}]
        text = "\n".join(json.dumps({"say": "event", "unit": f"o{task}", "node": "n1", "event": e}) for e in lines)
        (farm / f"events-{task}.jsonl").write_text(text + '\n{"say": "unit_end", "unit": "x"}\n{"say": "clo')
    status = {"detached": True, "planned": 12_000, "started": time.time() - 600, "time": time.time() - 590}
    found = sent_progress(tmp_path, status, SystemClock())
    assert found is not None
    assert least_seconds(lambda: sent_progress(tmp_path, status, SystemClock())) < 1.0 * slowness()
    assert found["total"]["done"] == 9900 and found["total"]["failed"] == 100 and found["tasks"] == [0, tasks]
    assert found["per_minute"] == pytest.approx(990, rel=0.05) and found["left_seconds"] == pytest.approx(121, rel=0.05)
    assert sent_progress(tmp_path, {**status, "detached": False}, SystemClock()) is None


def test_half_a_line_is_left_for_the_next_look() -> None:
    assert whole_messages(b'{"say": "ready"}\n{"sa{"say": "x"}\n{"say"') == ([{"say": "ready"}], 34)
    assert whole_messages(b'{"sa') == ([], 0)
