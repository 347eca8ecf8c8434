# SPDX-License-Identifier: GPL-3.0-or-later
"""The run that the benchmarks measure: the drill on its table, from the project's own configuration."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from pathlib import Path

from grail_addon.cli.main import starter_roots
from grail_addon.core.clock import SystemClock
from grail_addon.core.config.load import load
from grail_addon.core.config.run import RunConfig
from grail_addon.core.layout import ResultsLayout
from grail_addon.core.plan.assets import AssetRoot
from grail_addon.core.plan.items import ObjectJob, caching_hasher
from grail_addon.pipeline.jobs import make_jobs
from grail_addon.stage.versions import blender_series
from grail_addon.stage.workshop import StageWorkshop

ROOT = Path(__file__).resolve().parents[1]


def plan(results: Path, *flags: str) -> tuple[RunConfig, ResultsLayout, ObjectJob]:
    """Configuration, layout and job of the drill with further command line flags."""
    argv = [
        "--config",
        "manipulation.yaml",
        "--category",
        "cordless_drill",
        "--results_dir",
        str(results),
        "--skip_step4",
        *flags,
    ]
    request = load(argv, ROOT, ROOT)
    roots = [AssetRoot(path) for path in request.data_dirs] + starter_roots(ROOT, blender_series())
    jobs = make_jobs(request, roots, caching_hasher())
    if not jobs.ready:
        raise SystemExit("\n".join(str(p) for _, problems in jobs.missing for p in problems))
    return request.config, ResultsLayout(request.results_dir), jobs.ready[0]


def workshop(config: RunConfig, layout: ResultsLayout) -> StageWorkshop:
    """The real workshop on the machine's own clock."""
    return StageWorkshop(config, layout, SystemClock(), ROOT / "data" / "characters")


def spent(who: int = resource.RUSAGE_SELF) -> float:
    """Processor seconds so far: what other work on the machine does not change."""
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def child(*arguments: str) -> tuple[float, float]:
    """Wall and processor seconds of `python -m bench...` as a process of its own, start and imports included."""
    start, before = time.perf_counter(), spent(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", *arguments], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start, spent(resource.RUSAGE_CHILDREN) - before
