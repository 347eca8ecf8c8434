# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of the small project in this process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from grail_addon.core.files import read_json
from grail_addon.steps.events import Event

ROOT = Path(__file__).resolve().parents[2]


def run(argv: list[str]) -> list[Event]:
    """Drain a run of the command line `argv`; its events."""
    from grail_addon.core.clock import SystemClock
    from grail_addon.core.config.load import load
    from grail_addon.core.layout import ResultsLayout
    from grail_addon.core.plan.assets import AssetRoot
    from grail_addon.core.plan.items import caching_hasher
    from grail_addon.pipeline.jobs import make_jobs
    from grail_addon.pipeline.run import Run
    from grail_addon.stage.workshop import StageWorkshop

    request = load(argv, Path.cwd(), ROOT)
    layout, clock = ResultsLayout(request.results_dir), SystemClock()
    jobs = make_jobs(request, [AssetRoot(path) for path in request.data_dirs], caching_hasher())
    shop = StageWorkshop(request.config, layout, clock, Path("textures"))
    return list(Run(request.config, layout, jobs, shop, clock).events())


def manifest(results: Path, name: str) -> dict[str, Any]:
    """Frame manifest by the last part of its video id."""
    (path,) = (results / "generation" / "manifests").rglob(f"{name}.json")
    data: dict[str, Any] = read_json(path)
    return data


def failures(events: list[Event]) -> list[str]:
    return [e.message for e in events if e.kind == "fail"]
