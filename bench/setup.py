# SPDX-License-Identifier: GPL-3.0-or-later
"""The run that the benchmarks measure: the drill on its table, from the project's own configuration."""

from __future__ import annotations

from pathlib import Path

from grail_addon.batch.cli import starter_roots
from grail_addon.batch.jobs import make_jobs
from grail_addon.core.assets import AssetRoot
from grail_addon.core.clock import SystemClock
from grail_addon.core.config.load import load
from grail_addon.core.config.run import RunConfig
from grail_addon.core.layout import ResultsLayout
from grail_addon.core.plan import ObjectJob, caching_hasher
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
