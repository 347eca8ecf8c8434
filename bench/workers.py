# SPDX-License-Identifier: GPL-3.0-or-later
"""Two workers of one core each against one worker of two cores, and the process without workers, on the same small frames:

    python -m bench.workers OUT [--frames 24 --width 320 --height 180 --samples 1 --categories cordless_drill,mug]

Start included; the number of cores is that of this machine, so that on more than two the columns are one worker for each
two cores against one for all. Prints a table and writes OUT/workers.json.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from grail_addon.core.files import write_json

from .setup import ROOT, spent


@dataclass(frozen=True)
class Order:
    """What each way makes: so many frames of each category, so large."""

    categories: str
    frames: int
    width: int
    height: int
    samples: int

    def arguments(self, results: Path) -> list[str]:
        """Of run_batch.py."""
        keys = {"width": self.width, "height": self.height, "samples": self.samples}
        return [
            "--config", "manipulation.yaml", "--category", self.categories, "--results_dir", str(results), "--skip_step4",
            "--num_rand_scenes", str(self.frames), "--no_gpu", *(f"--set=rendering.{name}={value}" for name, value in keys.items()),
        ]  # fmt: skip


def measured(out: Path, name: str, order: Order, *more: str) -> dict[str, float]:
    """`seconds` on the clock and of processor (`cpu`) of a run into a folder of its own, children included; `frames` made."""
    results = out / name
    shutil.rmtree(results, ignore_errors=True)
    command = [sys.executable, str(ROOT / "run_batch.py"), "--", *order.arguments(results), *more]
    start, before = time.perf_counter(), spent(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    seconds, cpu = time.perf_counter() - start, spent(resource.RUSAGE_CHILDREN) - before
    frames = len(list((results / "generation/asset_renders").rglob("*_rand?????.png")))
    return {"seconds": seconds, "cpu": cpu, "frames": frames}


def main() -> None:
    """Measure each way once and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.workers", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--categories", default="cordless_drill")
    for name, default in (("frames", 24), ("width", 320), ("height", 180), ("samples", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    order = Order(asked.categories, asked.frames, asked.width, asked.height, asked.samples)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    two = max(cores // 2, 2)
    ways = {
        "this process": (),
        "1 worker": ("--engine", "local", "--workers", "1"),
        f"{two} workers": ("--engine", "local", "--workers", str(two)),
    }
    found = {}
    for name, more in ways.items():
        found[name] = measured(asked.out.resolve(), name.replace(" ", "-"), order, *more)
        print(
            f"| {name}, {cores} cores | {' | '.join(f'{found[name][k]:.1f}' for k in ('frames', 'seconds', 'cpu'))} |",
            flush=True,
        )
    one, many = found["1 worker"], found[f"{two} workers"]
    ratio = {key: many[key] / one[key] for key in ("seconds", "cpu")}
    print(f"| {two} workers over 1 | | {ratio['seconds']:.2f} | {ratio['cpu']:.2f} |")
    write_json(asked.out / "workers.json", {"cores": cores, "ways": found, "ratio": ratio})


if __name__ == "__main__":
    sys.exit(main())
