# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames finished beside the next render, against the same frames finished in turn: what the main thread has to do.

    python -m bench.overlap OUT [--width 640 --height 360 --variants 4 --samples 1 --gpu]

One run each way, in processes of their own; processor seconds of the main thread between renders, of all threads, and
wall seconds. The files of both are compared byte by byte.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from grail_addon.core.files import read_json, write_json
from grail_addon.drivers.blocking import drain
from grail_addon.stage.render.execute import render_now
from grail_addon.steps.effects import Begin, relayed
from grail_addon.steps.events import Event

from .parts import differences
from .setup import ROOT, plan


def in_turn(said: Any) -> Any:
    """Does at once, in the main thread, what would go on beside a render."""
    if not isinstance(said, Begin):
        return (yield said)
    future: Future[Any] = Future()
    try:
        future.set_result(said.work())
    except Exception as error:
        future.set_exception(error)
    return future


class Watch:
    """Processor seconds of the main thread outside renders, wall seconds inside them, and when frames were done."""

    def __init__(self) -> None:
        self.render_wall, self.render_cpu = 0.0, 0.0
        self.done: list[float] = []

    def render(self, effect: Any) -> None:
        start, cpu = time.perf_counter(), time.thread_time()
        render_now(effect)
        self.render_wall += time.perf_counter() - start
        self.render_cpu += time.thread_time() - cpu

    def heard(self, event: Event) -> None:
        if event.kind == "done" and event.step == "render":
            self.done.append(time.perf_counter())
        if event.kind == "fail":
            raise SystemExit(event.message)


def run(results: Path, keys: dict[str, Any], beside: bool) -> dict[str, Any]:
    """One run over the drill's variants in this process. The first variant counts as warming up."""
    session, _ = plan(results, keys)
    watch = Watch()
    steps = session.run()
    start, cpu = time.perf_counter(), time.thread_time()
    drain(steps if beside else relayed(steps, in_turn), watch.heard, render=watch.render)
    each = [b - a for a, b in zip(watch.done, watch.done[1:], strict=False)]
    return {
        "main_thread_cpu_s": time.thread_time() - cpu - watch.render_cpu,
        "all_cpu_s": time.process_time(),
        "wall_s": time.perf_counter() - start,
        "render_wall_s": watch.render_wall,
        "between_frames_s": sorted(each)[len(each) // 2] if each else 0.0,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0,
    }


def _keys(arguments: argparse.Namespace) -> dict[str, Any]:
    return {
        "rendering.width": arguments.width,
        "rendering.height": arguments.height,
        "rendering.num_rand_scenes": arguments.variants,
        "rendering.samples": arguments.samples,
        "rendering.gpu": arguments.gpu,
    }


def _ways() -> Iterator[tuple[str, bool]]:
    yield "in_turn", False
    yield "beside", True


def main() -> None:
    """Print both ways and write OUT/overlap.json."""
    parser = argparse.ArgumentParser(prog="python -m bench.overlap", description=__doc__)
    parser.add_argument("out", type=Path)
    for name, default in (("width", 640), ("height", 360), ("variants", 4), ("samples", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--gpu", action="store_true")
    parser.add_argument("--way", choices=[name for name, _ in _ways()], help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    out = arguments.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    if arguments.way:
        beside = dict(_ways())[arguments.way]
        write_json(out / f"{arguments.way}.json", run(out / arguments.way, _keys(arguments), beside))
    else:
        for name, _ in _ways():
            subprocess.run([sys.executable, "-m", "bench.overlap", *sys.argv[1:], "--way", name], check=True, cwd=ROOT)
        found = {name: read_json(out / f"{name}.json") for name, _ in _ways()}
        roots = tuple(str(out / name) for name, _ in _ways())
        found["files"] = differences(out / "in_turn", out / "beside", roots)
        write_json(out / "overlap.json", found)
        for name, value in found.items():
            print(name, value)
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
