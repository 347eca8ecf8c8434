# SPDX-License-Identifier: GPL-3.0-or-later
"""Section `rendering`: the conditioning frames (step 3)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, Strict

from .base import Says, Section, key


def _even(value: int) -> int:
    # H.264 with 4:2:0 colour, which every video service returns, halves both sides
    if value % 2:
        raise ValueError(f"should be even (video codecs need it): {value - 1} or {value + 1}")
    return value


def _seed_span(value: int | tuple[int, int]) -> int | tuple[int, int]:
    if isinstance(value, tuple) and value[0] > value[1]:
        raise ValueError(f"should be [first, last], but first seed {value[0]} is more than last seed {value[1]}")
    return value


Pixels = Annotated[int, Field(ge=64, le=8192), AfterValidator(_even)]
Seed = Annotated[int, Field(ge=0, le=99999)]  # the file names carry five digits
SceneCount = Annotated[int, Field(ge=1, le=99999)]
SeedSpan = Annotated[
    SceneCount | Annotated[tuple[Seed, Seed], Strict(False)],
    AfterValidator(_seed_span),
    Says("a whole number from 1, or [first, last] scene seed, up to 99999"),
]
Samples = Annotated[int, Field(ge=1, le=65536)]
Factors = Annotated[
    tuple[Literal["camera", "light", "placement"], ...],
    Strict(False),
    Says("a list of `camera`, `light`, `placement`"),
]

Variety = Literal["off", "low", "high"]

QUALITY_SAMPLES = {"draft": 8, "standard": 32, "high": 128}
"""`quality` -> samples per pixel; docs/performance.md has the error of each."""


class RenderingConfig(Section):
    """Conditioning frames."""

    samples: Samples | Literal["auto"] = key(
        32, "Render samples per pixel, or `auto`: the fewest that reach `auto_psnr`, found by a small pilot render."
    )
    quality: Literal["draft", "standard", "high"] | None = key(
        None,
        "Samples by name, in place of `samples`: `draft` = 8, `standard` = 32, `high` = 128. Empty = as `samples` says.",
    )
    auto_psnr: float = key(
        48.0, "Quality to reach with `samples: auto`, against a converged render.", "dB", ge=20, le=80
    )
    denoise: bool = key(True, "Denoise the frame where the Blender build can.")
    width: Pixels = key(1280, "Width of the frame; even.", "pixels")
    height: Pixels = key(720, "Height of the frame; even.", "pixels")
    num_rand_scenes: SeedSpan = key(3, "Scene variants per object: N means scene seeds 1..N, [a, b] means seeds a..b.")
    gpu: bool = key(True, "Render on a GPU if a working one is found, else on the CPU.")
    no_rand_seed: bool = key(
        False,
        "Fresh variants: where no `seed` is given, the first run in a results folder draws one and writes it to "
        "`base_seed.json` there; later runs keep it. The same number as `seed` repeats a run elsewhere.",
    )
    scene_variety: Variety = key(
        "low",
        "How much the places of an object's variants differ: `off` = as in the scene file, `low` = finishes, cloths and "
        "small things, `high` = also room, table, person and time of day, as far as scene files offer options.",
    )
    render_start_end: bool = key(
        False, "Render a start and an end frame for each scene seed (file names `_start`, `_end`) instead of one frame."
    )
    max_attempts: int = key(
        1, "Camera draws tried per variant until its framing passes the gate. 1 = take the first.", ge=1, le=100
    )
    camera_fit: bool = key(
        False, "Let the framing solver choose the camera distance so that object and whole person fit the frame."
    )
    same_for_all: Factors = key(
        (), "What does not vary: every scene seed gets the camera, light or placement that is drawn for scene seed 1."
    )

    @property
    def wanted_samples(self) -> int | Literal["auto"]:
        """Samples per pixel, as `quality` or `samples` says."""
        return self.samples if self.quality is None else QUALITY_SAMPLES[self.quality]

    @property
    def scene_seeds(self) -> tuple[int, ...]:
        """The scene seeds that `num_rand_scenes` means, ascending."""
        span = self.num_rand_scenes
        first, last = span if isinstance(span, tuple) else (1, span)
        return tuple(range(first, last + 1))
