# SPDX-License-Identifier: GPL-3.0-or-later
"""Ten variants of an object of each task, as a user runs them: verdicts, seconds, and a stranger's check of all sidecars.

    python -m bench.tasks OUT [--variants 10] [--samples 16] [--size 640x360] [--variety low] [--only TASK ...] [--write]

Runs the shipped pipeline files through run_batch.py, then tests/check_results.py over their results, and prints the table
of docs/tasks.md. OUT keeps the results and a contact sheet of each task. --write puts the table there, and the pictures of
the tasks and of all the seats into docs/pictures.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from .setup import ROOT

TASKS: dict[str, tuple[str, ...]] = {
    "handling": ("--config", "manipulation.yaml", "--category", "cordless_drill"),
    "table pickup": ("--config", "pickup_table.yaml", "--category", "mug"),
    "ground pickup": ("--config", "pickup_ground.yaml", "--category", "watering_can"),
    "sitting": ("--config", "sitting.yaml", "--category", "armchair"),
    "stairs": ("--config", "terrain_stairs.yaml", "--category", "stairs"),
    "kerb": (
        "--config",
        "terrain_stairs.yaml",
        "--object_config",
        "configs/objects/terrain.yaml",
        "--category",
        "curb",
    ),
    "slope": (
        "--config",
        "terrain_stairs.yaml",
        "--object_config",
        "configs/objects/terrain.yaml",
        "--category",
        "slope",
    ),
}
"""Task -> the command line that runs it."""

BEGIN, END = "<!-- bench.tasks -->", "<!-- end of bench.tasks -->"
_THUMBNAIL = (320, 180)
_PICTURES = ROOT / "docs" / "pictures"
_PICTURED = ("handling", "table pickup", "ground pickup", "sitting", "stairs", "kerb")


@dataclass(frozen=True)
class TaskResult:
    """variants: manifests of the frames, in the order of their seeds; wrong: what the check of the sidecars found."""

    name: str
    variants: Sequence[dict[str, Any]]
    wrong: Sequence[str]


def _folder(name: str, out: Path) -> Path:
    return out / name.replace(" ", "_")


def _frames(results: Path) -> list[Path]:
    return sorted((results / "generation" / "asset_renders").rglob("*_rand*.png"))


def _run(task: Sequence[str], results: Path, variants: int, arguments: argparse.Namespace) -> None:
    """Make the variants, unless they are there."""
    width, height = arguments.size.split("x")
    command = [
        sys.executable, str(ROOT / "run_batch.py"), "--", *task,
        "--results_dir", str(results), "--num_rand_scenes", str(variants), "--samples", str(arguments.samples),
        "--set", f"rendering.width={width}", "--set", f"rendering.height={height}",
        "--set", f"rendering.scene_variety={arguments.variety}", "--skip_step4", "--skip_done",
    ]  # fmt: skip
    subprocess.run(command, check=True, cwd=ROOT)


def run_task(name: str, out: Path, arguments: argparse.Namespace) -> TaskResult:
    """Make the variants of a task, unless they are there, and check them."""
    results = _folder(name, out)
    _run(TASKS[name], results, arguments.variants, arguments)
    check = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "check_results.py"), str(results)],
        capture_output=True,
        text=True,
        check=False,
    )
    wrong = [line for line in check.stdout.splitlines()[:-1] if not line.endswith(": ok")]
    if check.returncode and not wrong:
        wrong = [check.stderr.strip().splitlines()[-1] if check.stderr.strip() else "no frames"]
    files = sorted((results / "generation" / "manifests").rglob("*_rand*.json"))
    return TaskResult(name, [json.loads(file.read_text(encoding="utf-8")) for file in files], wrong)


def row(result: TaskResult) -> str:
    """The task's line of the table."""
    verdicts = [str(v["verdict"]) for v in result.variants]
    counts = ", ".join(f"{verdicts.count(kind)} {kind}" for kind in ("pass", "warn", "fail") if kind in verdicts)
    reasons = sorted({reason for v in result.variants for reason in v["reasons"] if v["verdict"] != "pass"})
    totals = sorted(v["timings"]["total"] for v in result.variants)
    middle = totals[len(totals) // 2] if totals else 0.0
    sidecars = f"{len(result.variants)} ok" if not result.wrong else "; ".join(result.wrong[:2])
    return f"| {result.name} | {counts or 'none'} | {middle:.1f} | {sidecars} | {'; '.join(reasons[:3]) or '-'} |"


def table(results: Sequence[TaskResult], arguments: argparse.Namespace) -> str:
    """The table of docs/tasks.md."""
    lines = [
        f"`python -m bench.tasks OUT --samples {arguments.samples}`: {arguments.variants} variants at {arguments.size}, "
        f"`scene_variety: {arguments.variety}`, on the CPU.",
        "",
        "| task | verdicts | seconds per variant (median) | sidecars, `tests/check_results.py` | reasons of those that do not pass |",
        "| --- | --- | --- | --- | --- |",
        *(row(result) for result in results),
    ]
    return "\n".join(lines)


def contact_sheet(frames: Sequence[Path], path: Path, columns: int = 5, size: tuple[int, int] = _THUMBNAIL) -> None:
    """The frames as thumbnails of `size` in rows."""
    width, height = size
    sheet = Image.new("RGB", (columns * width, -(-len(frames) // columns) * height))
    for n, frame in enumerate(frames):
        with Image.open(frame) as image:
            small = image.convert("RGB").resize(size, Image.Resampling.LANCZOS)
        sheet.paste(small, (n % columns * width, n // columns * height))
    sheet.save(path, quality=82)


def pictures(out: Path, arguments: argparse.Namespace) -> None:
    """docs/pictures: the first frame of each task that was run, and one frame of each seat that ships."""
    tasks = [_frames(_folder(name, out))[0] for name in _PICTURED]
    contact_sheet(tasks, _PICTURES / "tasks.jpg", 3, (426, 240))
    seats = out / "seats"
    _run(("--config", "sitting.yaml"), seats, 1, arguments)
    contact_sheet(_frames(seats), _PICTURES / "seats.jpg", 4)


def into_docs(text: str, page: Path, begin: str = BEGIN, end: str = END) -> None:
    """Put the text between its two marks."""
    before = page.read_text(encoding="utf-8")
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    page.write_text(pattern.sub(lambda _: f"{begin}\n{text}\n{end}", before), encoding="utf-8")


def main(argv: Sequence[str] | None = None) -> int:
    """Run, print the table; 1 where a frame failed or a sidecar is wrong."""
    parser = argparse.ArgumentParser(prog="python -m bench.tasks", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--variants", type=int, default=10)
    parser.add_argument("--samples", type=int, default=16)
    parser.add_argument("--size", default="640x360")
    parser.add_argument("--variety", default="low", choices=("off", "low", "high"))
    parser.add_argument("--only", action="append", choices=tuple(TASKS))
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args(argv)
    out = arguments.out.resolve()
    results = []
    for name in arguments.only or TASKS:
        results.append(run_task(name, out, arguments))
        contact_sheet(_frames(_folder(name, out)), _folder(name, out).with_suffix(".jpg"))
    text = table(results, arguments)
    print(text)
    if arguments.write:
        into_docs(text, ROOT / "docs" / "tasks.md")
        if arguments.only is None:
            pictures(out, arguments)
    failed = any(v["verdict"] == "fail" for result in results for v in result.variants)
    return int(failed or any(result.wrong for result in results))


if __name__ == "__main__":
    sys.exit(main())
