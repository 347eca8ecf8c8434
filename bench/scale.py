# SPDX-License-Identifier: GPL-3.0-or-later
"""A results folder of many variants: planning, skip_done, report, page and ledger, and how they grow with its size.

    python -m bench.scale OUT [--sizes 1000,3000,10000] [--table]

Frames are fakes of a few bytes, so what counts is what the pipeline does with their number. Each figure comes from a
process of its own. Ends with 1 where ten times as many take more than twelve times as long. --table: only print the
table of an earlier run.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from grail_addon.core.clock import SystemClock
from grail_addon.core.config.find import Places
from grail_addon.core.config.gate import GateConfig
from grail_addon.core.config.load import load
from grail_addon.core.config.overrides import Override
from grail_addon.core.config.request import Shard
from grail_addon.core.files import read_json, write_json
from grail_addon.core.layout import ResultsLayout
from grail_addon.core.ledger.rows import ClipKey
from grail_addon.core.ledger.store import Ledger
from grail_addon.pipeline.judge import regate_folder
from grail_addon.pipeline.records.videos import cost_part
from grail_addon.pipeline.session import Session
from grail_addon.report.build import build_report
from tests.report.browser import CHROMIUM, DRIVER, browser
from tests.scale_project import add_variant, make_results

from .setup import ROOT, spent

SEEDS = 10
GROWTH = 12.0
"""Ten times as many may take this many times as long."""


def session(folder: Path, shard: Shard = Shard()) -> Session:  # noqa: B008 (frozen)
    """A session over the project in `folder` that reuses what is up to date."""
    overrides = [Override("rendering.num_rand_scenes", SEEDS), Override("skip_done", True)]
    return Session(load("run", overrides, Places(folder, folder), shard))


def plan_and_explain(folder: Path, shard: Shard = Shard()) -> None:  # noqa: B008 (frozen)
    """Plan all items and say what a run would do with each."""
    items = session(folder, shard).plan().items
    assert all(item.verb == "skips" for item in items), items[0]


def ledger_steps(folder: Path, rows: int) -> float:
    """Processor seconds of a reservation and of a frame's cost, each in a ledger of that many rows, the median of 50."""
    path = folder / "ledger.sqlite3"
    path.unlink(missing_ok=True)
    with Ledger(path, SystemClock()) as ledger:
        ledger._db.read("PRAGMA synchronous = OFF")  # the rows to begin with need not outlive a power cut
        for number in range(rows):
            ledger.reserve(_key(number), "{}", 1000, 10**12)
        seconds = []
        for number in range(rows, rows + 50):
            start = spent()
            ledger.reserve(_key(number), "{}", 1000, 10**12)
            cost_part(ledger, f"Things/mug/v{number}", "kling")
            seconds.append(spent() - start)
    return sorted(seconds)[25]


def _key(number: int) -> ClipKey:
    return ClipKey("kling", f"{number:064d}", f"Things/mug/v{number}", 0, 0)


def open_page(folder: Path) -> float:
    """Seconds until the page of the report is loaded and its cards are there, in Chromium."""
    with browser(folder.parent / "profile", folder.parent) as driver:
        driver.get("about:blank")
        start = time.perf_counter()
        driver.get((folder / "out/report/index.html").as_uri())
        assert driver.execute_script("return document.querySelectorAll('.card').length") > 0
        return time.perf_counter() - start


PARTS: dict[str, Callable[[Path, int], float | None]] = {
    "plan_explain": lambda folder, _: plan_and_explain(folder),
    "plan_explain_shard_of_64": lambda folder, _: plan_and_explain(folder, Shard(64, 7)),
    "report_first": lambda folder, _: _built(folder),
    "report_again": lambda folder, _: _built(folder),
    "report_one_new": lambda folder, _: _one_new(folder),
    "judged_again": lambda folder, _: _judged_again(folder),
    "ledger_step": ledger_steps,
    "page_opens": lambda folder, _: open_page(folder) if CHROMIUM and DRIVER else 0.0,
}
"""Name -> what is measured; what returns a figure of its own measures itself. In this order."""


def _built(folder: Path) -> None:
    build_report(folder / "out")


def _judged_again(folder: Path) -> None:
    """As `--regate` does, but without writing."""
    result = regate_folder(ResultsLayout(folder / "out"), GateConfig(), write=False)
    assert sum(result.counts.values()) > 0


def _one_new(folder: Path) -> float:
    add_variant(folder)
    start = spent()
    build_report(folder / "out")
    return spent() - start


def measured(part: str, folder: Path, variants: int) -> dict[str, float]:
    """Processor and wall seconds of a part, and the peak memory of this process in MB."""
    start, cpu = time.perf_counter(), spent()
    own = PARTS[part](folder, variants)
    found = {"cpu_s": spent() - cpu, "wall_s": time.perf_counter() - start}
    if own is not None:
        found["cpu_s"] = own
    return {**found, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0}


def measure(out: Path, sizes: list[int]) -> dict[str, Any]:
    """All parts at all sizes."""
    rows: dict[str, Any] = {}
    for size in sizes:
        folder = out / str(size)
        for part in ["make", *PARTS]:
            if part == "make" and folder.exists():
                continue
            target = out / f"{part}-{size}.json"
            command = [sys.executable, "-m", "bench.scale", str(out), "--part", part, "--size", str(size)]
            subprocess.run(command, check=True, cwd=ROOT)
            if part != "make":
                rows.setdefault(part, {})[str(size)] = read_json(target)
                print(f"{part:28} {size:7} {rows[part][str(size)]['cpu_s']:8.3f} CPU s", flush=True)
    return {"sizes": sizes, "parts": rows}


def table(data: dict[str, Any]) -> str:
    """The figures as a table."""
    sizes = [str(size) for size in data["sizes"]]
    lines = [f"| processor seconds | {' | '.join(sizes)} | peak MB |", "|---" * (len(sizes) + 2) + "|"]
    for part, row in data["parts"].items():
        cells = " | ".join(f"{row[size]['cpu_s']:.3g}" for size in sizes)
        lines.append(f"| {part.replace('_', ' ')} | {cells} | {row[sizes[-1]]['peak_mb']:.0f} |")
    return "\n".join(lines) + "\n"


def too_steep(data: dict[str, Any]) -> list[str]:
    """Parts that grow faster than the folder, by the smallest and the largest size; a tenth of a second is noise."""
    low, high = data["sizes"][0], data["sizes"][-1]
    most = GROWTH * high / low / 10.0
    return [
        part for part, row in data["parts"].items() if row[str(high)]["cpu_s"] > most * max(row[str(low)]["cpu_s"], 0.1)
    ]


def main() -> int:
    """Measure, write OUT/scale.json and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--sizes", default="1000,3000,10000")
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--part", choices=["make", *PARTS], help=argparse.SUPPRESS)
    parser.add_argument("--size", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    out = arguments.out.resolve()
    if arguments.part == "make":
        make_results(out / str(arguments.size), arguments.size // SEEDS, SEEDS)
        return 0
    if arguments.part:
        found = measured(arguments.part, out / str(arguments.size), arguments.size)
        write_json(out / f"{arguments.part}-{arguments.size}.json", found)
        return 0
    if not arguments.table:
        write_json(out / "scale.json", measure(out, [int(text) for text in arguments.sizes.split(",")]))
    data = read_json(out / "scale.json")
    print(table(data))
    steep = too_steep(data)
    print(json.dumps({"grows faster than the folder": steep}))
    return 1 if steep else 0


if __name__ == "__main__":
    sys.exit(main())
