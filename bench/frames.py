# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames: ours against the usual procedure, overhead over the bare picture, error against a converged render, memory.

    python -m bench.frames OUT [--width 1280 --height 720 --variants 3 --reference 512 --memory_variants 20]

Everything is compared within one run, since these machines are noisy; the result is a JSON file in OUT.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from grail_addon.core.clock import SystemClock
from grail_addon.core.files import read_json, write_json
from grail_addon.core.plan.items import Item, ObjectJob
from grail_addon.core.settle.rest import settled
from grail_addon.drivers.blocking import drain
from grail_addon.pipeline.stage_options import stage_options
from grail_addon.stage.render.render import Quality, render_frame
from grail_addon.stage.render.samples import AutoSamples, psnr
from grail_addon.stage.workshop import StageWorkshop

from .setup import child, plan, timed, workshop


def picture(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def peak_mb() -> float:
    """Largest resident size of this process so far, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def ours(results: Path, size: tuple[int, int], variants: int, samples: int | str, wanted: float) -> dict[str, Any]:
    """Make the variants in this warm process; after each, the bare picture of the same scene once more.

    With samples `auto` the pilot comes first, so that its cost stands apart; wanted: dB that it is to reach.
    """
    keys = {"rendering.samples": samples, "rendering.num_rand_scenes": variants, "rendering.auto_psnr": wanted}
    session, job = plan(results, {**_size(size), **keys})
    start = time.perf_counter()
    shop = workshop(session)
    drain(shop.open(job))
    opened = time.perf_counter() - start
    assert job.settle is not None
    start = time.perf_counter()
    rest = settled(drain(shop.settle(job)).result)
    settle_s = time.perf_counter() - start
    cpu = time.process_time()
    if samples == "auto":
        auto = AutoSamples(stage_options(session.request.config, session.request.cwd), session.layout, SystemClock())
        drain(auto.quality(shop.stage, shop.person, job))  # kept in the results folder
    pilot_cpu = time.process_time() - cpu
    rows = []
    for item in job.renders:
        start, cpu = time.perf_counter(), time.process_time()
        frame = drain(shop.render(job, item, rest)).finish()
        session.records.write_frame(job, item, rest, frame, shop.versions)
        whole, whole_cpu = time.perf_counter() - start, time.process_time() - cpu
        manifest = read_json(item.manifest)
        quality = Quality(int(manifest["render"]["samples"]), session.request.config.rendering.denoise)
        cpu = time.process_time()
        bare = timed(render_frame(shop.stage.scene, results / "bare.png", quality, 1))
        rows.append(
            {
                "whole_s": whole,
                "whole_cpu_s": whole_cpu,
                "bare_picture_s": bare,
                "bare_picture_cpu_s": time.process_time() - cpu,
                "timings": manifest["timings"],
                "samples": quality.samples,
                "auto": manifest["render"].get("auto"),
            }
        )
    shop.close()
    return {"open_s": opened, "settle_s": settle_s, "pilot_cpu_s": pilot_cpu, "variants": rows}


def converged(results: Path, size: tuple[int, int], samples: int, out: Path) -> dict[str, float]:
    """Seed 1 with so many samples that what is left of noise does not count, and errors of few samples against it."""
    session, job = plan(results, {**_size(size), "rendering.samples": 1, "rendering.num_rand_scenes": 1})
    shop = workshop(session)
    drain(shop.open(job))
    assert job.settle is not None
    drain(shop.render(job, job.renders[0], settled(drain(shop.settle(job)).result)))
    scene = shop.stage.scene
    drain(render_frame(scene, out, Quality(samples, True, 0.0), 99))
    found: dict[str, float] = {}
    for few in (4, 8, 16, 32):
        path = out.with_name(f"few{few}.png")
        found[f"{few}_s"] = timed(render_frame(scene, path, Quality(few, True), 7))
        found[f"{few}_psnr_db"] = psnr(picture(path), picture(out))
    shop.close()
    return found


def memory(results: Path, variants: int) -> dict[str, float]:
    """Peak memory in MB after 1 and after `variants` small frames."""
    keys = {"rendering.samples": 2, "rendering.num_rand_scenes": variants}
    session, job = plan(results, {**_size((320, 180)), **keys})
    shop = workshop(session)
    drain(shop.open(job))
    assert job.settle is not None
    rest = settled(drain(shop.settle(job)).result)
    return {f"after_{n}": peak for n, peak in _peaks(shop, job, list(job.renders), rest)}


def _peaks(shop: StageWorkshop, job: ObjectJob, items: list[Item], rest: Any) -> list[tuple[int, float]]:
    found = []
    for count, item in enumerate(items, 1):
        drain(shop.render(job, item, rest)).finish()
        if count in (1, len(items)):
            found.append((count, peak_mb()))
    return found


def _size(size: tuple[int, int]) -> dict[str, int]:
    return {"rendering.width": size[0], "rendering.height": size[1]}


def _part(name: str, arguments: argparse.Namespace, out: Path) -> Any:
    """Run one part in a process of its own, so that each starts cold and memory is its own."""
    target = out / f"{name}.json"
    child(
        "bench.frames",
        str(out),
        "--part",
        name,
        "--width",
        str(arguments.width),
        "--height",
        str(arguments.height),
        "--variants",
        str(arguments.variants),
        "--reference",
        str(arguments.reference),
        "--memory_variants",
        str(arguments.memory_variants),
        "--wanted",
        str(arguments.wanted),
    )
    return read_json(target)


def _run_part(arguments: argparse.Namespace, out: Path) -> None:
    size = (arguments.width, arguments.height)
    if arguments.part == "ours":
        result: Any = ours(out / "ours", size, arguments.variants, 32, arguments.wanted)
    elif arguments.part == "auto":
        result = ours(out / "auto", size, arguments.variants, "auto", arguments.wanted)
    elif arguments.part == "converged":
        result = converged(out / "reference", size, arguments.reference, out / "converged.png")
    else:
        result = memory(out / "memory", arguments.memory_variants)
    write_json(out / f"{arguments.part}.json", result)


def measure(arguments: argparse.Namespace, out: Path) -> dict[str, Any]:
    """All parts, and the ratios that they are asked for."""
    ours32, auto = _part("ours", arguments, out), _part("auto", arguments, out)
    usual = []
    for seed in range(1, arguments.variants + 1):
        folder = out / "usual" / str(seed)
        folder.mkdir(parents=True, exist_ok=True)
        usual.append(
            child("bench.usual", str(out / "ours"), str(seed), str(folder), str(arguments.width), str(arguments.height))
        )
    error = _part("converged", arguments, out)
    reference = picture(out / "converged.png")
    frames = "generation/asset_renders/ComAsset/cordless_drill/kid_indoor2-manipulation_rand00001.png"
    rows = ours32["variants"]
    auto_rows = auto["variants"]
    usual_cpu = statistics.mean(cpu for _, cpu in usual)
    auto_cpu = [row["whole_cpu_s"] for row in auto_rows]
    return {
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, {platform.system()}",
        "load_at_end": os.getloadavg()[0],
        "size": [arguments.width, arguments.height],
        "variants": arguments.variants,
        "open_s": ours32["open_s"],
        "settle_s": ours32["settle_s"],
        "first_variant_s": rows[0]["whole_s"],
        "next_variant_s": statistics.median(row["whole_s"] for row in rows[1:] or rows),
        "overhead_ratio": statistics.median(row["whole_cpu_s"] / row["bare_picture_cpu_s"] for row in rows),
        "usual_s": statistics.mean(wall for wall, _ in usual),
        "usual_cpu_s": usual_cpu,
        "ours_s": statistics.mean(row["whole_s"] for row in rows),
        "ours_cpu_s": statistics.mean(row["whole_cpu_s"] for row in rows),
        "ours_over_usual": statistics.mean(row["whole_cpu_s"] for row in rows) / usual_cpu,
        "auto_s": statistics.mean(row["whole_s"] for row in auto_rows[1:] or auto_rows),
        "auto_cpu_s": statistics.mean(auto_cpu),
        "auto_pilot_cpu_s": auto["pilot_cpu_s"],
        "auto_samples": auto_rows[0]["samples"],
        "auto_pilot": auto_rows[0]["auto"],
        "auto_wanted_db": arguments.wanted,
        "auto_over_usual": statistics.mean(auto_cpu) / usual_cpu,
        "psnr_db": {
            "usual": psnr(picture(out / "usual" / "1" / "frame.png"), reference),
            "ours": psnr(picture(out / "ours" / frames), reference),
            "auto": psnr(picture(out / "auto" / frames), reference),
        },
        "samples": error,
        "reference_samples": arguments.reference,
        "memory_mb": _part("memory", arguments, out),
        "timings": rows[-1]["timings"],
    }


def main() -> None:
    """Measure and write `frames.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--part", choices=["ours", "auto", "converged", "memory"])
    for name, default in (
        ("width", 1280),
        ("height", 720),
        ("variants", 3),
        ("reference", 512),
        ("memory_variants", 20),
    ):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--wanted", type=float, default=48.0, help="dB that `auto` is to reach")
    arguments = parser.parse_args()
    out = arguments.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    if arguments.part:
        _run_part(arguments, out)
    else:
        write_json(out / "frames.json", measure(arguments, out))
        print(json.dumps(read_json(out / "frames.json"), indent=2))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
