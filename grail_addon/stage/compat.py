# SPDX-License-Identifier: GPL-3.0-or-later
"""Differences between Blender 4.2 and 5.2: the only place that asks which version runs."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray


def operator(name: str, options: Mapping[str, Any]) -> Callable[..., set[str]] | None:
    """The operator called `name` ("wm.fbx_import") with those of `options` that it has; None where it is missing.

    Options come and go between versions; leaving an unknown one out keeps the version's default.
    """
    group, _, function = name.partition(".")
    op = getattr(getattr(bpy.ops, group), function)
    try:
        known = op.get_rna_type().properties.keys()
    except KeyError:
        return None
    usable = {k: v for k, v in options.items() if k in known}

    def call(**more: Any) -> set[str]:
        return op(**usable, **more)

    return call


def usd_import_applies_units() -> bool:
    """Whether the USD importer turns the stage's units into metres by itself (4.4 and later)."""
    op = bpy.ops.wm.usd_import
    return bool(bpy.app.build_options.usd) and "apply_unit_conversion_scale" in op.get_rna_type().properties


def output_png(settings: bpy.types.ImageFormatSettings) -> None:
    """Set a render's output to 8-bit RGB PNG."""
    if hasattr(settings, "media_type"):  # 5.0: must be set before the format
        settings.media_type = "IMAGE"
    settings.file_format = "PNG"
    settings.color_mode, settings.color_depth, settings.compression = "RGB", "8", 15


def output_passes(settings: bpy.types.ImageFormatSettings) -> None:
    """Set a render's output to one 32-bit multilayer EXR with all passes."""
    if hasattr(settings, "media_type"):
        settings.media_type = "MULTI_LAYER_IMAGE"
    settings.file_format = "OPEN_EXR_MULTILAYER"
    settings.color_mode, settings.color_depth, settings.exr_codec = "RGBA", "32", "NONE"
    if hasattr(settings, "use_exr_interleave"):  # 5.0 and later: one part, as before, and not one for each pass
        settings.use_exr_interleave = True


def curves_of(action: bpy.types.Action) -> list[Any]:
    """The collections of animation curves of an action: one, or one for each slot of each strip (4.4 and later)."""
    if hasattr(action, "layers"):
        return [bag.fcurves for layer in action.layers for strip in layer.strips for bag in strip.channelbags]
    return [action.fcurves]


_CHANNELS: Mapping[str, tuple[str, ...]] = {
    "depth": (".Depth.Z",),
    "index": (".IndexOB.X", ".Object Index.X"),
    "alpha": (".Combined.A",),
    "material": (".IndexMA.X", ".Material Index.X"),
}


def is_pass(channel: str, kind: str) -> bool:
    """Whether an EXR channel of that name carries `kind` ("depth", "index", "alpha", "material"); Blender 5.0 renamed
    the index passes."""
    return channel.endswith(_CHANNELS[kind])


def triangles_of(mesh: bpy.types.Mesh) -> NDArray[np.int32]:
    """Vertex indices (M, 3) of a mesh's triangles, as `calc_loop_triangles` has made them.

    `foreach_get` asks for each number by itself, 20 ms for a person. From 4.1 on the triangles lie in memory as one array of
    three corners each; where they do not, they are asked for.
    """
    triangles, corners = mesh.loop_triangles, mesh.attributes.get(".corner_vert")
    count = len(triangles)
    if count and corners is not None:
        first, last = (triangles[i].as_pointer() for i in (0, count - 1))
        if last - first == (count - 1) * 3 * ctypes.sizeof(ctypes.c_int32):
            held = np.frombuffer((ctypes.c_int32 * (3 * count)).from_address(first), dtype=np.int32).reshape(-1, 3)
            if all(held[i].tolist() == list(triangles[i].loops) for i in (0, count // 2, count - 1)):
                vertices = np.empty(len(mesh.loops), dtype=np.int32)
                corners.data.foreach_get("value", vertices)
                return vertices[held]
    faces = np.empty(count * 3, dtype=np.int32)
    triangles.foreach_get("vertices", faces)
    return faces.reshape(-1, 3)


def has_denoiser() -> bool:
    """Whether this build's Cycles carries OpenImageDenoise (Debian's does not, and fails or stays noisy)."""
    try:
        import _cycles  # type: ignore[import-not-found]
    except ImportError:
        return False
    return bool(getattr(_cycles, "with_openimagedenoise", False))


def can_denoise_on_gpu(preferences: Any) -> bool:
    """Whether OpenImageDenoise says that it runs on one of the GPUs that Cycles' preferences have on."""
    can = getattr(preferences, "has_oidn_gpu_devices", None)  # 4.1 and later, not in every build
    return bool(can is not None and can())


def cycles_kernels() -> Path | None:
    """Cycles' folder of kernels for GPUs; None where this Blender comes without Cycles."""
    cycles = sys.modules.get("cycles")
    file = getattr(cycles, "__file__", None)
    return None if file is None else Path(file).parent / "lib"
