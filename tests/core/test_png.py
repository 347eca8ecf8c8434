# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts leave a PNG file; its pixels and what describes them stay."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from grail_addon.core.png import grey_png, remove_texts, without_texts


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


@pytest.mark.parametrize(
    ("shape", "kind"), [((37, 53), np.uint8), ((37, 53), np.uint16), ((1, 1), np.uint16), ((1, 9), np.uint8)]
)
def test_grey_values_are_read_as_they_were_written(shape: tuple[int, int], kind: type[Any]) -> None:
    values = np.random.default_rng(1).integers(0, np.iinfo(kind).max, shape, kind, endpoint=True)
    data = grey_png(values)
    with Image.open(io.BytesIO(data)) as image:
        image.verify()
    with Image.open(io.BytesIO(data)) as image:
        assert image.mode == ("L" if kind is np.uint8 else "I;16") and image.size == shape[::-1]
        read = np.asarray(image)
    assert read.dtype == kind and (read == values).all()
    assert without_texts(data) == data


def test_parts_of_a_larger_array_are_written_too() -> None:
    values = np.arange(60 * 80, dtype=np.uint16).reshape(60, 80)[::2, 5:70:3]
    with Image.open(io.BytesIO(grey_png(values))) as image:
        assert (np.asarray(image) == values).all()
