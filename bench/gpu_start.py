# SPDX-License-Identifier: GPL-3.0-or-later
"""Seconds from the start of the command to the start of its first render, as a run of the command line would have it.

    python -m bench.gpu_start OUT BEGAN [--width 1280 --height 720 --gpu]

BEGAN: time at which this process was started, seconds since 1970.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from run_batch import LIBRARIES, ROOT


def main() -> None:
    """Write OUT/start.json."""
    parser = argparse.ArgumentParser(prog="python -m bench.gpu_start", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("began", type=float)
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--height", type=int, default=720)
    parser.add_argument("--gpu", action="store_true")
    asked = parser.parse_args()
    out = asked.out.resolve()
    times = {"python_s": time.time() - asked.began}

    from grail_addon.cli.main import Session, drain, read_command_line
    from grail_addon.core.files import write_json
    from grail_addon.steps.effects import Render

    assert ROOT and LIBRARIES
    argv = [
        "--config", "manipulation", "--category", "cordless_drill", "--results_dir", str(out / "run"), "--skip_step4",
        "--num_rand_scenes", "1", "--set", f"rendering.width={asked.width}", "--set", f"rendering.height={asked.height}",
        *([] if asked.gpu else ["--no_gpu"]),
    ]  # fmt: skip
    times["imports_s"] = time.time() - asked.began
    request, options = read_command_line(argv, Path.cwd(), ROOT)
    session = Session(request, options.run)
    assert session.jobs.ready
    times["plan_s"] = time.time() - asked.began

    def first(_: Render) -> None:
        times["first_render_s"] = time.time() - asked.began
        times["cpu_s"] = time.process_time()
        write_json(out / "start.json", times)
        sys.stdout.flush()
        os._exit(0)

    drain(session.run(), render=first)
    raise SystemExit("no picture was rendered")


if __name__ == "__main__":
    main()
