# SPDX-License-Identifier: GPL-3.0-or-later
"""`--video_model_api dry-run`: writes the exact requests and their cost; sends nothing and needs no key."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..core.errors import InputError, Problem
from ..core.files import write_json
from ..core.ledger.rows import external_id
from ..core.video.prices import FREE, Cost, Prices
from ..core.video.request import Generation, ModelTable
from .kling.wire import create_call, image_hashes
from .purchase import ClipPlan, segment_request


def write_requests(
    plan: ClipPlan, generation: Generation, models: ModelTable, prices: Prices, host: str, folder: Path
) -> tuple[list[Path], Cost]:
    """One JSON file per segment: method, address, body with `sha256:...` in place of picture bytes, cost.

    Raises InputError with every problem that the service would refuse.
    """
    files, total = [], FREE
    for number in range(len(plan.prompts)):
        request = segment_request(plan, number, plan.frame, models, generation)
        cost = _price(prices, request.model, request.mode, request.duration)
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


def _price(prices: Prices, model: str, mode: str, seconds: int) -> Cost:
    cost = prices.clip(model, mode, seconds)
    if cost is None:
        raise InputError(Problem(f"No price is known for {model} {mode}.", "Add it to configs/prices.yaml."))
    return cost


def estimate(plans: Sequence[ClipPlan], models: ModelTable, prices: Prices) -> Cost:
    """Cost of clips by the price table. Raises InputError where the table has no price."""
    total = FREE
    for plan in plans:
        cost = _price(prices, models.canonical(plan.model) or plan.model, plan.mode, plan.duration)
        for _ in plan.prompts:
            total += cost
    return total
