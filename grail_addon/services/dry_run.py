# SPDX-License-Identifier: GPL-3.0-or-later
"""`--video_model_api dry-run`: writes the exact requests and their cost; sends nothing and needs no key."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..core.errors import InputError, Problem
from ..core.files import write_json
from ..core.ledger import external_id
from ..core.prices import FREE, Cost, Prices
from ..core.video_request import Generation, ModelTable, VideoRequest, check_request, image_facts
from .kling.wire import create_call, image_hashes
from .video_desk import ClipPlan


def write_requests(
    plan: ClipPlan, generation: Generation, models: ModelTable, prices: Prices, host: str, folder: Path
) -> tuple[list[Path], Cost]:
    """One JSON file per segment: method, address, body with `sha256:...` in place of picture bytes, cost.

    Raises InputError with every problem that the service would refuse.
    """
    files, total = [], FREE
    for number, prompt in enumerate(plan.prompts):
        request = _request(plan, number, prompt, models)
        problems = check_request(models, generation, request)
        cost = prices.clip(request.model, request.mode, request.duration)
        if cost is None:
            problems.append(Problem(f"No price is known for {request.model} {request.mode}."))
        if problems or cost is None:
            raise InputError(problems)
        own = external_id(plan.key("kling", number), 1)
        frame, tail = image_hashes(request)
        if number > 0:
            frame = "the last frame of the segment before"
        path, body = create_call(models, generation, request, own, (frame, tail))
        file = folder / f"{plan.output.stem}_segment{number}.json"
        write_json(
            file,
            {
                "dry_run": True, "generation": generation, "method": "POST", "url": host.rstrip("/") + path, "body": body,
                "cost": {"units": str(cost.units), "usd": cost.micro_usd / 1e6, "prices_of": prices.date.isoformat()},
            },
        )  # fmt: skip
        files.append(file)
        total += cost
    return files, total


def _request(plan: ClipPlan, number: int, prompt: str, models: ModelTable) -> VideoRequest:
    tail_path = plan.tail_of(number)
    pictures = [image_facts(path) for path in (plan.frame, tail_path) if path is not None]
    problems = [picture for picture in pictures if isinstance(picture, Problem)]
    facts = [picture for picture in pictures if not isinstance(picture, Problem)]
    if problems:
        raise InputError(problems)
    model = models.canonical(plan.model) or plan.model
    return VideoRequest(model, plan.mode, plan.duration, prompt, facts[0], facts[1] if len(facts) > 1 else None)


def estimate(plans: Sequence[ClipPlan], models: ModelTable, prices: Prices) -> Cost:
    """Cost of clips by the price table. Raises InputError where the table has no price."""
    total = FREE
    for plan in plans:
        cost = prices.clip(models.canonical(plan.model) or plan.model, plan.mode, plan.duration)
        if cost is None:
            raise InputError(Problem(f"No price is known for {plan.model} {plan.mode}.", "Add it to configs/prices.yaml."))
        for _ in plan.prompts:
            total += cost
    return total
