# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be asked of an image-to-video model, checked before anything is sent, from `configs/kling_models.yaml`."""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PIL import Image, UnidentifiedImageError

from ..errors import Problem
from ..tables import Table

Generation = Literal["legacy", "new"]


class ImageRules(Table):
    """Limits of a conditioning picture: pixels, longer / shorter side, bytes."""

    formats: tuple[str, ...]
    min_side: int
    max_aspect: float
    max_bytes: dict[Generation, int]


class ModeRules(Table):
    """A quality mode: resolution word of the new generation, nominal shorter side in pixels."""

    resolution: str
    short_side: int


class ModelRules(Table):
    """One model: its id per generation, and what it takes."""

    generations: dict[Generation, str]
    prompt_max: dict[Generation, int]
    durations: tuple[int, ...]
    modes: tuple[str, ...]
    end_frame: tuple[str, ...]
    audio: Literal["none", "optional", "always"]
    multi_shot: bool = False


class ModelTable(Table):
    """The whole table."""

    date: datetime.date
    image: ImageRules
    modes: dict[str, ModeRules]
    frames_per_second: float
    models: dict[str, ModelRules]
    retired: dict[str, datetime.date]

    def canonical(self, name: str) -> str | None:
        """The table's name for a model given by that name or by its id in either generation."""
        if name in self.models:
            return name
        return next((key for key, rules in self.models.items() if name in rules.generations.values()), None)


@dataclass(frozen=True)
class ImageFacts:
    """A picture file: size in pixels, format (png, jpeg, ...), bytes, hash of the bytes."""

    path: Path
    width: int
    height: int
    format: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class VideoRequest:
    """One segment to buy. model: the table's name; duration in seconds; tail: the end frame, if any."""

    model: str
    mode: str
    duration: int
    prompt: str
    frame: ImageFacts
    tail: ImageFacts | None = None


def image_facts(path: Path) -> ImageFacts | Problem:
    """Read what matters of a picture file, or say why it cannot be read."""
    try:
        data = path.read_bytes()
        with Image.open(path) as image:
            width, height = image.size
            kind = (image.format or "unknown").lower()
    except (OSError, UnidentifiedImageError) as error:
        return Problem("The picture cannot be read.", "Render it again.", detail=str(error), file=str(path))
    return ImageFacts(path, width, height, kind, len(data), hashlib.sha256(data).hexdigest())


def choose_generation(table: ModelTable, model: str, api_key: bool, key_pair: bool) -> Generation | Problem:
    """The API generation for a model and the credentials at hand.

    An API key opens both generations, an access and secret key pair the legacy one only.
    """
    name = table.canonical(model)
    if name is None:
        return _unknown_model(table, model)
    offered = table.models[name].generations
    if api_key and "new" in offered:
        return "new"
    if (api_key or key_pair) and "legacy" in offered:
        return "legacy"
    if key_pair:
        return Problem(
            f"{name} exists only in the API generation that needs an API key; an access and secret key pair cannot use it.",
            "Set KLING_API_KEY, or choose another video.kling_model_name.",
            key_path="video.kling_model_name",
        )
    return Problem("There are no credentials for Kling.", "Set KLING_API_KEY, or pass --skip_step4.")


def check_options(table: ModelTable, model: str, mode: str, duration: int, end_frame: bool) -> list[Problem]:
    """Problems of the combination, from the configuration alone (before the first render)."""
    name = table.canonical(model)
    if name is None:
        return [_unknown_model(table, model)]
    rules = table.models[name]
    problems = []
    if mode not in rules.modes:
        problems.append(
            Problem(
                f"{name} has no mode {mode}.", f"Choose one of {', '.join(rules.modes)}.", key_path="video.kling_mode"
            )
        )
    if duration not in rules.durations:
        choices = ", ".join(map(str, rules.durations))
        problems.append(
            Problem(f"{name} makes no clips of {duration} s.", f"Choose one of {choices}.", key_path="video.duration")
        )
    if end_frame and mode not in rules.end_frame:
        able = ", ".join(rules.end_frame)
        fix = f"Use kling_mode {able}." if able else "Use another model, or set rendering.render_start_end: false."
        problems.append(Problem(f"{name} takes no end frame in mode {mode}.", fix, key_path="video.kling_mode"))
    return problems


def check_request(table: ModelTable, generation: Generation, request: VideoRequest) -> list[Problem]:
    """All problems of one request: combination, prompt, pictures."""
    problems = check_options(table, request.model, request.mode, request.duration, request.tail is not None)
    name = table.canonical(request.model)
    if name is not None:
        longest = table.models[name].prompt_max.get(generation)
        if longest is None:
            problems.append(
                Problem(f"{name} does not exist in the {generation} API.", key_path="video.kling_model_name")
            )
        elif len(request.prompt) > longest:
            problems.append(
                Problem(
                    f"The prompt has {len(request.prompt)} characters, {longest} are allowed.",
                    key_path="video.base_prompt",
                )
            )
    if not request.prompt.strip():
        problems.append(Problem("The prompt is empty.", key_path="video.base_prompt"))
    for picture in filter(None, (request.frame, request.tail)):
        problems += _check_picture(table.image, generation, picture)
    return problems


def _check_picture(rules: ImageRules, generation: Generation, picture: ImageFacts) -> list[Problem]:
    found = []
    if picture.format not in rules.formats:
        found.append(f"is {picture.format}; only {' and '.join(rules.formats)} are taken.")
    if min(picture.width, picture.height) < rules.min_side:
        found.append(f"is {picture.width} x {picture.height}; each side needs {rules.min_side} pixels or more.")
    if max(picture.width, picture.height) > rules.max_aspect * min(picture.width, picture.height):
        found.append(
            f"is {picture.width} x {picture.height}; its sides may differ by {rules.max_aspect:g} times at most."
        )
    if picture.bytes > rules.max_bytes[generation]:
        found.append(f"has {picture.bytes} bytes; {rules.max_bytes[generation]} are allowed.")
    return [
        Problem(f"The picture {text}", "Change rendering.width / height.", file=str(picture.path)) for text in found
    ]


def _unknown_model(table: ModelTable, model: str) -> Problem:
    known = ", ".join(table.models)
    gone = table.retired.get(model)
    if gone is not None:
        text = f"The model {model} was retired on {gone.isoformat()}."
    else:
        text = f"There is no model {model}."
    return Problem(text, f"Choose one of {known}.", key_path="video.kling_model_name")


def request_record(request: VideoRequest, generation: Generation) -> dict[str, object]:
    """The request as plain data for the ledger: pictures as hashes, no bytes, no credential."""
    record: dict[str, object] = {
        "generation": generation, "model": request.model, "mode": request.mode, "duration": request.duration,
        "prompt": request.prompt, "frame_sha256": request.frame.sha256,
    }  # fmt: skip
    if request.tail is not None:
        record["tail_sha256"] = request.tail.sha256
    return record
