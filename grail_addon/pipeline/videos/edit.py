# SPDX-License-Identifier: GPL-3.0-or-later
"""A prompt that a person wrote for one frame: checked and kept, so that step 4 sends it and nothing else."""

from __future__ import annotations

from ...core.clock import SystemClock
from ...core.errors import Problem, UserError
from ...core.layout import VideoId
from ...core.ledger.store import Ledger
from ...core.video.order import FrameOrder
from ...core.video.prompts import split_segments
from ...services.prompt_writer import keep_edited
from ..quote import ledger_of
from ..session import Session
from .frames import NotSent, order_of

_UNPAID = ("failed", "refused", "released", "expired")


def save_prompt(session: Session, vid: VideoId, text: str) -> None:
    """Keep `text` as the prompt of all clips of a frame. Raises UserError where the frame is not to be sent, was sent
    already, or the text does not fit its segments."""
    orders = [_order(session, vid, payee) for payee in ("kling", "sandbox")]
    marks = [order.fingerprint for order in orders]
    if not text.strip():
        raise UserError(Problem("The prompt is empty.", "Say what the person does."))
    path = ledger_of(session.request)
    if path.is_file():
        with Ledger(path, SystemClock()) as ledger:
            rows = [row for row in ledger.of_video(str(vid)) if row.fingerprint in marks]
        if any(row.state not in _UNPAID for row in rows):
            raise UserError(Problem(f"{vid} was sent already, with the prompt that it has."))
    paid, video = session.paid, session.request.config.video
    assert paid is not None  # a session without step 4 has no frames to send
    model = paid.models.models[paid.models.canonical(video.kling_model_name) or video.kling_model_name]
    segments = split_segments(text, video.num_video_segments)
    keep_edited(session.layout.prompt(vid), marks, segments, orders[0].clips, min(model.prompt_max.values()))


def _order(session: Session, vid: VideoId, payee: str) -> FrameOrder:
    order = order_of(session.request, session.layout, vid, payee)
    if isinstance(order, NotSent):
        raise UserError(Problem(f"{vid} is not sent: {order.reason}"))
    return order
