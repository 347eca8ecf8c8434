# SPDX-License-Identifier: GPL-3.0-or-later
"""Video files through PyAV: what one is, its frames, its last frame. `video_join` makes one of several.

PyAV is imported where it is used: its wheel for ARM Macs needs macOS 14, and nothing but videos may depend on that.
"""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..core.errors import Problem
from ..core.files import atomic_path
from ..core.video.verdict import SANDBOX_MARK, VideoFacts


class VideoFileError(Exception):
    """The file cannot be decoded as a video."""


def missing_library() -> list[Problem]:
    """What a user has to know where PyAV is not there or does not load."""
    try:
        import av  # noqa: F401
    except ImportError as error:
        fix = "On a Mac with an ARM processor it needs macOS 14. Without videos: --skip_step4."
        return [Problem("Clips cannot be checked: the library `av` does not load here.", fix, str(error))]
    return []


MAX_FRAMES = 2000
MAX_PIXELS = 6e9
"""Most pixels that are decoded of one file: 15 s in 4K have half of it."""

MAX_PICTURE = 64_000_000
MAX_ASPECT = 8
MISSING_FRAMES = 2
"""How many of the frames that a file announces may be absent; edit lists hide one or two."""

BROKEN = (OSError, ValueError, LookupError, ArithmeticError, MemoryError, AttributeError, TypeError)
"""What PyAV raises for files that are not what they say, beside its own errors."""


@contextmanager
def open_video(path: Path) -> Iterator[tuple[Any, Any]]:
    """(container, its first video stream) of an MP4 file, whatever it claims to be: other demuxers may follow links in it.
    VideoFileError for all that goes wrong inside."""
    import av

    try:
        with av.open(str(path), format="mp4", metadata_errors="replace") as box:
            if not box.streams.video:
                raise VideoFileError(f"{path.name} has no pictures")
            stream = box.streams.video[0]
            short, long = sorted((stream.width, stream.height))
            if not short >= 16 or long > MAX_ASPECT * short or short * long > MAX_PICTURE:
                raise VideoFileError(f"{path.name} has pictures of {stream.width} x {stream.height}")
            yield box, stream
    except (av.FFmpegError, *BROKEN) as error:
        raise VideoFileError(f"{path.name} cannot be decoded: {str(error)[:200]}") from error


def _frames(box: Any, stream: Any) -> Iterator[Any]:
    """The frames of a file, up to what is decoded at most; they may be larger than the file says."""
    pixels = 0
    for frame in itertools.islice(box.decode(stream), MAX_FRAMES):
        pixels += frame.width * frame.height
        if frame.width * frame.height > MAX_PICTURE or pixels > MAX_PIXELS:
            return
        yield frame


def read_facts(path: Path) -> VideoFacts:
    """Decode a file; returns its facts. VideoFileError if it is broken anywhere; a file that is longer than any clip is
    not decoded to its end."""
    with open_video(path) as (box, stream):
        frames = 0
        last = Fraction(0)
        for frame in _frames(box, stream):
            frames += 1
            if frame.pts is not None and frame.time_base is not None:
                last = max(last, frame.pts * frame.time_base)
        fps = Fraction(stream.average_rate or stream.guessed_rate or 0)
        cut_short = frames == MAX_FRAMES or (frames + 1) * stream.width * stream.height > MAX_PIXELS
        if frames == 0:
            raise VideoFileError(f"{path.name} has no frames")
        if not cut_short and frames < stream.frames - MISSING_FRAMES:
            raise VideoFileError(f"{path.name} is not whole: {frames} of its {stream.frames} frames are there")
        return VideoFacts(
            container=box.format.name, codec=stream.codec_context.name, width=stream.width, height=stream.height,
            fps=float(fps), frames=max(frames, stream.frames) if cut_short else frames,
            seconds=float(last + 1 / fps) if fps else 0.0, has_audio=bool(box.streams.audio),
            sandbox=SANDBOX_MARK in "".join(map(str, box.metadata.values())),
        )  # fmt: skip


def grey_frames(path: Path, width: int, every: int) -> list[tuple[float, NDArray[np.float32]]]:
    """Every `every`-th frame and the first as (seconds, (h, width) grey 0..1), h by the picture's own proportion."""
    return _sampled(path, width, every, "gray")


def colour_frames(path: Path, width: int, every: int) -> list[tuple[float, NDArray[np.float32]]]:
    """As `grey_frames`, in colour: (h, width, 3) 0..1."""
    return _sampled(path, width, every, "rgb24")


def _sampled(path: Path, width: int, every: int, form: str) -> list[tuple[float, NDArray[np.float32]]]:
    found = []
    with open_video(path) as (box, stream):
        stream.thread_type = "AUTO"
        height = max(2, round(width * stream.height / stream.width))
        for number, frame in enumerate(_frames(box, stream)):
            if number % every == 0:
                small = frame.reformat(width=width, height=height, format=form, interpolation="AREA")
                found.append((float(frame.time or 0.0), small.to_ndarray().astype(np.float32) / 255.0))
    if not found:
        raise VideoFileError(f"{path.name} has no frames")
    return found


def save_last_frame(video: Path, picture: Path) -> None:
    """Write the last frame of `video` as PNG at its full size."""
    last = None
    with open_video(video) as (box, stream):
        for frame in _frames(box, stream):
            last = frame
        pixels = None if last is None else last.to_ndarray(format="rgb24")
    if pixels is None:
        raise VideoFileError(f"{video.name} has no frames")
    with atomic_path(picture) as temp:
        Image.fromarray(pixels).save(temp, format="PNG")


def place_copy(source: Path, target: Path) -> None:
    """Make `target` the same file as `source`: a hard link where the drive can, a copy elsewhere. Atomic."""
    with atomic_path(target) as temp:
        try:
            os.link(source, temp)
        except OSError:
            shutil.copyfile(source, temp)
