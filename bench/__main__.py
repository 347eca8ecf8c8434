# SPDX-License-Identifier: GPL-3.0-or-later
"""All benchmarks, one after another, and the tables of docs/performance.md.

    python -m bench [--out build/bench] [--quick] [--write]

--quick: smaller frames and fewer of them. --write: put the tables into docs/performance.md. Where there is an NVIDIA card
`bench.gpu` follows, with the same ratios for the card.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from .setup import ROOT
from .table import performance


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "bench")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    out = arguments.out.resolve()
    size = ["--width", "640", "--height", "360"] if arguments.quick else []
    fewer = ["--variants", "2", "--memory_variants", "5", "--reference", "128"] if arguments.quick else []
    frames = ["bench.frames", str(out), *size, *fewer]
    parts = ["bench.parts", str(out), *size]
    for part in (frames, parts, *([f"bench.{name}", str(out)] for name in ("probe", "quality", "ticks"))):
        subprocess.run([sys.executable, "-m", *part], check=True, cwd=ROOT)
    text = performance(out)
    print(text)
    if shutil.which("nvidia-smi"):  # a page of its own: other machines have no such card
        subprocess.run([sys.executable, "-m", "bench.gpu", str(out / "gpu")], check=True, cwd=ROOT)
    if arguments.write:
        (ROOT / "docs" / "performance.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
