# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the sandbox's clips: real H.264 MP4s of the received picture, still camera, a slight motion in the middle.

Sizes are those measured on real clips (1916x1080 for pro, 1284x716 for std), 24 frames per second, 24 * N + 1 frames.
Every file says in its metadata that it is from the sandbox.
"""

from __future__ import annotations

import hashlib
import io
import threading
from dataclasses import dataclass
from typing import Literal

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..core.video.verdict import SANDBOX_MARK

FPS = 24
_SIZES = {"std": (1284, 716), "pro": (1916, 1080), "4k": (3832, 2160)}
CameraMove = Literal["static", "pan", "zoom", "cut", "other"]


@dataclass(frozen=True)
class MovieOptions:
    """camera: static as it should be; pan and zoom move it; cut changes the scene half-way; other begins with another picture.

    shrink: divide the size, for fast tests. wrong_size: half the size that was asked for.
    """

    camera: CameraMove = "static"
    shrink: int = 1
    wrong_size: bool = False


_cache: dict[str, bytes] = {}
_cache_lock = threading.Lock()


def movie(image: bytes, mode: str, seconds: int, sound: bool, options: MovieOptions) -> bytes:
    """The clip's bytes; the same request gives the same bytes."""
    key = hashlib.sha256(image + repr((mode, seconds, sound, options)).encode()).hexdigest()
    with _cache_lock:
        if key not in _cache:
            _cache[key] = _make(image, mode, seconds, sound, options)
        return _cache[key]


def frame_size(width: int, height: int, mode: str, options: MovieOptions) -> tuple[int, int]:
    """Size of the clip for a picture of this size: the measured one for 16:9, else by the shorter side; even numbers."""
    long, short = _SIZES[mode]
    if abs(width / height - 16 / 9) < 0.02:
        size = (long, short)
    elif width >= height:
        size = (round(short * width / height), short)
    else:
        size = (short, round(short * height / width))
    divide = options.shrink * (2 if options.wrong_size else 1)
    return size[0] // divide // 2 * 2, size[1] // divide // 2 * 2


def _make(image: bytes, mode: str, seconds: int, sound: bool, options: MovieOptions) -> bytes:
    with Image.open(io.BytesIO(image)) as source:
        size = frame_size(*source.size, mode, options)
        picture = np.asarray(source.convert("RGB").resize(size, Image.Resampling.LANCZOS))
    if options.camera == "other":
        picture = np.ascontiguousarray(picture[::-1, ::-1])
    frames = FPS * seconds + 1
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as box:
        box.metadata["comment"] = f"{SANDBOX_MARK}: made by the sandbox of grail-hoi, not by a video model"
        stream = box.add_stream("libx264", rate=FPS, options={"preset": "ultrafast", "crf": "20"})
        stream.width, stream.height, stream.pix_fmt = size[0], size[1], "yuv420p"
        voice = box.add_stream("aac", rate=44100) if sound else None
        for number in range(frames):
            shown = _frame(picture, number, frames, options.camera)
            box.mux(stream.encode(av.VideoFrame.from_ndarray(shown, format="rgb24")))
        box.mux(stream.encode())
        if voice is not None:
            _silence(box, voice, frames / FPS)
    return out.getvalue()


def _frame(picture: NDArray[np.uint8], number: int, frames: int, camera: CameraMove) -> NDArray[np.uint8]:
    phase = number / max(1, frames - 1)
    if camera == "pan":
        return np.roll(picture, -round(phase * 0.06 * picture.shape[1]), axis=1)
    if camera == "zoom":
        height, width = picture.shape[:2]
        edge = (phase * 0.02 * width, phase * 0.02 * height)
        box = (edge[0], edge[1], width - edge[0], height - edge[1])
        return np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.BILINEAR, box))
    if camera == "cut" and phase > 0.5:
        return np.ascontiguousarray(picture[::-1, ::-1])
    return _stir(picture, phase)


def _stir(picture: NDArray[np.uint8], phase: float) -> NDArray[np.uint8]:
    """Sway the middle by up to 1 % of the height, faded out towards its border; nothing at the first frame."""
    height, width = picture.shape[:2]
    shift = round(0.01 * height * np.sin(2 * np.pi * phase))
    if shift == 0:
        return picture
    top, left, h, w = height // 3, width * 3 // 8, height // 3, width // 4
    middle = picture[top : top + h, left : left + w].astype(np.float32)
    fade_y, fade_x = np.hanning(h)[:, None, None], np.hanning(w)[None, :, None]
    fade = (fade_y * fade_x).astype(np.float32)
    mixed = middle + fade * (np.roll(middle, shift, axis=1) - middle)
    result = picture.copy()
    result[top : top + h, left : left + w] = mixed.astype(np.uint8)
    return result


def _silence(box: av.container.OutputContainer, voice: av.AudioStream, seconds: float) -> None:
    for number in range(round(seconds * 44100 / 1024)):
        quiet = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), format="fltp", layout="stereo")
        quiet.sample_rate, quiet.pts = 44100, number * 1024
        box.mux(voice.encode(quiet))
    box.mux(voice.encode())
