# SPDX-License-Identifier: GPL-3.0-or-later
"""Ctrl-C during one long call into C, as a render is: noticed at once, obeyed after a grace or at the second time.

A child process does the waiting; it would sit there for ten minutes if nothing ended it.
"""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from grail_addon.cli.interrupt import Interrupt
from tests.cli.children import child_of, rest_of
from tests.waiting import until

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals as POSIX sends them")

CHILD = """
import select, sys, threading
from grail_addon.cli import interrupt, leave

interrupt.GRACE_SECONDS = float(sys.argv[1])
say = lambda text: print(text, flush=True)
heard = threading.Event()
watch = interrupt.Interrupt(lambda: (say("asked"), heard.set()), lambda: (say("gave up"), leave.end_process(130)))
with watch:
    say("ready")
    {body}
"""
# select goes on waiting after a signal as long as the handler does not raise (PEP 475)
STUCK = "select.select([], [], [], 600); say('woke up')"
FINISHES = "heard.wait(600); say(watch.asked.is_set() and 'finished')\nsay('left')\nsys.exit(7)"


def child(body: str, grace: float) -> AbstractContextManager[subprocess.Popen[str]]:
    return child_of(CHILD.replace("{body}", body), str(grace), says="ready")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stuck_work_is_left_after_the_grace(number: signal.Signals) -> None:
    with child(STUCK, grace=0.2) as process:
        process.send_signal(number)
        assert rest_of(process) == ["asked", "gave up"] and process.returncode == 130


def test_the_second_time_does_not_wait_for_the_grace() -> None:
    with child(STUCK, grace=500) as process:
        process.send_signal(signal.SIGINT)
        assert process.stdout is not None and process.stdout.readline() == "asked\n"
        assert process.poll() is None, "the item at hand has its grace"
        process.send_signal(signal.SIGINT)
        assert rest_of(process) == ["gave up"] and process.returncode == 130


def test_work_that_ends_within_the_grace_ends_as_it_likes() -> None:
    with child(FINISHES, grace=500) as process:
        process.send_signal(signal.SIGINT)
        assert rest_of(process) == ["asked", "finished", "left"] and process.returncode == 7


def open_files() -> int:
    """Of this process; 0 where the system does not tell."""
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.is_dir() else 0


def test_afterwards_signals_are_as_before() -> None:
    heard: list[int] = []
    old = signal.signal(signal.SIGINT, lambda number, _: heard.append(number))
    descriptors = open_files()
    try:
        for _ in range(5):
            with Interrupt(lambda: heard.append(-1), lambda: heard.append(-2)) as watch:
                assert signal.getsignal(signal.SIGINT) is not old
        signal.raise_signal(signal.SIGINT)
        until(lambda: heard, "the signal")
        assert heard == [signal.SIGINT] and not watch.asked.is_set()
        if descriptors:
            until(lambda: open_files() == descriptors, "the end of its socket pairs")
    finally:
        signal.signal(signal.SIGINT, old)


def test_without_a_signal_nothing_is_called() -> None:
    called: list[str] = []
    with Interrupt(lambda: called.append("ask"), lambda: called.append("give up")) as watch:
        pass
    assert not called and not watch.asked.is_set()
