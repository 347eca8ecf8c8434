# SPDX-License-Identifier: GPL-3.0-or-later
"""A probe question (two pictures) in the warm process against Blender processes of their own: one for each picture, as
the usual procedure starts them, and one for both.

python -m bench.probe OUT [--questions 5]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from pathlib import Path

from grail_addon.core.files import write_json
from grail_addon.drivers.blocking import drain
from grail_addon.stage.render import probe_frames

from .setup import child, plan, spent, workshop


def question(results: Path, factors: list[float]) -> tuple[list[float], list[float]]:
    """Wall and processor seconds of each question (two pictures) at factors of the configured scale."""
    session, job = plan(results, {})
    shop = workshop(session)
    drain(shop.open(job))
    seconds, processor = [], []
    for number, factor in enumerate(factors):
        x, y, z = (side * factor for side in job.settings.obj_scale)
        start, before = time.perf_counter(), spent()
        drain(shop.probe_views(job, (x, y, z), results / f"probe_{number}"))
        seconds.append(time.perf_counter() - start)
        processor.append(spent() - before)
    return seconds, processor


def main() -> None:
    """Write OUT/probe.json and print it. With --child N: make N of one question's pictures and leave."""
    parser = argparse.ArgumentParser(prog="python -m bench.probe", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--questions", type=int, default=5)
    parser.add_argument("--child", type=int, default=0, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        probe_frames.SIDES_DEG = probe_frames.SIDES_DEG[: args.child]
        question(args.out, [1.0])
        return
    warm, warm_cpu = question(args.out / "warm", [2.0**n for n in range(args.questions)])
    one, one_cpu = child("bench.probe", str(args.out / "one"), "--child", "1")
    both, both_cpu = child("bench.probe", str(args.out / "both"), "--child", "2")
    again, again_cpu = statistics.median(warm[1:]), statistics.median(warm_cpu[1:])
    result = {
        "first_question_s": warm[0],
        "question_s": again,
        "question_processor_s": again_cpu,
        "fresh_one_picture_s": one,
        "fresh_one_picture_processor_s": one_cpu,
        "fresh_both_pictures_s": both,
        "fresh_both_pictures_processor_s": both_cpu,
        "share_of_a_fresh_process_for_each_picture": again / (2 * one),
        "share_of_one_fresh_process_for_both": again / both,
    }
    write_json(args.out / "probe.json", result)
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)
