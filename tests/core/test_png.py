# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts leave a PNG file; its pixels and what describes them stay."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from grail_addon.core.png import remove_texts, without_texts


def write(path: Path, time: str) -> np.ndarray:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("RenderTime", time)
    texts.add_itxt("Date", time)
    pixels = np.arange(4 * 5 * 3, dtype=np.uint8).reshape(4, 5, 3)
    Image.fromarray(pixels).save(path, pnginfo=texts, dpi=(72, 72))
    return pixels


def test_the_same_picture_has_the_same_bytes(tmp_path: Path) -> None:
    one, two = tmp_path / "one.png", tmp_path / "two.png"
    pixels = write(one, "00:01.2")
    write(two, "00:03.4")
    assert one.read_bytes() != two.read_bytes()
    for path in (one, two):
        remove_texts(path)
        with Image.open(path) as image:
            assert not image.text and image.info["dpi"] == pytest.approx((72, 72), abs=0.01)
            assert (np.asarray(image) == pixels).all()
    assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n\x00\x00\x01\x00IDAT"])
def test_what_is_no_whole_png_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="PNG"):
        without_texts(data)
