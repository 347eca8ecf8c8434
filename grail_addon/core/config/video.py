# SPDX-License-Identifier: GPL-3.0-or-later
"""Section `video`: prompt refinement and image-to-video (step 4)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, Strict

from .base import Says, Section, Text, key, one_or_many


def _seconds_text(value: object) -> object:
    # the API wants a string; people write either
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value


Duration = Annotated[
    str,
    BeforeValidator(_seconds_text),
    Field(pattern=r"^([3-9]|1[0-5])$"),
    Says('whole seconds from 3 to 15, such as "5"'),
]
Prompts = Annotated[
    tuple[Text, ...],
    Strict(False),
    BeforeValidator(one_or_many),
    Field(min_length=1),
    Says("a text, or a list of texts"),
]
Host = Annotated[str, Field(pattern=r"^https?://[^\s/]+/?$"), Says("an address such as https://example.org")]


class VideoConfig(Section):
    """Prompt refinement and image-to-video."""

    model_api: Literal["kling-ai", "dry-run"] = key(
        "kling-ai",
        "Who makes the videos: Kling, or `dry-run`, which writes each request and its cost and sends nothing.",
    )
    num_videos: int = key(1, "Clips per conditioning frame.", ge=1, le=100)
    num_video_segments: int = key(
        1,
        "Segments per clip; each starts at the last frame of the one before. The prompt is split at `#`.",
        ge=1,
        le=20,
    )
    kling_model_name: Text = key("kling-v2-5-turbo", "Kling model.")
    kling_mode: Literal["std", "pro", "4k"] = key("pro", "Kling generation mode.")
    duration: Duration = key("5", "Length of a segment, 3 to 15; which lengths exist depends on the model.", "s")
    skip_prompt_refinement: bool = key(False, "Send the base prompt as it is instead of refining it from the picture.")
    base_prompt: Prompts = key(
        ("The person handles the object with the hands. The camera remains static.",),
        "The prompt, or a list of which each clip draws one.",
    )
    prompt_refinement_system_message: str | None = key(
        None, "Instruction to the model that refines the prompt; replaces the built-in one.", min_length=1
    )
    refinement_model: str = key("gpt-5.5", "Model that refines the prompt from the picture.", min_length=1)
    review_model: str | None = key(
        None,
        "Vision model that looks at six frames of each clip that came back, beside the measures. It is paid for. "
        "Empty = none.",
        min_length=1,
    )
    video_max_retries: int = key(
        100, "Most tries of one call that failed for a passing reason (rate, network, server).", ge=0, le=10000
    )
    video_retry_wait: float = key(30.0, "Longest wait between two tries.", "s", ge=0, le=3600)
    use_all_tail_images: bool = key(
        False,
        "Pair each start frame with every end frame of its object instead of the one of its own seed "
        "(with `rendering.render_start_end`).",
    )
    seg_idx_for_tail_image: int = key(
        -1, "Segment (from 0) that ends at the end frame; -1 = the last one.", ge=-1, le=19
    )
    budget_usd: float | None = key(
        None,
        "Hard cap on the money spent in this results folder, over all processes. Empty = no cap.",
        "USD",
        ge=0,
        le=1_000_000,
    )
    kling_host: Host | None = key(None, "Address of the Kling service, `https://...`. Empty = the built-in one.")
    max_in_flight: int = key(
        5, "Most tasks at the service at once, over all processes: the number that your pack allows.", ge=1, le=1000
    )
    poll_seconds: float = key(5.0, "Time between two status requests; one asks about all tasks.", "s", ge=1, le=600)
    wait_minutes: float | None = key(
        None,
        "Longest time that a run waits for a task before it leaves it for --resume. Empty = as long as it takes.",
        "min",
        ge=0,
        le=525_600,
    )
