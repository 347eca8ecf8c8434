# SPDX-License-Identifier: GPL-3.0-or-later
"""What is checked and asked before money is spent: keys, options, the sum, and whether somebody agrees to it."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from ..core.clock import Clock
from ..core.config.request import Request
from ..core.errors import InputError, Problem
from ..core.layout import ResultsLayout, VideoId
from ..core.ledger.report import cost_text
from ..core.ledger.rows import ClipKey
from ..core.ledger.store import Ledger
from ..core.money import micro_usd, usd_text
from ..core.scale.priors import SizePriors
from ..core.tables import read_table
from ..core.video.prices import Cost, Prices
from ..core.video.prompts import split_segments
from ..core.video.request import ModelTable, check_options
from ..services.secrets import Secrets, load_secrets, missing_keys
from .videos.frames import NotSent, clips_of, order_of

_UNPAID = ("failed", "refused", "released", "expired")


@dataclass(frozen=True)
class Paid:
    """What the paid steps need beyond the configuration."""

    secrets: Secrets
    models: ModelTable
    prices: Prices
    priors: SizePriors


def prepare(request: Request) -> Paid | None:
    """Read keys and tables and check what the paid steps of this run need; None where it has none.

    Raises InputError with all that is wrong.
    """
    config = request.config
    for flag, given in (("estimate", request.estimate), ("resume", request.resume)):
        if given and config.skip_step4:
            raise InputError(Problem("is about videos, which `skip_step4` leaves out.", file=f"command line --{flag}"))
    if config.skip_step2 and config.skip_step4:
        return None
    folder = request.project_root / "configs"
    paid = Paid(
        load_secrets(request.env_file),
        read_table(folder / "kling_models.yaml", ModelTable),
        read_table(folder / "prices.yaml", Prices),
        read_table(folder / "size_priors.yaml", SizePriors),
    )
    problems = [] if request.dry_run else _key_problems(request, paid.secrets)
    if not request.config.skip_step4:
        problems += _option_problems(request, paid)
    if problems:
        raise InputError(problems)
    return paid


def sends(request: Request) -> bool:
    """Whether this run talks to the video service."""
    return not (request.config.skip_step4 or request.config.video.model_api == "dry-run" or request.estimate)


def refines(request: Request) -> bool:
    """Whether this run has prompts refined."""
    return sends(request) and not (request.resume or request.config.video.skip_prompt_refinement)


def _key_problems(request: Request, secrets: Secrets) -> list[Problem]:
    scale = request.config.scale
    purposes = {}
    probes = not (request.config.skip_step2 or request.resume or request.estimate)
    if probes and scale.evaluator == "openai" and scale.decide is None:
        purposes["the scale probe"] = "--skip_step2 or --set scale.evaluator=prior"
    if refines(request):
        purposes["refining prompts"] = "--set video.skip_prompt_refinement=true"
    return missing_keys(secrets, sends(request), purposes)


def _option_problems(request: Request, paid: Paid) -> list[Problem]:
    video = request.config.video
    end = request.config.rendering.render_start_end
    seconds = int(video.duration)
    problems = check_options(paid.models, video.kling_model_name, video.kling_mode, seconds, end)
    for prompt in video.base_prompt:
        try:
            split_segments(prompt, video.num_video_segments)
        except InputError as error:
            problems += error.problems
    if not problems and _segment_cost(request, paid) is None:
        problems.append(
            Problem(
                f"No price is known for {video.kling_model_name} {video.kling_mode}.", "Add it to configs/prices.yaml."
            )
        )
    return problems


def _segment_cost(request: Request, paid: Paid) -> Cost | None:
    video = request.config.video
    model = paid.models.canonical(video.kling_model_name) or video.kling_model_name
    return paid.prices.clip(model, video.kling_mode, int(video.duration))


@dataclass(frozen=True)
class Quote:
    """clips: of all frames that may be sent; bought: their segments that the ledger holds already; to_buy: the rest at
    list prices. unmade: frames that this run is to make, which count as if they pass; refused: frames not sent."""

    frames: int
    clips: int
    bought: int
    unmade: int
    refused: int
    to_buy: Cost


def quote(request: Request, paid: Paid, frames: Sequence[VideoId], clock: Clock) -> Quote:
    """The most that step 4 will spend by list prices. Frames that this run makes again count in full."""
    layout = ResultsLayout(request.results_dir)
    config = request.config
    renders = not (config.skip_step3 or request.resume)
    as_it_is = not renders or config.skip_done or request.estimate
    segments = config.video.num_video_segments
    clips = bought = unmade = refused = 0
    keys: list[ClipKey] = []
    for vid in frames:
        order = order_of(request, layout, vid, "kling")
        if isinstance(order, NotSent):
            if as_it_is if order.made else not renders:
                refused += 1
                continue
            unmade += 1
        elif as_it_is:
            keys += [
                ClipKey("kling", order.fingerprint, str(vid), clip, segment)
                for clip in range(order.clips)
                for segment in range(segments)
            ]
        clips += clips_of(request, vid)
    if layout.ledger.is_file():
        with Ledger(layout.ledger, clock) as ledger:
            rows = [ledger.latest(key) for key in keys]
        bought = sum(row is not None and row.state not in _UNPAID for row in rows)
    each = _segment_cost(request, paid)
    assert each is not None  # checked by `prepare`
    count = clips * segments - bought
    return Quote(len(frames), clips, bought, unmade, refused, Cost(each.units * count, each.micro_usd * count))


def quote_text(request: Request, paid: Paid, found: Quote, now: float) -> str:
    """The estimate as lines for people."""
    video = request.config.video
    today = datetime.datetime.fromtimestamp(now, datetime.UTC).date()
    units = f"{found.to_buy.units.normalize():f}"
    lines = [
        f"{found.clips} clips of {found.frames - found.refused} frames "
        f"({video.num_video_segments} x {video.duration} s each, {video.kling_model_name} {video.kling_mode})",
        f"{found.clips * video.num_video_segments - found.bought} segments to buy: {units} units, "
        f"{usd_text(found.to_buy.micro_usd)} at list prices of {paid.prices.date.isoformat()}",
    ]
    if found.bought:
        lines.append(f"{found.bought} segments are in the ledger already and cost nothing more")
    if found.unmade:
        lines.append(f"{found.unmade} frames are still to be made and count as if they pass")
    if found.refused:
        lines.append(f"{found.refused} frames are not sent (failed, rejected or changed)")
    if video.budget_usd is not None:
        lines.append(f"hard cap: {usd_text(micro_usd(video.budget_usd))} for this results folder")
    warning = paid.prices.age_warning(today)
    if warning is not None:
        lines.append(f"warning: {warning}")
    return "\n".join(lines) + "\n"


def agreed(request: Request, paid: Paid, found: Quote, now: float, answers: TextIO, out: TextIO) -> bool:
    """Whether the money may be spent: said on the command line, capped, or answered now on a terminal.

    Raises InputError where nobody is there to ask and no cap is set.
    """
    if not sends(request) or request.resume or request.yes or found.to_buy.micro_usd == 0:
        return True
    if answers.isatty():
        out.write(quote_text(request, paid, found, now))
        out.write(f"Spend up to {usd_text(found.to_buy.micro_usd)}? [y/N] ")
        out.flush()
        return answers.readline().strip().lower() in ("y", "yes")
    if request.config.video.budget_usd is not None:
        return True
    raise InputError(
        Problem(
            f"Step 4 may spend up to {usd_text(found.to_buy.micro_usd)}, and there is nobody to ask.",
            "Pass --yes or --budget USD, or do without videos: --skip_step4.",
        )
    )


def costs_text(results_dir: Path, clock: Clock) -> str:
    """What was spent on what, from the ledger of a results folder."""
    path = ResultsLayout(results_dir).ledger
    if not path.is_file():
        return cost_text(())
    with Ledger(path, clock) as ledger:
        return cost_text(ledger.entries())
