# SPDX-License-Identifier: GPL-3.0-or-later
"""`--worker`: this process takes units of work from its standard input; see `drivers.farm.worker`."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Mapping
from typing import Any

from ..core.clock import SystemClock
from ..core.files import remove_own_temps
from ..drivers.blocking import Cancelled
from ..drivers.farm.worker import Worker, messages_of
from .interrupt import Interrupt
from .leave import end_process

DONE, INTERRUPTED = 0, 130
GRACE_SECONDS = 1.2
"""Less than that of who deals: it waits for its workers, and asks them half a second late at most."""


def work() -> int:
    """Do what comes in on standard input until it says `close`; returns the exit code."""
    if hasattr(signal, "pthread_sigmask"):
        # an engine may start its children with these blocked, and then nobody could stop them
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what Blender prints must not get between the messages

    def say(message: Mapping[str, Any]) -> None:
        out.write(json.dumps(message) + "\n")
        out.flush()

    def give_up() -> None:
        remove_own_temps()
        end_process(INTERRUPTED)

    with Interrupt(lambda: None, give_up, code=INTERRUPTED, grace=GRACE_SECONDS) as interrupt:
        worker = Worker(say, SystemClock(), interrupt.asked.is_set, before_long=interrupt.before_long)
        try:
            worker.work(messages_of(sys.stdin.buffer, interrupt.ask))
        except Cancelled:
            say({"say": "stopped"})
            return INTERRUPTED
        except BrokenPipeError:
            return INTERRUPTED  # the dealer is gone
    return DONE
