# SPDX-License-Identifier: GPL-3.0-or-later
"""Workers as child processes on this machine, with its cores and cards shared out among them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from .crew_size import MEMORY_ON_A_CARD_MB, MOST_ON_A_CARD
from .link import Inbox, ProcessLink
from .machine import card_state, cards, cores

CORES_PER_WORKER = 4
"""Cycles uses many cores well, so more workers on the same cores gain only what is not rendering."""

CORES_BESIDE_A_CARD = 2
"""What a worker keeps busy while the card renders: one core sets up, one proves and writes."""

FEWEST_CORES = 2
"""Where it is measured, a worker may have as few cores as that."""


def worker_command(project_root: Path) -> list[str]:
    """The command line of a worker: this Python, or the Blender that it runs in."""
    script = str(project_root / "run_batch.py")
    running = sys.modules.get("bpy")
    blender = "" if running is None else str(running.app.binary_path)
    if blender:
        return [blender, "-b", "--python-exit-code", "1", "-P", script, "--", "--worker"]
    return [sys.executable, script, "--", "--worker"]


def report_command(worker: Sequence[str], results_dir: Path) -> list[str]:
    """The command line that builds the report alone. worker: of a worker."""
    return [*worker[:-1], "--report", "--results_dir", str(results_dir)]


def installed_command(is_online: bool) -> list[str]:
    """The command line of a worker of the installed extension, in the Blender that this process is."""
    mode = "--online-mode" if is_online else "--offline-mode"
    return [str(sys.modules["bpy"].app.binary_path), mode, "--command", "grail", "--worker"]


def share(things: Sequence[int], workers: int, slot: int) -> tuple[int, ...]:
    """The part of the cores that a slot gets: all are dealt out, at least one for each."""
    mine = tuple(things[slot % workers :: workers])
    return mine or (things[slot % len(things)],)


def fit_on(card: str) -> int:
    """How many workers have room on a card, at least one."""
    free = card_state(card).free_mb
    return 1 if free is None else min(max(int(free) // MEMORY_ON_A_CARD_MB, 1), MOST_ON_A_CARD)


def default_workers(gpu: bool) -> int:
    """As many as each card's free memory and the cores beside it can feed, at least one for each card; without a card,
    one for each 4 cores, at least one."""
    found = cards() if gpu else ()
    if not found:
        return max(1, len(cores()) // CORES_PER_WORKER)
    return max(len(found), min(sum(map(fit_on, found)), len(cores()) // CORES_BESIDE_A_CARD))


def workers_here(wanted: int | Literal["auto"], gpu: bool) -> int:
    """How many workers a run gets that wants so many, where nothing is measured."""
    return default_workers(gpu) if wanted == "auto" else wanted


def most_here(wanted: int | Literal["auto"], gpu: bool) -> int:
    """How many workers a run on this machine may have at most; where it is left to us, that is measured within it."""
    if wanted != "auto":
        return wanted
    found = cards() if gpu else ()
    return MOST_ON_A_CARD * len(found) if found else max(1, len(cores()) // FEWEST_CORES)


class LocalWorkers:
    """Starts the workers of a dealer. logs: folder for what they print besides their messages."""

    def __init__(self, command: Sequence[str], workers: int, logs: Path, gpu: bool) -> None:
        self._command, self._workers, self._logs = list(command), workers, logs
        self._cards = cards() if gpu else ()
        self._links: dict[int, ProcessLink] = {}

    def __call__(self, slot: int, inbox: Inbox) -> ProcessLink:
        env = {"CUDA_VISIBLE_DEVICES": self._cards[slot % len(self._cards)]} if self._cards else {}
        log = self._logs / f"worker-{slot}.log"
        link = ProcessLink(str(slot), self._command, inbox, log, env, self._cores_of(slot))
        self._links[slot] = link
        return link

    def _cores_of(self, slot: int) -> tuple[int, ...]:
        # on a card the processor only feeds it, and every worker may use all cores
        return () if self._cards else share(cores(), self._workers, slot)

    def spread(self, workers: int) -> None:
        """Share the cores out among so many workers from now on."""
        self._workers = workers
        for slot, link in self._links.items():
            link.use(self._cores_of(slot))
