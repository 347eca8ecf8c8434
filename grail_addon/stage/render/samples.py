# SPDX-License-Identifier: GPL-3.0-or-later
"""`rendering.samples: auto`: the fewest samples that keep a frame within a stated error, found by a pilot render.

The middle of a frame is rendered with many samples and then with few, going up until the error against the first
falls under the limit. Where the device turns out to be fast it goes up further, against a finer reference. The pilot is a variant of its own (scene seed 0 of no object), so what it finds depends on the
stage alone and not on which frames were made before; it is kept in the results folder for the next run and for shards.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ...core.clock import Clock
from ...core.files import read_json, sha256_file, write_json
from ...core.fingerprint import fingerprint
from ...core.layout import ObjectId, ResultsLayout, VideoId
from ...core.plan.items import ObjectJob, character_hash
from ...core.variant.draw import Variant, camera_of, draw_variant
from ...steps.effects import Steps
from ...steps.options import StageOptions
from ..person.person import Person
from ..person.poser import AS_LOADED
from ..room.render_memory import forget_renders
from ..room.scene import Stage
from .render import Quality, render_frame

LOGIC = "pilot-1"
REFERENCE_SAMPLES = 192
LADDER = (4, 6, 8, 12, 16, 24, 32, 48, 64, 96)
LONG_LADDER = (*LADDER, 128, 192, 256, 384, 512)
LONG_REFERENCE_SAMPLES = 2048
CHEAP_SECONDS = 6.0
"""A device that takes no longer than this for 512 samples of a frame (an H100: 4.4 s at 1280 x 720) may be asked for so many:
there quality is nearly free. A processor takes minutes, and there the short ladder holds."""
CROP = (0.375, 0.625, 0.25, 0.75)
"""Left, right, bottom, top of the part that is rendered, as shares of the frame: an eighth of it, where people stand."""


def psnr(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    """Peak signal-to-noise ratio in dB of two 8-bit pictures of one size; infinite where they are equal."""
    error = float(np.mean((a.astype(np.float64) - b.astype(np.float64)) ** 2))
    return math.inf if error == 0.0 else 10.0 * math.log10(255.0**2 / error)


@contextmanager
def _cropped(scene: bpy.types.Scene) -> Iterator[None]:
    render = scene.render
    render.border_min_x, render.border_max_x, render.border_min_y, render.border_max_y = CROP
    render.use_border = render.use_crop_to_border = True
    try:
        yield
    finally:
        render.use_border = render.use_crop_to_border = False


@dataclass(frozen=True)
class Price:
    """What a picture of the whole frame costs on a device: seconds for each sample, and whatever their number."""

    per_sample: float
    fixed: float

    @classmethod
    def of(cls, few: tuple[int, float], many: tuple[int, float]) -> Price:
        """From the samples and seconds of two renders of the pilot's crop."""
        share = (CROP[1] - CROP[0]) * (CROP[3] - CROP[2])
        per_sample = max(many[1] - few[1], 0.0) / (many[0] - few[0])
        return cls(per_sample / share, max(few[1] - few[0] * per_sample, 0.0))

    @property
    def may_be_lower(self) -> bool:
        """Whether a second look is worth its time, as a few seconds of loading would hide a cheap device."""
        return CHEAP_SECONDS < self.per_sample * LONG_LADDER[-1] <= 10.0 * CHEAP_SECONDS

    @property
    def ladder(self) -> tuple[int, ...]:
        """Numbers of samples that are worth trying at this price."""
        return LONG_LADDER if self.per_sample * LONG_LADDER[-1] <= CHEAP_SECONDS else LADDER


class AutoSamples:
    """Finds and remembers sample counts, one for each stage."""

    def __init__(self, options: StageOptions, layout: ResultsLayout, clock: Clock) -> None:
        self._options, self._folder, self._clock = options, layout.generation / "pilots", clock
        self._told: set[str] = set()

    def quality(self, stage: Stage, person: Person, job: ObjectJob) -> Steps[tuple[Quality, dict[str, Any]]]:
        """Quality for the frames of a job, and what to record: the pilot's figures.

        Lights and camera are left as the pilot needs them; the caller sets its own afterwards.
        """
        rendering = self._options.rendering
        vid = VideoId(ObjectId("pilot", "pilot"), person.name, job.settings.scene, 0)
        variant = draw_variant(self._options.seed, vid, job.settings)
        key = fingerprint(
            {
                "logic": LOGIC,
                "scene": sha256_file(job.assets.scene),
                "character": character_hash(job.assets.character, sha256_file),
                "variant": variant.parameters(),
                "size": [job.settings.render_width, job.settings.render_height],
                "wanted": rendering.auto_psnr,
                "denoise": rendering.denoise,
            }
        )
        path = self._folder / f"{key[:16]}.json"
        if not path.is_file():
            write_json(path, (yield from self._pilot(stage, person, job, variant)))
        record = read_json(path)
        return Quality(int(record["samples"]), rendering.denoise), {"auto": record}

    def note(self, record: Mapping[str, Any]) -> str:
        """A sentence, once for each pilot, where no number of samples reached what was asked for; else empty.

        record: what `quality` gave to record.
        """
        pilot = record.get("auto")
        if pilot is None or pilot["reached"] or str(pilot) in self._told:
            return ""
        self._told.add(str(pilot))
        tried = ", ".join(f"{count}: {decibels:.1f}" for count, decibels in pilot["pilot_psnr_db"].items())
        return (
            f"`samples: auto` found no number that reaches {pilot['wanted_psnr_db']:.1f} dB and takes {pilot['samples']} "
            f"({tried}). Lower rendering.auto_psnr or set rendering.samples to spare the time."
        )

    def _pilot(self, stage: Stage, person: Person, job: ObjectJob, variant: Variant) -> Steps[dict[str, Any]]:
        scene, denoise = stage.scene, self._options.rendering.denoise
        draw = variant.placement
        yield from person.assume(AS_LOADED)
        person.place(draw.character_position, draw.character_turn_deg, job.settings.character_scale)
        yield from stage.lights.lit(variant.light)
        stage.aim(camera_of(variant.camera, job.settings.render_width, job.settings.render_height))
        with tempfile.TemporaryDirectory() as folder, _cropped(scene), stage.object_hidden():

            def picture(samples: int, seed: int) -> Steps[tuple[NDArray[np.uint8], float]]:
                path = Path(folder) / "pilot.png"
                start = self._clock.monotonic()
                yield from render_frame(scene, path, replace(Quality(samples, denoise), noise_threshold=0.0), seed)
                seconds = self._clock.monotonic() - start
                with Image.open(path) as image:
                    return np.asarray(image.convert("RGB")), seconds

            reference, long = yield from picture(REFERENCE_SAMPLES, 1)
            first, short = yield from picture(LADDER[0], 2)
            price = Price.of((LADDER[0], short), (REFERENCE_SAMPLES, long))
            if price.may_be_lower:  # the first render loads the scene, too
                _, long = yield from picture(REFERENCE_SAMPLES, 1)
                price = Price.of((LADDER[0], short), (REFERENCE_SAMPLES, long))
            if price.ladder is LONG_LADDER:
                reference, _ = yield from picture(LONG_REFERENCE_SAMPLES, 1)
            tried: dict[str, float] = {}
            chosen = price.ladder[-1]
            for samples in price.ladder:
                found = first if samples == LADDER[0] else (yield from picture(samples, 2))[0]
                tried[str(samples)] = round(psnr(found, reference), 2)
                if tried[str(samples)] >= self._options.rendering.auto_psnr:
                    chosen = samples
                    break
        forget_renders(scene)  # a run that finds the pilot in its folder must give the same pixels
        return {
            "samples": chosen,
            "wanted_psnr_db": self._options.rendering.auto_psnr,
            "pilot_psnr_db": tried,
            "reached": tried[str(chosen)] >= self._options.rendering.auto_psnr,
            "seconds_per_sample": round(price.per_sample, 5),
            "seconds_besides": round(price.fixed, 3),
        }
