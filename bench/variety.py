# SPDX-License-Identifier: GPL-3.0-or-later
"""How far the places of one object's variants differ: mean pairwise distance of the frames' colour and edge histograms.

    python -m bench.variety OUT [--variants 30] [--size 320x180] [--samples 6] [--object mug] [--write]

Renders the same object with `scene_variety` off, low and high and prints a table; --write puts it and the contact sheet of
`high` into docs/. Distances are Hellinger's, 0 for equal histograms and 1 for such that share no bin.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .setup import ROOT
from .tasks import contact_sheet, into_docs

LEVELS = ("off", "low", "high")
BEGIN, END = "<!-- bench.variety -->", "<!-- end of bench.variety -->"
_COLORS, _ANGLES, _CELLS = 8, 9, 4

Histogram = NDArray[np.float64]


def color_histogram(rgb: NDArray[np.uint8]) -> Histogram:
    """Share of the pixels (H, W, 3) in each of 8 x 8 x 8 colours."""
    bins = (rgb.astype(np.int64) * _COLORS) // 256
    index = (bins[..., 0] * _COLORS + bins[..., 1]) * _COLORS + bins[..., 2]
    return np.bincount(index.ravel(), minlength=_COLORS**3) / index.size


def edge_histogram(rgb: NDArray[np.uint8]) -> Histogram:
    """Strength of the edges in 9 directions in each of 4 x 4 parts of the picture, as shares of all."""
    light = rgb.astype(np.float64) @ [0.2126, 0.7152, 0.0722]
    down, right = np.gradient(light)
    strength = np.hypot(right, down)
    angle = ((np.arctan2(down, right) % np.pi) / np.pi * _ANGLES).astype(np.int64) % _ANGLES
    rows = np.arange(light.shape[0]) * _CELLS // light.shape[0]
    columns = np.arange(light.shape[1]) * _CELLS // light.shape[1]
    cell = rows[:, None] * _CELLS + columns[None, :]
    found = np.bincount((cell * _ANGLES + angle).ravel(), strength.ravel(), _CELLS**2 * _ANGLES)
    return np.asarray(found / max(float(found.sum()), 1e-12))


def mean_distance(histograms: Sequence[Histogram]) -> float:
    """Mean Hellinger distance of all pairs."""
    roots = [np.sqrt(h) for h in histograms]
    return float(np.mean([np.linalg.norm(a - b) / np.sqrt(2) for a, b in combinations(roots, 2)]))


def frames(level: str, arguments: argparse.Namespace) -> list[Path]:
    """The pictures of all variants at a level; made where they are missing."""
    width, height = arguments.size.split("x")
    results = arguments.out.resolve() / level
    command = [
        sys.executable, str(ROOT / "run_batch.py"), "--", "--config", "pickup_table.yaml", "--category", arguments.object,
        "--results_dir", str(results), "--num_rand_scenes", str(arguments.variants), "--samples", str(arguments.samples),
        "--set", f"rendering.width={width}", "--set", f"rendering.height={height}",
        "--set", f"rendering.scene_variety={level}", "--skip_step4", "--skip_done",
    ]  # fmt: skip
    subprocess.run(command, check=True, cwd=ROOT)
    return sorted((results / "generation" / "asset_renders").rglob("*_rand*.png"))


def row(level: str, pictures: Sequence[Path]) -> tuple[float, float, str]:
    """Colour distance, edge distance, and the line of the table."""
    arrays = [np.asarray(Image.open(path).convert("RGB")) for path in pictures]
    colors, edges = (mean_distance([of(a) for a in arrays]) for of in (color_histogram, edge_histogram))
    return colors, edges, f"| {level} | {colors:.3f} | {edges:.3f} |"


def main(argv: Sequence[str] | None = None) -> int:
    """Render, measure, print; 1 where `high` does not differ more than `off`."""
    parser = argparse.ArgumentParser(prog="python -m bench.variety", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--variants", type=int, default=30)
    parser.add_argument("--samples", type=int, default=6)
    parser.add_argument("--size", default="320x180")
    parser.add_argument("--object", default="mug")
    parser.add_argument("--levels", nargs="+", choices=LEVELS, default=list(LEVELS))
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args(argv)
    found = {level: row(level, frames(level, arguments)) for level in arguments.levels}
    text = "\n".join(
        [
            f"`python -m bench.variety OUT`: mean distance between {arguments.variants} variants of the {arguments.object} at "
            f"{arguments.size}, {arguments.samples} samples (Hellinger: 0 = equal, 1 = nothing in common).",
            "",
            "| `scene_variety` | colours | edges |",
            "| --- | --- | --- |",
            *(line for _, _, line in found.values()),
        ]
    )
    print(text)
    if arguments.write:
        page = ROOT / "docs" / "tasks.md"
        into_docs(text, page, BEGIN, END)
        contact_sheet(frames("high", arguments), ROOT / "docs" / "pictures" / "variety.jpg", 6, (212, 120))
    return int("off" in found and "high" in found and min(found["high"][i] - found["off"][i] for i in (0, 1)) <= 0)


if __name__ == "__main__":
    sys.exit(main())
