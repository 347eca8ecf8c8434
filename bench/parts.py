# SPDX-License-Identifier: GPL-3.0-or-later
"""What a warm variant costs the processor beside its renders, part by part: of this tree, and of an earlier commit beside it.

    python -m bench.parts OUT [--width 1280 --height 720 --variants 4 --against COMMIT --task sitting --category armchair]

The timers of a frame are handed a clock that counts processor seconds and stands still during renders. Trees take turns,
twice each, and the median of all warm variants counts. The files of both are compared: pixels of pictures, JSON less times and
hashes, all else byte by byte.
"""

from __future__ import annotations

import argparse
import io
import os
import statistics
import subprocess
import sys
import tarfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parents[1]
KEYS = {"rendering.samples": 1, "rendering.denoise": False, "seed": 7}
DRILL = "cordless_drill"
PARTS = ("scenery", "placement", "geometry", "picture", "sidecars", "proof", "gate", "hashes", "records")
COMPARED = {".json", ".exr", ".png", ".txt", ".pickle"}
_VOLATILE = {"time", "timings", "seconds", "stat", "sha256"}
TURNS = 2
CALM = 0.2
"""Seconds after a render until its threads have ended, which go on for a while: that is its cost and not ours."""


class WorkClock:
    """Processor seconds of this process, less those of its renders."""

    def __init__(self) -> None:
        self.renders = 0.0

    def time(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.process_time() - self.renders

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def measure(
    results: Path, size: tuple[int, int], variants: int, gpu: bool, task: str = "manipulation", category: str = DRILL
) -> list[dict[str, float]]:
    """Part -> processor seconds, for each of the variants, in this process with whatever tree it has imported."""
    from grail_addon.core.settle.rest import settled
    from grail_addon.drivers.blocking import drain
    from grail_addon.pipeline.stage_options import stage_options
    from grail_addon.stage.render.execute import render_now
    from grail_addon.stage.workshop import StageWorkshop

    from .setup import plan

    keys = {"rendering.width": size[0], "rendering.height": size[1], "rendering.num_rand_scenes": variants}
    keys |= {"rendering.gpu": gpu, "category": category}
    session, job = plan(results, {**KEYS, **keys}, task=task)
    clock = WorkClock()

    def render(effect: Any) -> None:
        start = time.process_time()
        render_now(effect)
        time.sleep(CALM)
        clock.renders += time.process_time() - start

    shop = StageWorkshop(stage_options(session.request.config, session.request.cwd), session.layout, clock)
    drain(shop.open(job), render=render)
    rest = settled(drain(shop.settle(job)).result) if job.settle is not None else shop.unsettled(job)
    rows = []
    for item in job.renders:
        start = clock.monotonic()
        made: Any = drain(shop.render(job, item, rest), render=render)
        frame = made.finish() if hasattr(made, "finish") else made
        before = clock.monotonic()
        session.records.write_frame(job, item, rest, frame, shop.versions)
        now = clock.monotonic()
        rows.append({**frame.timings, "records": now - before, "whole": now - start})
    shop.close()
    return rows


def tree_of(commit: str, out: Path) -> Path:
    """The files of an earlier commit, with this tree's benchmarks and assets; a folder that holds them is taken as it is."""
    if Path(commit).is_dir():
        return Path(commit).resolve()
    tree = out / "tree"
    if not tree.is_dir():
        packed = subprocess.run(["git", "archive", commit], cwd=HERE, check=True, capture_output=True).stdout
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            archive.extractall(tree, filter="data")
        (tree / "assets").symlink_to((HERE / "assets").resolve())
    (tree / "bench" / "parts.py").write_bytes(Path(__file__).read_bytes())
    return tree


def medians(rows: list[dict[str, float]]) -> dict[str, float]:
    """Part -> median over the variants; `together`: of all but what a render needs anyway."""
    found = {part: statistics.median(row.get(part, 0.0) for row in rows) for part in (*PARTS, "whole")}
    named = ("placement", "geometry", "sidecars", "proof", "gate")
    return {**found, "together": statistics.median(sum(row.get(p, 0.0) for p in named) for row in rows)}


def _plain(data: Any, roots: tuple[str, ...]) -> Any:
    if isinstance(data, dict):
        return {key: _plain(value, roots) for key, value in data.items() if key not in _VOLATILE}
    if isinstance(data, list):
        return [_plain(value, roots) for value in data]
    if isinstance(data, str):
        for root in roots:
            data = data.replace(root, "")
    return data


def _content(path: Path, roots: tuple[str, ...]) -> Any:
    """What a file holds, however it is packed: pixels, JSON less times and hashes, else its bytes."""
    from PIL import Image

    from grail_addon.core.files import read_json
    from grail_addon.core.sidecars.exr import read_exr

    if path.suffix == ".json":
        return _plain(read_json(path), roots)
    if path.suffix == ".exr":
        return {name: plane.tobytes() for name, plane in read_exr(path).items()}
    if path.suffix == ".png":
        with Image.open(path) as image:
            return image.mode, image.size, image.tobytes()
    return path.read_bytes()


def differences(ours: Path, theirs: Path, roots: tuple[str, ...]) -> dict[str, Any]:
    """How many result files were compared, and the names of those that differ or are in one folder alone."""
    names = {
        path.relative_to(folder).as_posix()
        for folder in (ours, theirs)
        for path in folder.rglob("*")
        if path.suffix in COMPARED and path.is_file()
    }
    differ = []
    for name in sorted(names):
        a, b = ours / name, theirs / name
        if not (a.is_file() and b.is_file()) or _content(a, roots) != _content(b, roots):
            differ.append(name)
    return {"compared": len(names), "differ": differ}


def _child(tree: Path, out: Path, name: str, arguments: argparse.Namespace) -> list[dict[str, float]]:
    from grail_addon.core.files import read_json

    size = ["--width", str(arguments.width), "--height", str(arguments.height), "--variants", str(arguments.variants)]
    size += ["--gpu"] if arguments.gpu else []
    size += ["--task", arguments.task, "--category", arguments.category]
    command = [sys.executable, "-m", "bench.parts", str(out), *size, "--part", name]
    subprocess.run(command, check=True, cwd=tree, stdout=subprocess.DEVNULL)
    rows: list[dict[str, float]] = read_json(out / f"parts-{name}.json")
    return rows[1:] or rows  # the first variant is not warm


def compare(arguments: argparse.Namespace, out: Path) -> dict[str, Any]:
    """Medians of this tree (`now`) and, where asked for, of the other commit (`before`), and how their files differ."""
    trees = {"now": HERE}
    if arguments.against:
        trees["before"] = tree_of(arguments.against, out)
    rows: dict[str, list[dict[str, float]]] = {name: [] for name in trees}
    for turn in range(TURNS):
        for name, tree in trees.items():
            rows[name] += _child(tree, out, f"{name}{turn}", arguments)
    found: dict[str, Any] = {name: medians(rows[name]) for name in trees}
    if arguments.against:
        roots = tuple(str(path) for path in (out / "now0", out / "before0", out / "tree", HERE))
        found["files"] = differences(out / "now0", out / "before0", roots)
    return {"size": [arguments.width, arguments.height], "against": arguments.against, **found}


def table(data: dict[str, Any]) -> str:
    """Parts and processor seconds, as Markdown."""
    width, height = data["size"]
    columns = [name for name in ("before", "now") if name in data]
    lines = "".join(
        f"| {part} | " + " | ".join(f"{data[name][part]:.3f}" for name in columns) + " |\n"
        for part in (*PARTS, "together", "whole")
    )
    text = (
        f"## What a warm variant costs beside its renders, {width} x {height}\n\n"
        "`python -m bench.parts OUT [--against COMMIT]`: processor seconds of one core; `together` is placement, geometry,\n"
        "sidecars, proof and gate.\n\n"
        f"| part | {' | '.join(columns)} |\n|---|{'---|' * len(columns)}\n{lines}"
    )
    if "files" in data:
        differ = data["files"]["differ"]
        text += f"\n{data['files']['compared']} files compared with those of {data['against']}: "
        text += f"{len(differ)} differ{': ' + ', '.join(differ) if differ else ''}.\n"
    return text


def main() -> None:
    """Print the table and write OUT/parts.json."""
    parser = argparse.ArgumentParser(prog="python -m bench.parts", description=__doc__)
    parser.add_argument("out", type=Path)
    for name, default in (("width", 1280), ("height", 720), ("variants", 4)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--against", default="", help="commit of this repository, or a folder with its files")
    parser.add_argument("--gpu", action="store_true")
    parser.add_argument("--task", default="manipulation")
    parser.add_argument("--category", default=DRILL)
    parser.add_argument("--part", default="", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    from grail_addon.core.files import write_json

    out = arguments.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    if arguments.part:
        size, which = (arguments.width, arguments.height), (arguments.task, arguments.category)
        rows = measure(out / arguments.part, size, arguments.variants, arguments.gpu, *which)
        write_json(out / f"parts-{arguments.part}.json", rows)
    else:
        data = compare(arguments, out)
        write_json(out / "parts.json", data)
        print(table(data))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
