# SPDX-License-Identifier: GPL-3.0-or-later
"""The batch scripts that SLURM is given: of the tasks, and of the report behind them."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from ...core.config.farm import FarmConfig


def task_script(farm: FarmConfig, command: Sequence[str], folder: Path) -> str:
    """The batch script of all tasks."""
    slurm = farm.slurm
    options = {
        "job-name": "grail",
        "output": f"{folder}/log-%A_%a.txt",
        "open-mode": "append",
        "requeue": None,
        "time": slurm.time,
        "cpus-per-task": str(slurm.cpus),
        "mem": f"{slurm.mem_gb}G",
        "partition": slurm.partition,
        "account": slurm.account,
        "gres": slurm.gres,
        "signal": "INT@60",
    }
    lines = _head(options, slurm.extra, slurm.setup)
    quoted = shlex.join(str(part) for part in command)
    units, events = (shlex.quote(f"{folder}/{name}-") + "$SLURM_ARRAY_TASK_ID.jsonl" for name in ("units", "events"))
    # exec: so that SLURM's signals reach the worker; the line break ends what a killed task left unfinished
    lines += [f"echo >> {events}", f"exec {quoted} < {units} >> {events}"]
    return "\n".join(lines) + "\n"


def report_script(farm: FarmConfig, command: Sequence[str], folder: Path) -> str:
    """The batch script of the report: one core without a card, so none of the options that tasks have beside these."""
    options = {
        "job-name": "grail-report",
        "output": f"{folder}/report-%j.txt",
        "time": "02:00:00",
        "cpus-per-task": "1",
        "mem": "2G",
        "partition": farm.slurm.partition,
        "account": farm.slurm.account,
    }
    lines = [*_head(options, (), farm.slurm.setup), f"exec {shlex.join(map(str, command))}"]
    return "\n".join(lines) + "\n"


def _head(options: Mapping[str, str | None], extra: Sequence[str], setup: Sequence[str]) -> list[str]:
    given = [f"--{name}" if value is None else f"--{name}={value}" for name, value in options.items() if value != ""]
    return ["#!/bin/bash", *(f"#SBATCH {option}" for option in [*given, *extra]), *setup]
