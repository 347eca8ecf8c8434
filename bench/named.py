# SPDX-License-Identifier: GPL-3.0-or-later
"""How good `rendering.quality` is: its pictures against a converged one, for variant 1 of an object of each task.

python -m bench.named OUT [--width 128 --height 72 --reference 1024 --tasks manipulation,sitting]
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from grail_addon.core.config.find import Places
from grail_addon.core.config.load import load
from grail_addon.core.config.overrides import Override
from grail_addon.core.config.rendering import QUALITY_SAMPLES
from grail_addon.core.files import read_json, write_json
from grail_addon.core.settle.rest import settled
from grail_addon.drivers.blocking import drain
from grail_addon.pipeline.session import Session
from grail_addon.stage.render.render import Quality, render_frame
from grail_addon.stage.render.samples import psnr

from .frames import picture
from .setup import ROOT, workshop

TASKS = {
    "manipulation": "cordless_drill",
    "pickup_table": "mug",
    "pickup_ground": "watering_can",
    "sitting": "armchair",
    "terrain_stairs": "stairs",
}


def errors(out: Path, task: str, size: tuple[int, int], reference: int) -> dict[str, float]:
    """Quality -> dB for the first variant of the task's object."""
    values = {
        "category": TASKS[task], "results_dir": str(out / task), "skip_step4": True, "rendering.gpu": False, "rendering.samples": 1,
        "rendering.num_rand_scenes": 1, "rendering.width": size[0], "rendering.height": size[1],
    }  # fmt: skip
    session = Session(load(task, [Override(key, value) for key, value in values.items()], Places(ROOT, ROOT)))
    (job,) = session.jobs.ready
    shop = workshop(session)
    drain(shop.open(job))
    rest = settled(drain(shop.settle(job)).result) if job.settle is not None else shop.unsettled(job)
    drain(shop.render(job, job.renders[0], rest))
    scene = shop.stage.scene
    drain(render_frame(scene, out / f"{task}-reference.png", Quality(reference, True, 0.0), 99))
    found = {}
    for name, samples in QUALITY_SAMPLES.items():
        path = out / f"{task}-{name}.png"
        drain(render_frame(scene, path, Quality(samples, True), 7))
        found[name] = psnr(picture(path), picture(out / f"{task}-reference.png"))
    shop.close()
    return found


def main() -> None:
    """Print the table and write OUT/named.json after each task."""
    parser = argparse.ArgumentParser(prog="python -m bench.named", description=__doc__)
    parser.add_argument("out", type=Path)
    for name, default in (("width", 128), ("height", 72), ("reference", 1024)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--tasks", default=",".join(TASKS))
    asked = parser.parse_args()
    out = asked.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    target = out / "named.json"
    found = read_json(target) if target.is_file() else {}
    for task in asked.tasks.split(","):
        found[task] = errors(out, task, (asked.width, asked.height), asked.reference)
        write_json(target, found)
        print(task, found[task], flush=True)
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
