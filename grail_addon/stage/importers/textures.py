# SPDX-License-Identifier: GPL-3.0-or-later
"""Images of materials: which there are, which are missing, and how to save one beside a mesh file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ...core.files import atomic_path, write_bytes
from ...steps.blender_calls import blender_call
from ...steps.effects import Steps, offload

_SUFFIXES = {"PNG": ".png", "JPEG": ".jpg", "TARGA": ".tga", "BMP": ".bmp", "TIFF": ".tif", "WEBP": ".webp"}
_KNOWN_SUFFIXES = frozenset({*_SUFFIXES.values(), ".jpeg", ".tiff"})


def image_nodes(obj: bpy.types.Object) -> Iterator[bpy.types.ShaderNodeTexImage]:
    """Image texture nodes that show an image, of all the object's materials, node groups included."""
    for slot in obj.material_slots:
        if slot.material is not None and slot.material.node_tree is not None:
            yield from _nodes_in(slot.material.node_tree)


def _nodes_in(tree: bpy.types.NodeTree) -> Iterator[bpy.types.ShaderNodeTexImage]:
    for node in tree.nodes:
        if node.type == "GROUP" and node.node_tree is not None:
            yield from _nodes_in(node.node_tree)
        elif node.type == "TEX_IMAGE" and node.image is not None:
            yield node


def images_of(obj: bpy.types.Object) -> list[bpy.types.Image]:
    """Images that the object's materials use, each once."""
    return list({node.image.name_full: node.image for node in image_nodes(obj)}.values())


def image_file(image: bpy.types.Image) -> Path:
    """Absolute path of an image's file, whether it exists or not."""
    return Path(bpy.path.abspath(image.filepath, library=image.library))


def library_file(library: bpy.types.Library) -> Path:
    """Absolute path of the .blend file that data is linked from."""
    return Path(os.path.normpath(bpy.path.abspath(library.filepath, library=library.parent)))


def is_missing(image: bpy.types.Image) -> bool:
    """True for an image that should come from a file that is not there."""
    return image.source == "FILE" and image.packed_file is None and not image_file(image).is_file()


Later = list[Callable[[], None]]
"""Work for a thread: files to write, from plain data."""


def save_image(image: bpy.types.Image, folder: Path, stem: str, later: Later) -> str | None:
    """Name of the file `{folder}/{stem}.*` of an image; None where it has no pixels to save. What writes it goes to `later`,
    where Blender need not do it here and now.

    Files and packed files keep their bytes; formats that other tools don't read, and painted or generated images,
    become PNG.
    """
    kept = _stored(image)
    if kept is not None:
        source, suffix = kept
        target = folder / f"{stem}{suffix}"
        later.append(lambda: write_bytes(target, source.read_bytes() if isinstance(source, Path) else source))
        return target.name
    if is_missing(image) or len(image.pixels) == 0:
        return None
    with atomic_path(folder / f"{stem}.png") as temp:
        _write_png(image, temp)
    return f"{stem}.png"


def _stored(image: bpy.types.Image) -> tuple[bytes | Path, str] | None:
    """The image's file, or its bytes where it is packed, with its suffix; None where Blender must write it anew."""
    if image.is_dirty or image.source != "FILE":
        return None
    with blender_call("Image.file_format"):  # reads the file
        suffix = _SUFFIXES.get(image.file_format)
    named = image_file(image).suffix.lower()
    if image.packed_file is not None:
        with blender_call("PackedFile.data"):
            return (image.packed_file.data, suffix) if suffix else None
    if named in _KNOWN_SUFFIXES and image_file(image).is_file():
        return image_file(image), named
    return None


def _write_png(image: bpy.types.Image, path: Path) -> None:
    width, height = image.size
    pixels = np.empty(len(image.pixels), dtype=np.float32)
    image.pixels.foreach_get(pixels)
    pixels = _four_channels(pixels, image.channels)
    if image.is_float and image.colorspace_settings.name != "Non-Color":
        pixels[:, :3] = _srgb(pixels[:, :3])  # float buffers are linear, a PNG is not
    clean = bpy.data.images.new("export", width, height, alpha=True)
    try:
        clean.pixels.foreach_set(pixels.ravel())
        clean.file_format = "PNG"
        clean.filepath_raw = str(path)
        clean.save()
    finally:
        bpy.data.images.remove(clean)


@dataclass(frozen=True, eq=False)
class StoredPixels:
    """Pixels (H, W, channels) of an image as Blender keeps them, bottom row first. srgb: colours are not linear."""

    values: NDArray[np.float32]
    srgb: bool

    def linear(self) -> NDArray[np.float32]:
        """(H, W, 4) linear colours and alpha."""
        height, width, channels = self.values.shape
        pixels = _four_channels(self.values.ravel(), channels)
        if self.srgb:
            srgb = pixels[:, :3]
            pixels[:, :3] = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
        return pixels.reshape(height, width, 4)


def stored_pixels(image: bpy.types.Image, most: int = 0) -> Steps[StoredPixels]:
    """Pixels of an image, one magenta pixel of one that cannot be shown. most: of a wider one every second, third ...
    pixel, so that so many are left across."""
    with blender_call("Image.pixels"):  # reads the file
        width, height = image.size
        flat = np.empty(len(image.pixels), dtype=np.float32)
        if width * height == 0 or len(flat) == 0:
            return StoredPixels(np.array([[[1.0, 0.0, 1.0, 1.0]]], dtype=np.float32), False)
        image.pixels.foreach_get(flat)
    channels, is_srgb = image.channels, not image.is_float and image.colorspace_settings.name != "Non-Color"
    step = -(-max(width, height) // most) if most else 1
    thin = yield from offload(lambda: np.ascontiguousarray(flat.reshape(height, width, channels)[::step, ::step]))
    return StoredPixels(thin, is_srgb)


def write_rgba(pixels: NDArray[np.uint8], path: Path) -> None:
    """Write (H, W, 4) pixels, bottom row first, as PNG; without alpha where all is opaque."""
    image = Image.fromarray(np.ascontiguousarray(pixels[::-1]))
    with atomic_path(path) as temp:
        (image if (pixels[..., 3] < 255).any() else image.convert("RGB")).save(temp, format="PNG")


def _four_channels(pixels: np.ndarray, channels: int) -> np.ndarray:
    """(width * height, 4) RGBA from grey, grey and alpha, RGB or RGBA."""
    pixels = pixels.reshape(-1, channels)
    colour = pixels[:, :3] if channels >= 3 else np.repeat(pixels[:, :1], 3, axis=1)
    alpha = pixels[:, -1:] if channels in (2, 4) else np.ones_like(pixels[:, :1])
    return np.concatenate([colour, alpha], axis=1)


def _srgb(linear: np.ndarray) -> np.ndarray:
    linear = np.clip(linear, 0.0, 1.0)
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
