# SPDX-License-Identifier: GPL-3.0-or-later
"""Workers as child processes on this machine, with its cores and cards shared out among them."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

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


def default_workers(gpu: bool) -> int:
    """One for each card; without a card, one for each 4 cores, at least one."""
    return max(1, len(cards()) if gpu and cards() else len(cores()) // CORES_PER_WORKER)


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
