# SPDX-License-Identifier: GPL-3.0-or-later
"""Small pictures of the report: thumbnails, coloured depth, masks over the frame, and the contact sheet.

Thumbnails are files beside the page and not embedded: at 1,000 variants of plain test pictures they hold 9 MB, which
embedded would make 12 MB of text that is parsed before the first card shows (rendered rooms have more detail and
larger files), while files are read only when they scroll into view.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ..core.files import atomic_path
from ..core.gate.types import Level

THUMB_WIDTH = 480
PREVIEW_WIDTH = 768
# near to far; lightness falls steadily, so that it reads without colour too
_RAMP = np.array([[255, 244, 214], [252, 196, 110], [236, 126, 88], [176, 66, 110], [98, 40, 118], [28, 20, 68]], float)
_OBJECT, _HIDDEN, _PERSON = (255, 148, 38), (255, 60, 90), (64, 156, 255)
COLOURS: dict[Level, str] = {"pass": "#2f9e6b", "warn": "#c98a12", "fail": "#d1485a"}


def read_picture(path: Path | None) -> Image.Image | None:
    """The picture, read as a whole; None where there is none or its file is broken."""
    if path is None:
        return None
    try:
        with Image.open(path) as stored:
            stored.load()
            return stored
    except (OSError, SyntaxError):  # Pillow says the latter of a PNG that is broken inside
        return None


def save_webp(picture: Image.Image, path: Path, quality: int = 80) -> None:
    """Write `picture`. Not atomic: what was made is remembered only once all is made, so a build that was stopped
    makes its pictures anew, and syncing thousands of small files would take longer than making them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path, "WEBP", quality=quality, method=1)


def scaled_down(picture: Image.Image, width: int) -> Image.Image:
    """The picture scaled down to `width`; never up."""
    if picture.width <= width:
        return picture
    return picture.resize((width, round(picture.height * width / picture.width)), Image.Resampling.BOX)


def depth_preview(stored: Image.Image) -> tuple[Image.Image, tuple[float, float] | None]:
    """Colours for a 16-bit depth picture in millimetres, and the metres its colours begin and end at; unknown is grey."""
    step = max(1, stored.width // PREVIEW_WIDTH)
    depth = np.asarray(stored, dtype=np.float32)[::step, ::step] / 1000.0
    known = depth > 0
    colours: NDArray[np.uint8] = np.full((*depth.shape, 3), 128, dtype=np.uint8)
    if not known.any():
        return Image.fromarray(colours), None
    near, far = (float(v) for v in np.percentile(depth[known], (0.5, 99.5)))
    # steps in 1/depth follow how coarse depth is seen, and keep detail near the camera
    share = np.clip((1 / near - 1 / depth[known]) / max(1 / near - 1 / far, 1e-9), 0, 1)
    table = np.stack([np.interp(np.linspace(0, 1, 256), np.linspace(0, 1, len(_RAMP)), c) for c in _RAMP.T], axis=1)
    colours[known] = table.astype(np.uint8)[(share * 255).astype(np.uint8)]
    return Image.fromarray(colours), (near, far)


def masks_preview(
    frame: Image.Image, amodal: Image.Image | None, visible: Image.Image | None, person: Image.Image | None
) -> Image.Image:
    """The frame in grey with the person in blue, the object in orange, and what hides of the object in red."""
    base = scaled_down(frame, PREVIEW_WIDTH).convert("L").point(lambda level: level * 0.55 + 12).convert("RGB")
    for stored, colour in ((person, _PERSON), (amodal, _HIDDEN if visible else _OBJECT), (visible, _OBJECT)):
        if stored is None:
            continue
        mask = scaled_down(stored.convert("L"), PREVIEW_WIDTH).point(lambda level: level * 0.75)
        if mask.size != base.size:
            mask = mask.resize(base.size, Image.Resampling.NEAREST)
        base.paste(colour, (0, 0), mask)
    return base


def contact_sheet(cells: Sequence[tuple[str, Level, Path | None]], path: Path) -> None:
    """Write a PNG with a cell for each of (caption, verdict, thumbnail); without a thumbnail the cell stays empty."""
    width, height, caption, gap = 240, 135, 22, 10
    columns = max(1, min(len(cells), round((len(cells) * 1.6 * (height + caption) / width) ** 0.5)))
    rows = -(-len(cells) // columns)
    sheet = Image.new("RGB", (columns * (width + gap) + gap, rows * (height + caption + gap) + gap), "#16181d")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(12)
    for index, (text, verdict, thumb) in enumerate(cells):
        x = gap + index % columns * (width + gap)
        y = gap + index // columns * (height + caption + gap)
        draw.rectangle((x, y, x + width - 1, y + height - 1), fill="#22262e")
        if thumb is not None:
            with Image.open(thumb) as stored:
                picture = stored.convert("RGB")
            picture.thumbnail((width, height))
            sheet.paste(picture, (x + (width - picture.width) // 2, y + (height - picture.height) // 2))
        draw.rectangle((x, y + height, x + width - 1, y + height + 2), fill=COLOURS[verdict])
        draw.text((x, y + height + 6), _shortened(text, width - 44, font), fill="#d5d9e0", font=font)
        draw.text((x + width, y + height + 6), verdict, fill=COLOURS[verdict], font=font, anchor="ra")
    with atomic_path(path) as temp:
        sheet.save(temp, "PNG")


def _shortened(text: str, width: int, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> str:
    """The text with its middle left out where it is wider than `width` pixels; variants differ at both ends."""
    if font.getlength(text) <= width:
        return text
    keep = len(text)
    while keep > 4 and font.getlength(text[: keep // 2] + "…" + text[-(keep // 2) :]) > width:
        keep -= 2
    return text[: keep // 2] + "…" + text[-(keep // 2) :]
