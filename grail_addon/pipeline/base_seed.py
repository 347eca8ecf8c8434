# SPDX-License-Identifier: GPL-3.0-or-later
"""`rendering.no_rand_seed`: a results folder gets a base seed that nobody chose, and keeps it.

The first run draws it and writes it into the folder; later runs, shards and workers there take that one, so what is
there stays up to date. `--seed` with the same number repeats a run in another folder.
"""

from __future__ import annotations

import secrets
from dataclasses import replace

from ..core.config.request import Request
from ..core.errors import Problem, UserError
from ..core.files import json_text, read_json, write_first
from ..core.layout import ResultsLayout

_BELOW = 2**31


def with_base_seed(request: Request) -> Request:
    """The request with the base seed of its results folder where its configuration leaves that open.

    Left open: `no_rand_seed: true` and no `seed` given anywhere. A folder with frames and no seed of its own was made
    with the configured one, and keeps that.
    """
    if not request.config.rendering.no_rand_seed or request.sources["seed"].kind != "default":
        return request
    layout = ResultsLayout(request.results_dir)
    known = _recorded(layout)
    if known is None and any(layout.generation.glob("manifests/*/*/*_*.json")):
        return request
    return _with(request, secrets.randbelow(_BELOW) if known is None else known)


def keep_base_seed(request: Request, drawn: Request) -> Request:
    """Write down the seed of `drawn`, which is `with_base_seed(request)`; the request with the one that holds: another
    run may have been the first."""
    layout = ResultsLayout(request.results_dir)
    if drawn.config.seed == request.config.seed or _recorded(layout) == drawn.config.seed:
        return drawn
    write_first(layout.base_seed, json_text({"seed": drawn.config.seed}).encode("utf-8"))
    holds = _recorded(layout)
    return drawn if holds is None else _with(request, holds)


def _recorded(layout: ResultsLayout) -> int | None:
    try:
        seed = read_json(layout.base_seed)["seed"]
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        seed = None
    if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
        message = "this file should hold the base seed of the results, and does not."
        raise UserError(Problem(message, "Delete it, or give the seed with --seed.", file=str(layout.base_seed)))
    return seed


def _with(request: Request, seed: int) -> Request:
    return replace(request, config=request.config.model_copy(update={"seed": seed}))
