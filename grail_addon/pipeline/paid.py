# SPDX-License-Identifier: GPL-3.0-or-later
"""What the paid steps need beyond the configuration, and whether keys and options are in order before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..core.config.request import Request
from ..core.errors import InputError, Problem
from ..core.scale.priors import SizePriors
from ..core.tables import read_table
from ..core.video.prices import Cost, Prices
from ..core.video.prompts import split_segments
from ..core.video.request import ModelTable, check_options
from ..core.video.review import REVIEW_ATTEMPTS, REVIEW_TOKENS_IN
from ..services.secrets import OPENAI_URL, Secrets, load_secrets, missing_keys
from ..services.video_files import missing_library
from .options import RunOptions


@dataclass(frozen=True)
class PaidServices:
    """Keys of the services, what their models take, list prices, and plausible sizes."""

    secrets: Secrets
    models: ModelTable
    prices: Prices
    priors: SizePriors


def read_paid(request: Request, options: RunOptions, environ: Mapping[str, str] | None = None) -> PaidServices | None:
    """Keys and tables of the paid steps; None where the request has none. environ: holds the keys, by default the process's
    environment. Raises InputError for damaged files."""
    if request.config.skip_step2 and request.config.skip_step4:
        return None
    folder = request.project_root / "configs"
    return PaidServices(
        load_secrets(request.env_file, environ, options.may_connect),
        read_table(folder / "kling_models.yaml", ModelTable),
        read_table(folder / "prices.yaml", Prices),
        read_table(folder / "size_priors.yaml", SizePriors),
    )


def ledger_folder(request: Request) -> Path | None:
    """Where `farm.ledger` wants the ledger; None for the results folder."""
    text = request.config.farm.ledger
    return None if text is None else request.cwd / Path(text).expanduser()


def sends(request: Request) -> bool:
    """Whether the request talks to the video service."""
    return not (request.config.skip_step4 or request.config.video.model_api == "dry-run")


def refines(request: Request, options: RunOptions) -> bool:
    """Whether prompts are refined."""
    return sends(request) and not (options.resume or request.config.video.skip_prompt_refinement)


def key_problems(request: Request, options: RunOptions, secrets: Secrets) -> list[Problem]:
    """Each key that a run needs and that is not there, and what is wrong with the way to the services; where the network may
    not be used, that alone."""
    scale = request.config.scale
    purposes = {}
    probes = not (request.config.skip_step2 or options.resume)
    if probes and scale.evaluator == "openai" and scale.decide is None:
        purposes["the scale probe"] = "--skip_step2 or --set scale.evaluator=prior"
    if refines(request, options):
        purposes["refining prompts"] = "--set video.skip_prompt_refinement=true"
    if sends(request) and request.config.video.review_model is not None:
        purposes["looking at clips"] = "--set video.review_model=null"
    problems = missing_keys(secrets, sends(request), purposes, options.in_window)
    addresses = {"video.kling_host": request.config.video.kling_host} if sends(request) else {}
    if purposes:
        addresses[OPENAI_URL] = secrets.openai_base_url
    if not addresses:
        return problems
    from ..services.http import OFFLINE, network_problems

    if not options.may_connect():
        return [Problem(f"{OFFLINE}.")]
    return problems + network_problems(addresses)


def services_without_key(request: Request, options: RunOptions, secrets: Secrets) -> list[str]:
    """Which of "kling" and "openai" sending needs a key for that is not there."""
    has_kling = secrets.kling_api_key is not None or secrets.kling_pair is not None
    lacks = {"kling": sends(request) and not has_kling}
    lacks["openai"] = refines(request, options) and secrets.openai_api_key is None
    return [service for service, is_lacking in lacks.items() if is_lacking]


def option_problems(request: Request, paid: PaidServices) -> list[Problem]:
    """What is wrong with the section `video`: options that the model does not take, prompts, a price nobody knows."""
    if request.config.skip_step4:
        return []
    video = request.config.video
    end = request.config.rendering.render_start_end
    problems = missing_library() if sends(request) else []
    problems += check_options(paid.models, video.kling_model_name, video.kling_mode, int(video.duration), end)
    for prompt in video.base_prompt:
        try:
            split_segments(prompt, video.num_video_segments)
        except InputError as error:
            problems += error.problems
    if not problems and segment_cost(request, paid) is None:
        message = f"No price is known for {video.kling_model_name} {video.kling_mode}."
        problems.append(Problem(message, "Add it to configs/prices.yaml."))
    if sends(request) and review_cost(request, paid) is None:
        message = f"No price is known for {video.review_model}, which is to look at the clips."
        problems.append(Problem(message, "Add it to configs/prices.yaml.", key_path="video.review_model"))
    return problems


def review_cost(request: Request, paid: PaidServices) -> int | None:
    """The most that the vision model's look at one segment costs, micro-dollars; None where the price is not known."""
    model = request.config.video.review_model
    if model is None:
        return 0
    from ..services.vision import MAX_TOKENS

    each = paid.prices.answer(model, REVIEW_TOKENS_IN, MAX_TOKENS)
    return None if each is None else REVIEW_ATTEMPTS * each


def segment_cost(request: Request, paid: PaidServices) -> Cost | None:
    """List price of one segment of a clip; None where the table has none."""
    video = request.config.video
    model = paid.models.canonical(video.kling_model_name) or video.kling_model_name
    return paid.prices.clip(model, video.kling_mode, int(video.duration))
