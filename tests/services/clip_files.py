# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that may come in place of a clip: broken, empty, endless, of another kind."""

from __future__ import annotations

import functools
import io
import tempfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image

from grail_addon.core.video.verdict import SANDBOX_MARK


def encoded(frames: int, size: tuple[int, int] = (320, 180), fast_start: bool = False) -> bytes:
    """An MP4 of noise that never moves. fast_start: its index comes first."""
    picture = np.random.default_rng(2).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        with av.open(str(path), "w", options={"movflags": "faststart"} if fast_start else {}) as box:
            box.metadata["comment"] = SANDBOX_MARK
            stream = box.add_stream("libx264", rate=24, options={"preset": "ultrafast", "crf": "30"})
            stream.width, stream.height, stream.pix_fmt = size[0], size[1], "yuv420p"
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            for number in range(frames):
                frame.pts = number
                box.mux(stream.encode(frame))
            box.mux(stream.encode())
        return path.read_bytes()


def truncated() -> bytes:
    """Index at the front, the second half of the pictures missing."""
    data = encoded(121, fast_start=True)
    return data[: len(data) // 2]


def without_index() -> bytes:
    data = encoded(121)
    return data[: len(data) * 9 // 10]


def no_frames() -> bytes:
    return encoded(1)[:28] + b"\x00\x00\x00\x08free"


def odd_metadata() -> bytes:
    """A comment that is not UTF-8."""
    mark = SANDBOX_MARK.encode()
    return encoded(121).replace(mark, b"\xff\xfe\x80" + mark[3:])


def audio_only() -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as box:
        voice = box.add_stream("aac", rate=44100)
        for number in range(50):
            quiet = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), format="fltp", layout="stereo")
            quiet.sample_rate, quiet.pts = 44100, number * 1024
            box.mux(voice.encode(quiet))
        box.mux(voice.encode())
    return out.getvalue()


def variable_rate() -> bytes:
    out = io.BytesIO()
    picture = np.random.default_rng(2).integers(0, 255, (180, 320, 3), dtype=np.uint8)
    with av.open(out, "w", format="mp4") as box:
        stream = box.add_stream("libx264", rate=24, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        at = 0
        for number in range(80):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = at, Fraction(1, 1000)
            at += 20 if number % 3 else 190
            box.mux(stream.encode(frame))
        box.mux(stream.encode())
    return out.getvalue()


@functools.cache
def endless() -> bytes:
    """200 000 pictures, in a file of a few megabytes: the same key frame again and again."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as box:
        box.metadata["comment"] = SANDBOX_MARK
        stream = box.add_stream("libx264", rate=24, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        first = [*stream.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24"))]
        data = bytes([*first, *stream.encode()][0])
        for number in range(200_000):
            packet = av.Packet(data)
            packet.stream, packet.pts, packet.dts, packet.time_base = stream, number, number, Fraction(1, 24)
            packet.is_keyframe = True
            box.mux(packet)
    return out.getvalue()


def gif() -> bytes:
    out = io.BytesIO()
    frames = [Image.new("RGB", (64, 48), color) for color in ("red", "blue")]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    return out.getvalue()


def html() -> bytes:
    return b"<!doctype html><html><body>Please sign in</body></html>"


def playlist() -> bytes:
    """What a demuxer that follows links would open."""
    return b"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"


def garbage() -> bytes:
    return encoded(2)[:64] + np.random.default_rng(5).integers(0, 255, 20_000, dtype=np.uint8).tobytes()


ODD_FILES: tuple[Callable[[], bytes], ...] = (
    truncated, without_index, no_frames, odd_metadata, audio_only, variable_rate, endless, gif, html, playlist, garbage,
)  # fmt: skip
EMPTY = b""
