# SPDX-License-Identifier: GPL-3.0-or-later
"""Is this the video that was asked for? Judges measurements; `services/video_check` takes them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

SIZE_TOLERANCE = 0.02
"""Real clips are 1916x1080 or 1284x716 where 1920x1080 or 1280x720 are named: compare the shorter side within 2 %."""

ASPECT_TOLERANCE = 0.015
FPS_TOLERANCE = 0.5
EXTRA_FRAMES = 2
"""The service makes fps * seconds + 1 frames; two either way are let pass."""

MIN_FIRST_FRAME_MATCH = 0.85
"""Correlation of the blurred first frame with the conditioning frame. A re-encoded copy gives more than 0.97."""

MAX_BACKGROUND_SHIFT = 0.004
"""Largest median shift of the background, as a share of the picture's diagonal (about 9 pixels of 1080p)."""

MAX_BACKGROUND_LOST = 0.5
"""Largest share of background patches that are no longer found where the others are."""

ClipVerdict = Literal["pass", "warn", "suspect"]
VERDICTS: tuple[ClipVerdict, ...] = ("suspect", "warn", "pass")
"""Verdicts on a clip, the worst first."""

SANDBOX_MARK = "grail-sandbox"
"""Stands in the `comment` of every file that the sandbox made."""


def clip_verdict(kept: str | None) -> ClipVerdict:
    """A verdict as a ledger or a manifest keeps it; older ones say `ok` for pass."""
    return next((verdict for verdict in VERDICTS if verdict == kept), "pass")


def worst_verdict(kept: Iterable[str | None]) -> ClipVerdict:
    """The worst of some kept verdicts; pass where there is none."""
    return min(map(clip_verdict, kept), key=VERDICTS.index, default="pass")


@dataclass(frozen=True)
class VideoFacts:
    """What a file is. seconds and fps from its frames; sandbox: it carries the sandbox's mark."""

    container: str
    codec: str
    width: int
    height: int
    fps: float
    frames: int
    seconds: float
    has_audio: bool
    sandbox: bool


@dataclass(frozen=True)
class Expected:
    """What was asked for. aspect: width / height of the conditioning frame; short_side: pixels the mode names."""

    seconds: float
    fps: float
    short_side: int
    aspect: float
    audio: bool
    sandbox: bool


@dataclass(frozen=True)
class Motion:
    """Camera motion on the background. shift: largest median shift (share of the diagonal) and when (s).

    lost: largest share of patches not found again. patches: how many had enough texture to be followed.
    path: (seconds, shift) of each frame in which the background was found; the first is the reference, with no shift.
    """

    shift: float
    at: float
    lost: float
    patches: int
    path: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Stillness:
    """Movement of the background over a clip. path: (seconds, pixels of the clip); limit: pixels that are let pass."""

    path: tuple[tuple[float, float], ...]
    limit: float


@dataclass(frozen=True)
class Verdict:
    """verdict: pass, or warn or suspect with the reasons, each a sentence; `notes` are no fault; `measured` goes into the manifest.

    playable: it can be decoded to its end. seconds: length of the file; psnr_db: of its first frame against the conditioning frame; both None, as is
    `stillness`, where they could not be measured.
    """

    verdict: ClipVerdict
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    measured: tuple[tuple[str, float | int | str | bool], ...] = ()
    seconds: float | None = None
    psnr_db: float | None = None
    stillness: Stillness | None = None
    playable: bool = True


@dataclass(frozen=True)
class FirstFrame:
    """A clip's first frame against its conditioning frame. match: correlation -1..1; psnr_db: at most MAX_PSNR_DB."""

    match: float
    psnr_db: float


MAX_PSNR_DB = 99.0
"""Stands for equal pictures, whose ratio is infinite."""

MIN_PATCHES = 6


def judge_video(facts: VideoFacts, expected: Expected, first_frame: FirstFrame, motion: Motion) -> Verdict:
    """Verdict on a file that can be decoded."""
    reasons = [*_format_reasons(facts, expected), *_picture_reasons(first_frame.match, motion)]
    notes = []
    stillness = None
    if motion.patches >= MIN_PATCHES:
        diagonal = math.hypot(facts.width, facts.height)
        path = tuple((at, shift * diagonal) for at, shift in motion.path)
        stillness = Stillness(path, MAX_BACKGROUND_SHIFT * diagonal)
    else:
        notes.append("The background has too little texture to tell whether the camera moved.")
    measured: list[tuple[str, float | int | str | bool]] = [
        ("width", facts.width), ("height", facts.height), ("fps", round(facts.fps, 3)), ("frames", facts.frames),
        ("seconds", round(facts.seconds, 3)), ("codec", facts.codec), ("audio", facts.has_audio),
        ("sandbox", facts.sandbox), ("first_frame_match", round(first_frame.match, 4)),
        ("camera_shift", round(motion.shift, 5)), ("background_lost", round(motion.lost, 3)),
    ]  # fmt: skip
    return Verdict(
        "suspect" if reasons else "pass", tuple(reasons), tuple(notes), tuple(measured),
        seconds=facts.seconds, psnr_db=first_frame.psnr_db, stillness=stillness,
    )  # fmt: skip


def _format_reasons(facts: VideoFacts, expected: Expected) -> list[str]:
    reasons = []
    if "mp4" not in facts.container or facts.codec not in ("h264", "hevc"):
        reasons.append(f"The file is {facts.codec} in {facts.container}, not H.264 or H.265 in MP4.")
    short = min(facts.width, facts.height)
    if abs(short - expected.short_side) > SIZE_TOLERANCE * expected.short_side:
        reasons.append(f"The shorter side has {short} pixels; the mode promises about {expected.short_side}.")
    aspect = facts.width / facts.height
    if abs(aspect / expected.aspect - 1) > ASPECT_TOLERANCE:
        reasons.append(f"The picture is {aspect:.3f} wide to 1 high, the conditioning frame {expected.aspect:.3f}.")
    if abs(facts.fps - expected.fps) > FPS_TOLERANCE:
        reasons.append(f"The video has {facts.fps:.2f} frames per second, not {expected.fps:g}.")
    elif abs(facts.frames - (expected.seconds * expected.fps + 1)) > EXTRA_FRAMES:
        reasons.append(f"The video has {facts.frames} frames; {expected.seconds:g} s were asked for.")
    if facts.has_audio and not expected.audio:
        reasons.append("The video has a sound track that was not asked for.")
    if facts.sandbox != expected.sandbox:
        maker = "the sandbox" if facts.sandbox else "an unknown maker"
        reasons.append(f"The file is marked as made by {maker}, which is not who was asked.")
    return reasons


def _picture_reasons(first_frame: float, motion: Motion) -> list[str]:
    reasons = []
    if first_frame < MIN_FIRST_FRAME_MATCH:
        reasons.append(f"The first frame does not show the conditioning frame (match {first_frame:.2f} of 1).")
    if motion.patches < MIN_PATCHES:
        return reasons
    if motion.shift > MAX_BACKGROUND_SHIFT:
        reasons.append(
            f"The camera moves: the background shifts by {100 * motion.shift:.1f} % of the picture's diagonal "
            f"({motion.at:.1f} s)."
        )
    elif motion.lost > MAX_BACKGROUND_LOST:
        reasons.append(f"{100 * motion.lost:.0f} % of the background is not found again: a cut, or the scene changes.")
    return reasons
