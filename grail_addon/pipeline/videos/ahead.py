# SPDX-License-Identifier: GPL-3.0-or-later
"""The prompts of frames written before anything is bought, so that a person can read and change them; step 4 then sends
them as they are."""

from __future__ import annotations

from functools import partial

from ...core.clock import SystemClock
from ...core.errors import Problem, UserError
from ...core.video.order import FrameOrder
from ...core.video.request import choose_generation
from ...steps.effects import Steps, offload
from ..session import Session
from .frames import NotSent, order_of
from .prompts import Prompter


def write_prompts_ahead(session: Session) -> Steps[int]:
    """Write the prompts of the frames that may be sent; those that are written stay. How many frames have theirs then.

    Raise InputError for what `Session.check` looks at."""
    yield from offload(session.check, "planning")
    paid, request = session.paid, session.request
    assert paid is not None  # `check` wants step 4
    secrets, video = paid.secrets, request.config.video
    generation = choose_generation(
        paid.models, video.kling_model_name, secrets.kling_api_key is not None, secrets.kling_pair is not None
    )
    if isinstance(generation, Problem):
        raise UserError(generation)
    orders: dict[str, FrameOrder] = {}
    also: dict[str, str] = {}
    for vid in (yield from offload(lambda: session.frames, "planning")):
        order = yield from offload(partial(order_of, request, session.layout, vid, "kling"), "hashing")
        tried = yield from offload(partial(order_of, request, session.layout, vid, "sandbox"), "hashing")
        if not isinstance(order, NotSent) and not isinstance(tried, NotSent):
            orders[str(vid)], also[str(vid)] = order, tried.fingerprint
    prompter = Prompter(request, session.options, paid, generation, SystemClock(), also)
    yield from prompter.write(orders)
    return len(prompter.prompts)
