# SPDX-License-Identifier: GPL-3.0-or-later
"""MP4 files that can be played and are not what was asked for: other codecs, rates, sizes, tracks, claims."""

from __future__ import annotations

import io
from collections.abc import Callable
from fractions import Fraction

import av
import numpy as np


def noise(width: int, height: int, seed: int = 2) -> av.VideoFrame:
    picture = np.random.default_rng(seed).integers(0, 255, (height, width, 3), dtype=np.uint8)
    return av.VideoFrame.from_ndarray(picture, format="rgb24")


def movie(
    codec: str = "libx264", frames: int = 60, size: tuple[int, int] = (320, 180), rate: int = 24, form: str = "yuv420p",
    box_options: dict[str, str] | None = None, options: dict[str, str] | None = None,
) -> bytes:  # fmt: skip
    """An MP4 of noise that never moves."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4", options=box_options or {}) as box:
        stream = box.add_stream(codec, rate=rate, options=options or {})
        stream.width, stream.height, stream.pix_fmt = *size, form
        picture = noise(*size)
        for number in range(frames):
            picture.pts = number
            box.mux(stream.encode(picture))
        box.mux(stream.encode())
    return out.getvalue()


def other_size_inside() -> bytes:
    """From its middle on, the pictures are larger than the file says: each key frame brings its own size."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as box:
        stream = box.add_stream("libx264", rate=24, options={"preset": "ultrafast", "x264-params": "repeat-headers=1"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        made = []
        for width, height in ((320, 180), (1280, 720)):
            coder = av.CodecContext.create("libx264", "w")
            coder.width, coder.height, coder.pix_fmt = width, height, "yuv420p"
            coder.time_base = Fraction(1, 24)
            coder.options = {"preset": "ultrafast", "x264-params": "repeat-headers=1", "tune": "zerolatency"}
            picture = noise(width, height)
            for number in range(30):
                picture.pts = number
                made += [bytes(packet) for packet in coder.encode(picture)]
            made += [bytes(packet) for packet in coder.encode()]
        for number, data in enumerate(made):
            packet = av.Packet(data)
            packet.stream, packet.pts, packet.dts, packet.time_base = stream, number, number, Fraction(1, 24)
            packet.is_keyframe = number in (0, 30)
            box.mux(packet)
    return out.getvalue()


def claims_years() -> bytes:
    """The header says that it takes years; the pictures are those of two seconds."""
    data = bytearray(movie())
    at = data.index(b"mvhd") + 4 + 16
    data[at : at + 4] = b"\x7f\xff\xff\xff"
    return bytes(data)


def no_time_scale() -> bytes:
    data = bytearray(movie())
    at = data.index(b"mdhd") + 4 + 12
    data[at : at + 4] = b"\0\0\0\0"
    return bytes(data)


ODD_MOVIES: dict[str, Callable[[], bytes]] = {
    "hevc": lambda: movie("libx265", options={"preset": "ultrafast", "x265-params": "log-level=none"}),
    "vp9": lambda: movie("libvpx-vp9", frames=20, options={"deadline": "realtime", "cpu-used": "8"}),
    "av1": lambda: movie("libsvtav1", frames=10, options={"preset": "13"}),
    "mpeg 4": lambda: movie("mpeg4"),
    "motion jpeg": lambda: movie("mjpeg", form="yuvj420p"),
    "png": lambda: movie("png", frames=10, form="rgb24"),
    "ten bits": lambda: movie(form="yuv420p10le"),
    "no colour": lambda: movie(form="gray"),
    "all colour": lambda: movie(form="yuv444p"),
    "one frame": lambda: movie(frames=1),
    "two frames": lambda: movie(frames=2),
    "one a second": lambda: movie(rate=1, frames=5),
    "a thousand a second": lambda: movie(rate=1000, frames=200),
    "upright": lambda: movie(size=(180, 320)),
    "a square": lambda: movie(size=(240, 240)),
    "a strip": lambda: movie(size=(640, 16)),
    "tiny": lambda: movie(size=(16, 16)),
    "in pieces": lambda: movie(box_options={"movflags": "frag_keyframe+empty_moov"}),
    "another size inside": other_size_inside,
    "claims to take years": claims_years,
    "no time scale": no_time_scale,
}
