# SPDX-License-Identifier: GPL-3.0-or-later
"""Prompts: which base prompt a clip draws, how it is split into segments, and what is always said about the camera."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from ..errors import InputError, Problem
from ..streams import stream

STATIC_CAMERA = (
    "The camera is locked on a tripod: no pan, no tilt, no zoom, no shake, no cut. The background does not move."
)
"""Closes every prompt that is sent: 4D reconstruction downstream takes the camera for fixed."""

SEGMENT_MARK = "#"

_UNSEEN = ("Cf", "Cs", "Co", "Cn")
"""Unicode categories of characters without a picture: format marks, halves of pairs, private and unassigned ones."""


def plain_text(text: str) -> str:
    """`text` without what is not seen: control characters but line breaks become spaces, direction marks vanish."""
    kinds = ((character, unicodedata.category(character)) for character in text)
    return "".join(
        " " if kind == "Cc" and character != "\n" else character for character, kind in kinds if kind not in _UNSEEN
    )


def pick_base_prompt(choices: Sequence[str], base_seed: int, video_id: str, clip: int) -> str:
    """The base prompt of a clip, drawn by the stream of that clip alone. choices: at least one."""
    return choices[int(stream(base_seed, video_id, "prompt", clip).integers(len(choices)))]


def split_segments(prompt: str, segments: int) -> tuple[str, ...]:
    """The prompt of each segment. A prompt without `#` serves for all; otherwise the parts must be as many.

    Raises InputError when they are not, or when a part is empty.
    """
    parts = tuple(part.strip() for part in plain_text(prompt).split(SEGMENT_MARK))
    if not all(parts):
        raise InputError(Problem("A prompt has an empty part beside a '#'.", key_path="video.base_prompt"))
    if len(parts) == 1:
        return parts * segments
    if len(parts) != segments:
        raise InputError(
            Problem(
                f"A prompt has {len(parts)} parts split by '#', but there are {segments} segments.",
                "Make video.num_video_segments and the parts agree.",
                key_path="video.base_prompt",
            )
        )
    return parts


def with_static_camera(text: str, longest: int) -> str:
    """`text` with the camera clause at its end, shortened at a word where both would pass `longest` characters."""
    body = plain_text(text).strip().removesuffix(STATIC_CAMERA).strip()
    room = longest - len(STATIC_CAMERA) - 1
    if len(body) > room:
        body = body[:room].rsplit(" ", 1)[0].rstrip(" ,;")
    return f"{body} {STATIC_CAMERA}".strip()


def prompt_file_text(segments: Sequence[str]) -> str:
    """Content of `prompts/{video_id}.txt`: the text that was sent; several under `# Segment N` lines, N from 1."""
    if len(segments) == 1:
        return segments[0] + "\n"
    return "\n".join(f"# Segment {number}\n{text}\n" for number, text in enumerate(segments, 1))
