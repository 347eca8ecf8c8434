# SPDX-License-Identifier: GPL-3.0-or-later
"""Money on the command line: the quote as lines for people, and the question whether it may be spent."""

from __future__ import annotations

import datetime
from typing import TextIO

from ..core.clock import Clock
from ..core.errors import InputError, Problem
from ..core.money import micro_usd, usd_text
from ..pipeline.paid import sends
from ..pipeline.quote import Quote
from ..pipeline.session import Session


def quote_text(session: Session, found: Quote, clock: Clock) -> str:
    """The estimate as lines for people."""
    video = session.request.config.video
    assert session.paid is not None  # or there were no quote
    today = datetime.datetime.fromtimestamp(clock.time(), datetime.UTC).date()
    units = f"{found.to_buy.units.normalize():f}"
    lines = [
        f"{found.clips} clips of {found.frames - found.refused} frames "
        f"({video.num_video_segments} x {video.duration} s each, {video.kling_model_name} {video.kling_mode})",
        f"{found.clips * video.num_video_segments - found.bought} segments to buy: {units} units, "
        f"{usd_text(found.to_buy.micro_usd)} at list prices of {session.paid.prices.date.isoformat()}",
    ]
    if found.review:
        lines.append(
            f"{video.review_model} looks at six frames of each: at most {usd_text(found.review)}, outside the cap"
        )
    if found.bought:
        lines.append(f"{found.bought} segments are in the ledger already and cost nothing more")
    if found.unmade:
        lines.append(f"{found.unmade} frames are still to be made and count as if they pass")
    if found.refused:
        lines.append(f"{found.refused} frames are not sent (failed, rejected or changed)")
    if video.budget_usd is not None:
        lines.append(f"hard cap: {usd_text(micro_usd(video.budget_usd))} for this results folder")
    warning = session.paid.prices.age_warning(today)
    if warning is not None:
        lines.append(f"warning: {warning}")
    return "\n".join(lines) + "\n"


def agreed(session: Session, yes: bool, clock: Clock, answers: TextIO, out: TextIO) -> bool:
    """Whether the money may be spent: said on the command line (`yes`), capped, or answered now on a terminal.

    Raises InputError where nobody is there to ask and no cap is set.
    """
    found = session.quote()
    if found is None or found.most == 0 or yes:
        return True
    if not sends(session.request) or session.options.resume:
        return True
    if answers.isatty():
        out.write(quote_text(session, found, clock))
        out.write(f"Spend up to {usd_text(found.most)}? [y/N] ")
        out.flush()
        return answers.readline().strip().lower() in ("y", "yes")
    if session.request.config.video.budget_usd is not None:
        return True
    raise InputError(
        Problem(
            f"Step 4 may spend up to {usd_text(found.most)}, and there is nobody to ask.",
            "Pass --yes or --budget USD, or do without videos: --skip_step4.",
        )
    )
