# SPDX-License-Identifier: GPL-3.0-or-later
"""Several clips as one: without loss where they are of one kind, encoded anew where they are not."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from ..core.files import atomic_path
from .video_files import BROKEN, VideoFileError, open_video


def join(parts: Sequence[Path], target: Path) -> bool:
    """Join clips in order into one MP4; True if the packets were copied as they are, False if it was encoded anew.

    Copying needs the same codec, size and codec headers in all parts. Sound tracks are left out (none is asked for). Raises VideoFileError.
    """
    import av

    try:
        lossless = len({_signature(part) for part in parts}) == 1
        if lossless:
            try:
                with atomic_path(target) as temp:
                    _remux(parts, temp)
                return True
            except (ValueError, VideoFileError):  # of a codec that can be read and not be written, such as AV1
                lossless = False
        with atomic_path(target) as temp:
            _encode(parts, temp)
    except (av.FFmpegError, *BROKEN) as error:
        raise VideoFileError(f"{target.name} cannot be joined: {str(error)[:200]}") from error
    return lossless


def _signature(path: Path) -> tuple[object, ...]:
    with open_video(path) as (_, stream):
        context = stream.codec_context
        return context.name, stream.width, stream.height, stream.average_rate, stream.time_base, context.extradata


def _comment(path: Path) -> str:
    with open_video(path) as (box, _):
        return str(box.metadata.get("comment", ""))


def _remux(parts: Sequence[Path], target: Path) -> None:
    import av

    with av.open(str(target), "w", format="mp4") as out:
        out.metadata["comment"] = _comment(parts[0])
        stream = None
        offset = 0
        for part in parts:
            with open_video(part) as (box, source):
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
            with open_video(part) as (box, source):
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
