# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures a video that came back: format, first frame against the conditioning frame, and camera stillness.

Stillness is measured by `camera_motion` on the background, which is known from the masks and the depth of the conditioning frame:
outside the person and the object, and where a surface was measured.
"""

from __future__ import annotations

import math
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from PIL import Image

from ..core.arrays import Mask
from ..core.video.request import ModelTable
from ..core.video.scene_gate import judge_scene
from ..core.video.verdict import (
    MAX_BACKGROUND_SHIFT,
    MAX_PSNR_DB,
    Expected,
    FirstFrame,
    Verdict,
    judge_video,
    worst_verdict,
)
from . import clip_scene
from .camera_motion import Grey, camera_motion
from .purchase import ClipPlan
from .video_files import VideoFileError, colour_frames, grey_frames, read_facts

WIDTH = 640
"""Pixels across at which motion is measured; a shift of a tenth of a pixel shows."""

SAMPLES = 12
"""Frames that are looked at, besides the first."""

GROW = 12
"""Pixels by which what moves is widened before the background begins."""

UNKNOWN_DEPTH = 0


def inspect(models: ModelTable, sandbox: bool, plan: ClipPlan, segment: int, frame: Path, video: Path) -> Verdict:
    """Verdict on one bought segment; bind the first two arguments for `PurchaseContext.inspect`."""
    try:
        facts = read_facts(video)
        shots = grey_frames(video, WIDTH, max(1, (facts.frames - 1) // SAMPLES))
    except VideoFileError as error:
        return Verdict("suspect", (f"The file cannot be played: {error}.",), playable=False)
    first = shots[0][1]
    try:
        with Image.open(frame) as image:
            conditioning = image.convert("L")
        # masks show the conditioning frame; a later segment starts elsewhere, so it is measured on the whole picture
        free = background(plan.masks, plan.depth, first.shape) if segment == 0 else np.ones(first.shape, bool)
    except (OSError, ValueError) as error:
        return Verdict("suspect", (f"The clip cannot be compared with its frame: {error}.",), seconds=facts.seconds)
    rules = models.models[models.canonical(plan.model) or plan.model]
    expected = Expected(
        seconds=float(plan.duration), fps=models.frames_per_second, short_side=models.modes[plan.mode].short_side,
        aspect=conditioning.width / conditioning.height, audio=rules.audio == "always", sandbox=sandbox,
    )  # fmt: skip
    motion = camera_motion(shots, free)
    verdict = judge_video(facts, expected, compare(first, conditioning), motion)
    if (
        sandbox
        or facts.sandbox
        or segment > 0
        or plan.person_mask is None
        or plan.object_mask is None
        or plan.task is None
    ):
        return verdict
    try:
        return _with_scene(verdict, plan, frame, video, facts.frames, motion.shift > MAX_BACKGROUND_SHIFT)
    except (VideoFileError, OSError, ValueError, LookupError, ArithmeticError, MemoryError) as error:
        why = f"What happens in the clip cannot be followed: {error}."
        return replace(verdict, verdict=worst_verdict([verdict.verdict, "warn"]), reasons=(*verdict.reasons, why))


def _with_scene(verdict: Verdict, plan: ClipPlan, frame: Path, video: Path, frames: int, camera_moves: bool) -> Verdict:
    """The verdict with what happens in the clip: person in view, object moved or not, nobody else. The sandbox's clips
    play nothing, so they are not asked."""
    assert plan.person_mask is not None and plan.object_mask is not None and plan.task is not None
    shots = colour_frames(video, clip_scene.WIDTH, max(1, (frames - 1) // clip_scene.SAMPLES))
    height, width = shots[0][1].shape[:2]
    with Image.open(frame) as image:
        small = image.convert("RGB").resize((width, height), Image.Resampling.BOX)
    masks = []
    for path in (plan.person_mask, plan.object_mask):
        with Image.open(path) as image:
            masks.append(np.asarray(image.convert("L").resize((width, height), Image.Resampling.BOX)) > 127)
    scene = clip_scene.measure_scene(shots, np.asarray(small, np.float32) / 255.0, *masks)
    judged = judge_scene(scene, plan.task, camera_moves)
    measured = tuple((f"scene_{name}", round(value, 4)) for name, value in asdict(scene).items() if value is not None)
    reasons = (*verdict.reasons, *judged.reasons)
    return replace(
        verdict, verdict=worst_verdict([verdict.verdict, judged.level]), reasons=reasons or judged.warnings,
        notes=(*verdict.notes, *(judged.warnings if reasons else ())),
        measured=(*verdict.measured, ("scene", judged.level), *measured),
    )  # fmt: skip


def compare(first: Grey, conditioning: Image.Image) -> FirstFrame:
    """The first frame (h, w) against the conditioning frame, both grey: likeness at that size and of what is blurred."""
    height, width = first.shape
    wanted = np.asarray(conditioning.resize((width, height), Image.Resampling.BOX), np.float64) / 255.0
    error = float(np.mean((first - wanted) ** 2))
    psnr = MAX_PSNR_DB if error == 0 else min(MAX_PSNR_DB, -10.0 * math.log10(error))
    return FirstFrame(match(first, conditioning), psnr)


def match(first: Grey, conditioning: Image.Image) -> float:
    """Correlation (-1..1) of the first frame with the conditioning frame, both blurred to 160 pixels across."""
    height, width = first.shape
    size = (160, max(2, round(160 * height / width)))
    pair = [
        np.asarray(picture.resize(size, Image.Resampling.BOX), np.float64)
        for picture in (Image.fromarray((first * 255).astype(np.uint8)), conditioning)
    ]
    a, b = (values - values.mean() for values in pair)
    norm = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / norm if norm > 0 else 0.0


def background(masks: tuple[Path, ...], depth: Path | None, shape: tuple[int, ...]) -> Mask:
    """Where nothing should move, at `shape` (h, w): outside all masks (widened), and where a depth was measured."""
    height, width = shape[0], shape[1]
    free = np.ones((height, width), bool)
    for path in masks:
        with Image.open(path) as image:
            small = np.asarray(image.convert("L").resize((width, height), Image.Resampling.BOX)) > 0
        free &= ~_grow(small, GROW)
    if depth is not None:
        with Image.open(depth) as image:
            metres = np.asarray(image.resize((width, height), Image.Resampling.NEAREST))
        free &= metres != UNKNOWN_DEPTH
    return free


def _grow(mask: Mask, pixels: int) -> Mask:
    """A mask widened by a square of that half-width, by running sums."""
    wide = mask.astype(np.int32)
    for axis in (0, 1):
        pad = [(0, 0), (0, 0)]
        pad[axis] = (pixels + 1, pixels)
        total = np.cumsum(np.pad(wide, pad), axis=axis)
        count = total.shape[axis]
        upper = np.take(total, range(2 * pixels + 1, count), axis=axis)
        lower = np.take(total, range(count - 2 * pixels - 1), axis=axis)
        wide = ((upper - lower) > 0).astype(np.int32)
    return wide.astype(bool)
