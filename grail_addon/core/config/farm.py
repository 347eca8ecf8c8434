# SPDX-License-Identifier: GPL-3.0-or-later
"""Section `farm`: one request done by several workers at the same time."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from .base import Section, key

Workers = Annotated[int, Field(ge=1, le=4096)]


class FarmConfig(Section):
    """Workers and where they run."""

    engine: Literal["none", "local"] = key(
        "none", "`none`: this process makes everything; `local`: worker processes on this machine."
    )
    workers: Workers | Literal["auto"] = key(
        "auto", "Workers at the same time; `auto`: one for each GPU, or for 4 processor cores where there is none."
    )
    tries: int = key(
        3, "How often work is dealt whose worker died. An item that fails is not tried again.", ge=1, le=100
    )
