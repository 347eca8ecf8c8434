# SPDX-License-Identifier: GPL-3.0-or-later
"""Workers as child processes on this machine, with its cores and cards shared out among them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from .link import Inbox, ProcessLink


def worker_command(project_root: Path) -> list[str]:
    """The command line of a worker: this Python, or the Blender that it runs in."""
    script = str(project_root / "run_batch.py")
    running = sys.modules.get("bpy")
    blender = "" if running is None else str(running.app.binary_path)
    if blender:
        return [blender, "-b", "--python-exit-code", "1", "-P", script, "--", "--worker"]
    return [sys.executable, script, "--", "--worker"]


def installed_command(is_online: bool) -> list[str]:
    """The command line of a worker of the installed extension, in the Blender that this process is."""
    mode = "--online-mode" if is_online else "--offline-mode"
    return [str(sys.modules["bpy"].app.binary_path), mode, "--command", "grail", "--worker"]


def cards() -> tuple[str, ...]:
    """Names of the GPUs that this process may use, as CUDA_VISIBLE_DEVICES has them."""
    given = os.environ.get("CUDA_VISIBLE_DEVICES")
    if given is not None:
        return tuple(part.strip() for part in given.split(",") if part.strip() not in ("", "-1"))
    found = [p.name.removeprefix("nvidia") for p in Path("/dev").glob("nvidia[0-9]*")] if os.name != "nt" else []
    return tuple(str(number) for number in range(len(found)))


def cores() -> tuple[int, ...]:
    """The processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return tuple(sorted(os.sched_getaffinity(0)))
    return tuple(range(os.cpu_count() or 1))


def share(things: Sequence[int], workers: int, slot: int) -> tuple[int, ...]:
    """The part of the cores that a slot gets: all are dealt out, at least one for each."""
    mine = tuple(things[slot % workers :: workers])
    return mine or (things[slot % len(things)],)


CORES_PER_WORKER = 4
"""Cycles uses many cores well, so more workers on the same cores gain only what is not rendering."""
CORES_BESIDE_A_CARD = 2
"""What a worker keeps busy while the card renders: one core sets up, one proves and writes."""
MEMORY_ON_A_CARD_MB = 4300
"""Measured on an H100 with the starter room, docs/performance.md."""
MOST_ON_A_CARD = 8
ASK_SECONDS = 10.0


def free_memory(card: str) -> int | None:
    """Megabytes that are free on a card, as its driver says; None where it cannot be asked."""
    ask = ["nvidia-smi", f"--id={card}", "--query-gpu=memory.free", "--format=csv,noheader,nounits"]
    try:
        said = subprocess.run(ask, capture_output=True, text=True, timeout=ASK_SECONDS, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return None
    return int(said) if said.isdecimal() else None


def fit_on(card: str) -> int:
    """How many workers have room on a card, at least one."""
    free = free_memory(card)
    return 1 if free is None else min(max(free // MEMORY_ON_A_CARD_MB, 1), MOST_ON_A_CARD)


def default_workers(gpu: bool) -> int:
    """As many as each card's free memory and the cores beside it can feed, at least one for each card; without a card,
    one for each 4 cores, at least one."""
    found = cards() if gpu else ()
    if not found:
        return max(1, len(cores()) // CORES_PER_WORKER)
    return max(len(found), min(sum(map(fit_on, found)), len(cores()) // CORES_BESIDE_A_CARD))


def workers_here(wanted: int | Literal["auto"], gpu: bool) -> int:
    """How many workers a run gets that wants so many on this machine."""
    return default_workers(gpu) if wanted == "auto" else wanted


class LocalWorkers:
    """Starts the workers of a dealer. logs: folder for what they print besides their messages."""

    def __init__(self, command: Sequence[str], workers: int, logs: Path, gpu: bool) -> None:
        self._command, self._workers, self._logs = list(command), workers, logs
        self._cards = cards() if gpu else ()

    def __call__(self, slot: int, inbox: Inbox) -> ProcessLink:
        env = {"CUDA_VISIBLE_DEVICES": self._cards[slot % len(self._cards)]} if self._cards else {}
        # on a card the processor only feeds it, and every worker may use all cores
        mine = () if self._cards else share(cores(), self._workers, slot)
        log = self._logs / f"worker-{slot}.log"
        return ProcessLink(str(slot), self._command, inbox, log, env, mine)
