# SPDX-License-Identifier: GPL-3.0-or-later
"""Section `scale`: how step 2 finds the scale of an object by asking a vision model."""

from __future__ import annotations

from typing import Literal

from .base import Scale3, Section, key


class ScaleConfig(Section):
    """Scale probe."""

    max_iterations: int = key(
        5, "Most questions asked about one object (expansion and bisection together).", ge=1, le=50
    )
    min_obj_volume: float = key(
        0.0,
        "Smallest volume of the scaled object's bounding box; a smaller result is enlarged to it. 0 = no limit.",
        "m^3",
        ge=0,
        le=1e9,
    )
    scale_evaluation_system_message: str | None = key(
        None, "Instruction to the vision model that replaces the built-in one.", min_length=1
    )
    evaluator: Literal["openai", "prior"] = key(
        "openai", "Who judges: a vision model (`openai`), or the offline table of plausible sizes (`prior`)."
    )
    decide: Scale3 | None = key(
        None, "A person's decision: this scale is taken and recorded, and nobody is asked. A number or [x, y, z]."
    )
    model: str = key("gpt-5.5", "Vision model that is asked.", min_length=1)
    image_detail: Literal["low", "high", "original", "auto"] = key(
        "high", "Detail at which the vision model looks at the picture."
    )
