# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that is to be known of a machine with a GPU, in one go of less than ten minutes.

    python -m bench.gpu OUT [--minutes 9.5 --against COMMIT_OR_FOLDER]

Start, the device's price of a picture, quality by samples, parts beside the render (before and now), frames in turn and
beside the next render, workers on one card, the usual procedure. Each part is a process of its own, which is ended where it
takes longer than is left; OUT/gpu.json and OUT/gpu.md are written anew after each of its rows, so that nothing is lost where
time runs out. On a machine without a GPU the same
runs on the processor: with `--width 160 --height 96 --samples 2 --reference 16 --variants 3 --workers 1,2` in minutes.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from grail_addon.core.files import read_json, write_json

from .gpu_table import page
from .setup import ROOT

LOOKS = 0.2
"""Seconds between two looks at how busy the card is."""


class CardWatch:
    """How busy the card is and how much of its memory is used, as `nvidia-smi` says; nothing without one."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._said: list[str] = []

    def __enter__(self) -> CardWatch:
        ask = ["nvidia-smi", "--query-gpu=utilization.gpu,memory.used", "--format=csv,noheader,nounits"]
        try:
            looks = str(int(LOOKS * 1000))
            self._process = subprocess.Popen([*ask, "-lms", looks], stdout=subprocess.PIPE, text=True)
        except OSError:
            return self
        threading.Thread(target=self._read, daemon=True).start()
        return self

    def _read(self) -> None:
        assert self._process is not None and self._process.stdout is not None
        self._said.extend(iter(self._process.stdout.readline, ""))

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()

    def to_json(self) -> dict[str, float | None]:
        """Mean share of time that the card was busy, and the most memory in MB."""
        rows = [[float(cell) for cell in line.split(",")] for line in self._said if line[:1].isdigit()]
        if not rows:
            return {"busy_share": None, "memory_mb": None}
        return {"busy_share": sum(row[0] for row in rows) / len(rows) / 100, "memory_mb": max(row[1] for row in rows)}


@contextmanager
def watched(found: dict[str, Any]) -> Iterator[None]:
    """Add to `found` what the card did meanwhile, and seconds."""
    start = time.perf_counter()
    with CardWatch() as watch:
        yield
    found |= {**watch.to_json(), "wall_s": time.perf_counter() - start}


class Runner:
    """Runs processes of their own until the time is over. end: of the monotonic clock, seconds."""

    def __init__(self, end: float, longest: float) -> None:
        self.end, self._longest = end, longest

    def __call__(self, *command: str) -> None:
        """Run one; what it prints is thrown away. Raises TimeoutExpired, with all that it started ended, where it takes
        more than the time that is left or than one may take."""
        seconds = min(self._longest, max(self.end - time.monotonic(), 1.0))
        own = [sys.executable, *command]
        process = subprocess.Popen(own, cwd=ROOT, stdout=subprocess.DEVNULL, start_new_session=True)
        try:
            code = process.wait(timeout=seconds)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
        if code:
            raise subprocess.CalledProcessError(code, own)


class Parts:
    """The parts of the measurement. Each returns plain data."""

    def __init__(self, out: Path, arguments: argparse.Namespace, run: Runner, keep: Callable[[str, Any], None]) -> None:
        """keep: writes the figures of a part, as far as they are known."""
        self.out, self.asked, self._run, self._keep = out, arguments, run, keep
        self.size = ["--width", str(arguments.width), "--height", str(arguments.height)]
        self.gpu = [] if arguments.cpu else ["--gpu"]

    def device(self) -> Any:
        """What the device is and what pictures cost on it; the first use of its kernels is in `first_use_s`."""
        start = time.perf_counter()
        more = ["--samples", str(self.asked.samples), "--reference", str(self.asked.reference)]
        self._run("-m", "bench.gpu_device", str(self.out / "device"), *self.size, *self.gpu, *more)
        return {**read_json(self.out / "device" / "device.json"), "wall_s": time.perf_counter() - start}

    def start(self) -> Any:
        """Seconds from starting the command to its first render, twice: the second finds all files in memory."""
        seconds = []
        for turn in range(2):
            target = self.out / f"start{turn}"
            self._run("-m", "bench.gpu_start", str(target), repr(time.time()), *self.size, *self.gpu)
            seconds.append(read_json(target / "start.json"))
        return seconds

    def parts(self) -> Any:
        """Processor seconds beside the render, of this tree and of an earlier one."""
        against = ["--against", self.asked.against] if self.asked.against else []
        few = str(min(self.asked.variants, 4))
        self._run("-m", "bench.parts", str(self.out / "parts"), *self.size, *self.gpu, "--variants", few, *against)
        return read_json(self.out / "parts" / "parts.json")

    def overlap(self) -> Any:
        """Frames finished in turn and beside the next render, and how busy the card is in each case."""
        found = {}
        for way in ("in_turn", "beside"):
            more = ["--variants", str(self.asked.variants), "--samples", str(self.asked.samples), "--way", way]
            watch: dict[str, Any] = {}
            with watched(watch):
                self._run("-m", "bench.overlap", str(self.out / "overlap"), *self.size, *self.gpu, *more)
            found[way] = {**read_json(self.out / "overlap" / f"{way}.json"), **watch}
            self._keep("overlap", found)
        return found

    def workers(self) -> Any:
        """Variants a second for each number of workers, start included."""
        found = {}
        for number in self.asked.workers:
            frames = max(self.asked.frames, 2 * number)
            results = self.out / f"workers{number}"
            command = [
                "run_batch.py", "--", "--config", "manipulation", "--category", "cordless_drill", "--skip_step4",
                "--results_dir", str(results), "--num_rand_scenes", str(frames), "--workers", str(number),
                "--samples", str(self.asked.samples), "--set", f"rendering.width={self.asked.width}",
                "--set", f"rendering.height={self.asked.height}", *(["--no_gpu"] if self.asked.cpu else []),
            ]  # fmt: skip
            row: dict[str, Any] = {}
            with watched(row):
                self._run(*command)
            made = len(list((results / "generation" / "asset_renders").rglob("*_rand*.png")))
            found[str(number)] = {**row, "frames": made, "per_second": made / row["wall_s"]}
            self._keep("workers", found)
        return found

    def usual(self) -> Any:
        """The usual procedure for one variant, twice; the second counts."""
        rows = []
        for seed in ("1", "2"):
            folder = self.out / "usual" / seed
            folder.mkdir(parents=True, exist_ok=True)
            device = "cpu" if self.asked.cpu else "gpu"
            size = (str(self.asked.width), str(self.asked.height), str(self.asked.samples), device)
            row: dict[str, Any] = {}
            with watched(row):
                self._run("-m", "bench.usual", str(self.out / "overlap" / "beside"), seed, str(folder), *size)
            rows.append(row)
            self._keep("usual", rows)
        return rows


def measure(arguments: argparse.Namespace, out: Path) -> dict[str, Any]:
    """All parts in the order of what they are worth, until the time is over."""
    found: dict[str, Any] = {"size": [arguments.width, arguments.height], "samples": arguments.samples}

    def keep(name: str, rows: Any) -> None:
        found[name] = rows
        write_json(out / "gpu.json", found)
        (out / "gpu.md").write_text(page(found), encoding="utf-8")

    run = Runner(time.monotonic() + 60.0 * arguments.minutes, 60.0 * arguments.longest)
    parts = Parts(out, arguments, run, keep)
    steps: list[Callable[[], Any]] = [
        parts.device, parts.overlap, parts.workers, parts.parts, parts.start, parts.usual,
    ]  # fmt: skip
    for step in steps:
        name = step.__name__
        try:
            if time.monotonic() > run.end:
                raise TimeoutError("the time was over")
            keep(name, step())
        except (subprocess.SubprocessError, OSError, KeyError, ValueError) as error:
            # rows that were kept stay; what is missing is said beside them
            found.setdefault("unfinished", {})[name] = str(error)
            keep(name, found.get(name) or {"failed": str(error)})
        print(f"{name}: {found[name]}", flush=True)
    return found


def main() -> None:
    """Measure and write gpu.json and gpu.md."""
    parser = argparse.ArgumentParser(prog="python -m bench.gpu", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=9.5)
    parser.add_argument("--longest", type=float, default=3.0, help="minutes that one process may take")
    parser.add_argument("--against", default="", help="commit, or folder with the files of an earlier one")
    parser.add_argument("--cpu", action="store_true", help="render on the processor, to try this script")
    parser.add_argument("--workers", type=lambda text: [int(n) for n in text.split(",")], default=[1, 2, 4, 8])
    for name, default in (
        ("width", 1280), ("height", 720), ("samples", 32), ("reference", 2048), ("variants", 12), ("frames", 32),
    ):  # fmt: skip
        parser.add_argument(f"--{name}", type=int, default=default)
    arguments = parser.parse_args()
    out = arguments.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    found = measure(arguments, out)
    print((out / "gpu.md").read_text(encoding="utf-8"))
    sys.stdout.flush()
    os._exit("unfinished" in found)


if __name__ == "__main__":
    main()
