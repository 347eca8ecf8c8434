# SPDX-License-Identifier: GPL-3.0-or-later
"""A probe question's pictures in the warm process against the same picture from a Blender process of its own.

python -m bench.probe OUT [--questions 3]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

from grail_addon.core.files import write_json

from .setup import ROOT, plan, workshop


def spent(who: int = resource.RUSAGE_SELF) -> float:
    """Processor seconds so far: what other work on the machine does not change."""
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def question(results: Path, factors: list[float]) -> tuple[list[float], list[float]]:
    """Wall and processor seconds of each question (two pictures) at factors of the configured scale."""
    config, layout, job = plan(results, "--no_gpu")
    shop = workshop(config, layout)
    shop.open(job)
    seconds, processor = [], []
    for number, factor in enumerate(factors):
        x, y, z = (side * factor for side in job.settings.obj_scale)
        start, before = time.perf_counter(), spent()
        shop.probe_views(job, (x, y, z), results / f"probe_{number}")
        seconds.append(time.perf_counter() - start)
        processor.append(spent() - before)
    return seconds, processor


def main() -> None:
    """Write OUT/probe.json and print it. With --child: make one question's pictures and leave."""
    parser = argparse.ArgumentParser(prog="python -m bench.probe", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--questions", type=int, default=3)
    parser.add_argument("--child", action="store_true")
    args = parser.parse_args()
    if args.child:
        question(args.out, [1.0])
        return
    warm, warm_cpu = question(args.out / "warm", [2.0**n for n in range(args.questions)])
    start = time.perf_counter()
    command = [sys.executable, "-m", "bench.probe", str(args.out / "fresh"), "--child"]
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    fresh, fresh_cpu = time.perf_counter() - start, spent(resource.RUSAGE_CHILDREN)
    again, again_cpu = statistics.median(warm[1:]), statistics.median(warm_cpu[1:])
    result = {
        "first_question_s": warm[0],
        "question_s": again,
        "question_processor_s": again_cpu,
        "fresh_process_s": fresh,
        "fresh_process_processor_s": fresh_cpu,
        "share_of_fresh_process": again / fresh,
        "processor_share_of_fresh_process": again_cpu / fresh_cpu,
    }
    write_json(args.out / "probe.json", result)
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)
