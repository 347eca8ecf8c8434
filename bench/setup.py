# SPDX-License-Identifier: GPL-3.0-or-later
"""The run that the benchmarks measure: the drill on its table, from the project's own configuration."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grail_addon.core.config.find import Places
from grail_addon.core.config.load import load
from grail_addon.core.config.overrides import Override
from grail_addon.core.plan.items import ObjectJob
from grail_addon.drivers.blocking import drain
from grail_addon.pipeline.session import Session
from grail_addon.stage.workshop import StageWorkshop
from grail_addon.steps.effects import Steps

ROOT = Path(__file__).resolve().parents[1]


def plan(
    results: Path, keys: Mapping[str, Any], keep_open: bool = False, task: str = "manipulation"
) -> tuple[Session, ObjectJob]:
    """A session over one object, rendered on the CPU, and its job. keys: further keys of the configuration, with `category`
    another object than the drill; keep_open: the stage stays open, as it does in the window."""
    values = {
        "category": "cordless_drill",
        "results_dir": str(results),
        "skip_step4": True,
        "rendering.gpu": False,
        **keys,
    }
    overrides = [Override(key, value) for key, value in values.items()]
    session = Session(load(task, overrides, Places(ROOT, ROOT)), keep_open=keep_open)
    if not session.jobs.ready:
        raise SystemExit("\n".join(str(p) for _, problems in session.jobs.missing for p in problems))
    return session, session.jobs.ready[0]


def workshop(session: Session) -> StageWorkshop:
    """The session's real workshop."""
    assert isinstance(session.workshop, StageWorkshop)
    return session.workshop


def spent(who: int = resource.RUSAGE_SELF) -> float:
    """Processor seconds so far: what other work on the machine does not change."""
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def child(*arguments: str) -> tuple[float, float]:
    """Wall and processor seconds of `python -m bench...` as a process of its own, start and imports included."""
    start, before = time.perf_counter(), spent(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", *arguments], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start, spent(resource.RUSAGE_CHILDREN) - before


def timed(steps: Steps[Any]) -> float:
    """Seconds that `steps` take, answered at once."""
    start = time.perf_counter()
    drain(steps)
    return time.perf_counter() - start
