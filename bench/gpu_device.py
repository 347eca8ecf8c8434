# SPDX-License-Identifier: GPL-3.0-or-later
"""What a picture of variant 1 costs on this machine's device, raw and denoised, and how good it is at so many samples.

python -m bench.gpu_device OUT [--width 1280 --height 720 --samples 32 --reference 2048 --gpu]
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from grail_addon.core.config.rendering import QUALITY_SAMPLES
from grail_addon.core.files import write_json
from grail_addon.core.settle.rest import settled
from grail_addon.drivers.blocking import drain
from grail_addon.stage.compat import cycles_kernels
from grail_addon.stage.render.kernels import architectures, note_on_kernels
from grail_addon.stage.render.render import Quality, render_frame
from grail_addon.stage.render.samples import LONG_LADDER, psnr
from grail_addon.steps.events import Event

from .frames import picture
from .setup import plan, timed, workshop


def measure(out: Path, asked: argparse.Namespace) -> dict[str, Any]:
    """Seconds and decibels; see the module."""
    keys = {"rendering.width": asked.width, "rendering.height": asked.height, "rendering.gpu": asked.gpu}
    session, job = plan(out / "run", {**keys, "rendering.num_rand_scenes": 1, "rendering.samples": 1})
    shop = workshop(session)
    said: list[Event] = []
    start = time.perf_counter()
    notes = drain(shop.open(job), said.append)
    opened = time.perf_counter() - start
    assert job.settle is not None
    start = time.perf_counter()
    made = drain(shop.render(job, job.renders[0], settled(drain(shop.settle(job)).result))).finish()
    scene = shop.stage.scene
    found: dict[str, Any] = {
        "device": made.render["device"],
        "cards": architectures(),
        "kernels": note_on_kernels(architectures(), cycles_kernels()),
        "notes": [*notes, *(event.message for event in said)],
        "open_s": opened,
        "first_use_s": time.perf_counter() - start,
    }

    def seconds(quality: Quality, name: str = "bare") -> float:
        return timed(render_frame(scene, out / f"{name}.png", quality, 7))

    seconds(Quality(1, False))
    found["raw_s"] = {str(n): seconds(Quality(n, False, 0.0)) for n in (1, asked.samples, 2 * asked.samples)}
    gpu = scene.cycles.denoising_use_gpu
    for name, on_gpu in (("cpu", False), ("gpu", True)):
        if on_gpu and not gpu:
            continue
        scene.cycles.denoising_use_gpu = on_gpu
        seconds(Quality(asked.samples, True), f"denoised_{name}")
        found[f"denoised_{name}_s"] = seconds(Quality(asked.samples, True), f"denoised_{name}")
    scene.cycles.denoising_use_gpu = gpu
    if gpu:
        apart = np.abs(picture(out / "denoised_gpu.png").astype(int) - picture(out / "denoised_cpu.png").astype(int))
        found["denoisers_apart"] = {"most": int(apart.max()), "mean": float(apart.mean())}
    found["psnr_db"] = quality(out, asked, seconds)
    shop.close()
    return found


def quality(out: Path, asked: argparse.Namespace, seconds: Any) -> dict[str, float]:
    """Samples -> dB against the reference; samples beyond a quarter of the reference say nothing and are left out."""
    seconds(Quality(asked.reference, True, 0.0), "reference")
    wanted = sorted({*QUALITY_SAMPLES.values(), *(n for n in LONG_LADDER if n >= 8 and n & (n - 1) == 0)})
    found = {}
    for samples in (n for n in wanted if 4 * n <= asked.reference):
        seconds(Quality(samples, True), "few")
        found[str(samples)] = psnr(picture(out / "few.png"), picture(out / "reference.png"))
    return found


def main() -> None:
    """Write OUT/device.json."""
    parser = argparse.ArgumentParser(prog="python -m bench.gpu_device", description=__doc__)
    parser.add_argument("out", type=Path)
    for name, default in (("width", 1280), ("height", 720), ("samples", 32), ("reference", 2048)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--gpu", action="store_true")
    asked = parser.parse_args()
    out = asked.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    write_json(out / "device.json", measure(out, asked))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
