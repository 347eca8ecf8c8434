# SPDX-License-Identifier: GPL-3.0-or-later
"""Video files through PyAV: what one is, its last frame, and several joined into one without loss where possible.

PyAV is imported where it is used: its wheel for ARM Macs needs macOS 14, and nothing but videos may depend on that.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

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


def read_facts(path: Path) -> VideoFacts:
    """Decode the whole file and tell what it is. VideoFileError if it is broken anywhere."""
    import av

    try:
        with av.open(str(path)) as box:
            stream = box.streams.video[0]
            frames = 0
            last = Fraction(0)
            for frame in box.decode(stream):
                frames += 1
                if frame.pts is not None and frame.time_base is not None:
                    last = max(last, frame.pts * frame.time_base)
            fps = Fraction(stream.average_rate or stream.guessed_rate or 0)
            seconds = float(last + 1 / fps) if fps else 0.0
            return VideoFacts(
                container=box.format.name, codec=stream.codec_context.name, width=stream.width, height=stream.height,
                fps=float(fps), frames=frames, seconds=seconds, has_audio=bool(box.streams.audio),
                sandbox=SANDBOX_MARK in "".join(box.metadata.values()),
            )  # fmt: skip
    except (av.FFmpegError, IndexError, OSError) as error:
        raise VideoFileError(f"{path.name} cannot be decoded: {error}") from error


def grey_frames(path: Path, width: int, every: int) -> list[tuple[float, NDArray[np.float32]]]:
    """Every `every`-th frame and the first as (seconds, (h, width) grey 0..1), h by the picture's own proportion."""
    import av

    found = []
    with av.open(str(path)) as box:
        stream = box.streams.video[0]
        stream.thread_type = "AUTO"
        height = max(2, round(width * stream.height / stream.width))
        for number, frame in enumerate(box.decode(stream)):
            if number % every == 0:
                small = frame.reformat(width=width, height=height, format="gray", interpolation="AREA")
                found.append((float(frame.time or 0.0), small.to_ndarray().astype(np.float32) / 255.0))
    return found


def save_last_frame(video: Path, picture: Path) -> None:
    """Write the last frame of `video` as PNG at its full size."""
    import av

    last = None
    try:
        with av.open(str(video)) as box:
            for frame in box.decode(video=0):
                last = frame
    except (av.FFmpegError, IndexError) as error:
        raise VideoFileError(f"{video.name} cannot be decoded: {error}") from error
    if last is None:
        raise VideoFileError(f"{video.name} has no frames")
    image = Image.fromarray(last.to_ndarray(format="rgb24"))
    with atomic_path(picture) as temp:
        image.save(temp, format="PNG")


def place_copy(source: Path, target: Path) -> None:
    """Make `target` the same file as `source`: a hard link where the drive can, a copy elsewhere. Atomic."""
    with atomic_path(target) as temp:
        try:
            os.link(source, temp)
        except OSError:
            shutil.copyfile(source, temp)


def join(parts: Sequence[Path], target: Path) -> bool:
    """Join clips in order into one MP4; True if the packets were copied as they are, False if it was encoded anew.

    Copying needs the same codec, size and codec headers in all parts. Sound tracks are left out (none is asked for).
    """
    lossless = len({_signature(part) for part in parts}) == 1
    with atomic_path(target) as temp:
        (_remux if lossless else _encode)(parts, temp)
    return lossless


def _signature(path: Path) -> tuple[object, ...]:
    import av

    with av.open(str(path)) as box:
        stream = box.streams.video[0]
        context = stream.codec_context
        return context.name, stream.width, stream.height, stream.average_rate, stream.time_base, context.extradata


def _comment(path: Path) -> str:
    import av

    with av.open(str(path)) as box:
        return box.metadata.get("comment", "")


def _remux(parts: Sequence[Path], target: Path) -> None:
    import av

    with av.open(str(target), "w", format="mp4") as out:
        out.metadata["comment"] = _comment(parts[0])
        stream = None
        offset = 0
        for part in parts:
            with av.open(str(part)) as box:
                source = box.streams.video[0]
                if stream is None:
                    stream = out.add_stream_from_template(source)
                    stream.time_base = source.time_base
                end = offset
                for packet in box.demux(source):
                    if packet.dts is None or packet.pts is None:
                        continue  # the flushing packet at the end
                    packet.dts += offset
                    packet.pts += offset
                    end = max(end, packet.pts + (packet.duration or 0))
                    packet.stream = stream
                    out.mux(packet)
                offset = end


def _encode(parts: Sequence[Path], target: Path) -> None:
    import av

    with av.open(str(target), "w", format="mp4") as out:
        out.metadata["comment"] = _comment(parts[0])
        stream = None
        number = 0
        for part in parts:
            with av.open(str(part)) as box:
                source = box.streams.video[0]
                if stream is None:
                    rate = Fraction(source.average_rate or 24)
                    stream = out.add_stream("libx264", rate=rate, options={"crf": "12", "preset": "medium"})
                    stream.width, stream.height, stream.pix_fmt = source.width, source.height, "yuv420p"
                    stream.codec_context.time_base = 1 / rate
                for frame in box.decode(source):
                    picture = frame.reformat(width=stream.width, height=stream.height, format="yuv420p")
                    picture.pts, picture.time_base = number, 1 / rate
                    number += 1
                    out.mux(stream.encode(picture))
        if stream is not None:
            out.mux(stream.encode())
