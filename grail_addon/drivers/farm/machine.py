# SPDX-License-Identifier: GPL-3.0-or-later
"""What this machine has for workers: processor cores, memory, and its cards as the driver's own tool tells of them."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ASK_SECONDS = 10.0
"""Longest wait for an answer of the driver's tool."""

LOOK_SECONDS = 0.5
"""Between two looks at the cards."""


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


def free_mb() -> float | None:
    """Memory that is free for processes here, within the control group's limit; None where the system does not say."""
    found = []
    with suppress(OSError, ValueError, IndexError):
        lines = Path("/proc/meminfo").read_text().splitlines()
        found.append(int(next(line for line in lines if line.startswith("MemAvailable")).split()[1]) / 1024)
    with suppress(OSError, ValueError):
        group = Path("/sys/fs/cgroup")
        limit, used = (int((group / f"memory.{name}").read_text()) for name in ("max", "current"))
        found.append((limit - used) / 2**20)
    return min(found, default=None)


def used_here() -> dict[str, float]:
    """What this process has used so far: `cpu` seconds of all its threads and, where the system says, the most memory
    in `mb` that it has held."""
    found = {"cpu": time.process_time()}
    with suppress(ImportError):  # no such module on Windows
        import resource

        unit = 2**20 if sys.platform == "darwin" else 1024
        found["mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    return found


@dataclass(frozen=True)
class CardState:
    """A card now. busy: share of the time, 0 to 1, in which it worked lately; None: not told."""

    used_mb: float | None
    free_mb: float | None
    busy: float | None


def card_state(card: str) -> CardState:
    """What the driver says of a card; nothing known where it cannot be asked."""
    asked = "memory.used,memory.free,utilization.gpu"
    command = ["nvidia-smi", f"--id={card}", f"--query-gpu={asked}", "--format=csv,noheader,nounits"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=ASK_SECONDS, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return CardState(None, None, None)
    words = [word.strip() for word in said.strip().split(",")]
    numbers = [float(word) if word.isdecimal() else None for word in (*words, "", "", "")]
    return CardState(numbers[0], numbers[1], None if numbers[2] is None else numbers[2] / 100.0)


class CardWatch:
    """Looks at the cards again and again, in a thread, from `start` to `close`."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names, self._lock, self._end = tuple(names), threading.Lock(), threading.Event()
        self._looks: list[list[CardState]] = []
        self._first: list[CardState] = []
        self._is_started = False

    def start(self) -> None:
        """Begin; what is held on the cards now is not the workers'."""
        if self._names and not self._is_started:
            self._is_started = True
            threading.Thread(target=self._watch, daemon=True, name="cards").start()

    def _watch(self) -> None:
        while not self._end.is_set():
            look = [card_state(name) for name in self._names]
            with self._lock:
                self._first = self._first or look
                self._looks.append(look)
            self._end.wait(LOOK_SECONDS)

    def clear(self) -> None:
        """Forget all looks but the last."""
        with self._lock:
            del self._looks[:-1]

    def busy(self, workers: int) -> float | None:
        """Mean share of the time in which the cards of so many workers worked."""
        with self._lock:
            found = [card.busy for look in self._looks for card in look[:workers] if card.busy is not None]
        return sum(found) / len(found) if found else None

    def held_mb(self, workers: int) -> float | None:
        """The most that one of so many workers held on its card, as they are dealt out to the cards in turn."""
        with self._lock:
            looks = list(self._looks)
        on_card = [len(range(number, workers, len(self._names))) for number in range(len(self._names))]
        found = [
            (card.used_mb - first.used_mb) / number
            for look in looks
            for card, first, number in zip(look, self._first, on_card, strict=True)
            if number and card.used_mb is not None and first.used_mb is not None
        ]
        return max(found, default=None)

    def free_mb(self) -> tuple[float | None, ...]:
        """What was free on each card at the last look."""
        with self._lock:
            return tuple(card.free_mb for card in self._looks[-1]) if self._looks else (None,) * len(self._names)

    def close(self) -> None:
        """End the looks."""
        self._end.set()
