# SPDX-License-Identifier: GPL-3.0-or-later
"""How a request is to be carried out, beside what it describes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..services.secrets import always


@dataclass(frozen=True)
class RunOptions:
    """resume: fetch video tasks that were sent earlier, send none. retry_failed: buy again what the service refused,
    failed or removed. send_again: own ids of clips in doubt of which a person says that the service does not have them.
    send_failed: send frames to step 4 even if the gate failed them. verify: hash every file before it counts as up to date.
    in_window: the user sits at Blender's window, so what to do is said in its words. may_connect: asked before each
    request to a service, in any thread: whether the network may be used now."""

    resume: bool = False
    retry_failed: bool = False
    send_again: tuple[str, ...] = ()
    send_failed: bool = False
    verify: bool = False
    in_window: bool = False
    may_connect: Callable[[], bool] = always
