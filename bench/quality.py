# SPDX-License-Identifier: GPL-3.0-or-later
"""What each render setting costs in error and time, against a converged render of the same view.

    python -m bench.quality OUT [--width 640 --height 360 --reference 256 --seed 1]

CPU seconds of this process, so that other work on the machine does not count; the view is the drill's variant `seed`.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import Any

from grail_addon.core.files import write_json
from grail_addon.core.settle.rest import settled
from grail_addon.drivers.blocking import drain
from grail_addon.stage.render.execute import render_now
from grail_addon.stage.render.render import Quality, render_frame
from grail_addon.stage.render.samples import psnr
from grail_addon.steps.effects import Render

from .frames import picture
from .setup import plan, workshop

CASES: tuple[tuple[str, int, float, dict[str, Any]], ...] = (
    ("8 samples", 8, 0.01, {}),
    ("16 samples", 16, 0.01, {}),
    ("32 samples", 32, 0.01, {}),
    ("64 samples", 64, 0.01, {}),
    ("16, guides not cleaned", 16, 0.01, {"denoising_prefilter": "FAST"}),
    ("16, no caustics", 16, 0.01, {"caustics_reflective": False, "caustics_refractive": False}),
    ("16, no light tree", 16, 0.01, {"use_light_tree": False}),
    ("16, 4 bounces", 16, 0.01, {"max_bounces": 4}),
    ("16, adaptive off", 16, 0.0, {}),
    ("64, adaptive 0.1", 64, 0.1, {"adaptive_min_samples": 8}),
    ("16, not denoised", 16, 0.01, {"use_denoising": False}),
)


def main() -> None:
    """Print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    for name, default in (("width", 640), ("height", 360), ("reference", 256), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    arguments = parser.parse_args()
    out = arguments.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    keys = {
        "rendering.width": arguments.width,
        "rendering.height": arguments.height,
        "rendering.samples": 1,
        "rendering.num_rand_scenes": [arguments.seed, arguments.seed],
    }
    session, job = plan(out / "run", keys)
    shop = workshop(session)
    drain(shop.open(job))
    assert job.settle is not None
    drain(shop.render(job, job.renders[0], settled(drain(shop.settle(job)).result)))
    scene = shop.stage.scene

    def shot(name: str, quality: Quality, options: dict[str, Any], noise: int) -> float:
        """Render with some of Cycles' settings other than ours; CPU seconds."""

        def changed(effect: Render) -> None:
            before = {key: getattr(scene.cycles, key) for key in options}
            for key, value in options.items():
                setattr(scene.cycles, key, value)
            render_now(effect)
            for key, value in before.items():
                setattr(scene.cycles, key, value)

        start = time.process_time()
        drain(render_frame(scene, out / f"{name}.png", quality, noise), render=changed)
        return time.process_time() - start

    reference_cpu = shot("reference", Quality(arguments.reference, True, 0.0), {}, 99)
    truth = picture(out / "reference.png")
    rows = []
    for name, samples, threshold, options in CASES:
        cpu = shot(name, Quality(samples, True, threshold), options, 7)
        rows.append(
            {"case": name, "cpu_s": round(cpu, 1), "psnr_db": round(psnr(picture(out / f"{name}.png"), truth), 2)}
        )
        print(f"{name:28} {rows[-1]['psnr_db']:6.2f} dB {cpu:7.1f} CPU s", flush=True)
    write_json(out / "quality.json", {
        "size": [arguments.width, arguments.height], "seed": arguments.seed, "rows": rows,
        "reference_samples": arguments.reference, "reference_cpu_s": round(reference_cpu, 1),
    })  # fmt: skip
    shop.close()
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
