# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender materials as MTL, with their textures saved beside it under plain names."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import bpy
import numpy as np
from numpy.typing import NDArray

from ...steps.effects import Pause, Steps, offload
from .baked import Baked, Corners, bake, bake_glow
from .obj_text import MtlMaterial
from .textures import Later, save_image, write_rgba

_MAPS = (
    ("map_Kd", "Base Color"),
    ("map_Pr", "Roughness"),
    ("map_Pm", "Metallic"),
    ("norm", "Normal"),
    ("map_Ke", "Emission Color"),
)


def plain_names(names: Sequence[str]) -> list[str]:
    """Names of letters, digits, `_` and `-` only, each once; Blender's `.001` is dropped so that files don't depend on
    what else is open."""
    result: list[str] = []
    for name in names:
        stem = re.sub(r"[^A-Za-z0-9_-]+", "_", re.sub(r"\.\d{3,}$", "", name)).strip("_") or "unnamed"
        plain, count = stem, 1
        while plain in result:
            count += 1
            plain = f"{stem}_{count}"
        result.append(plain)
    return result


@dataclass(frozen=True, eq=False)
class WrittenMaterial:
    """A material as MTL has it. uvs (M, 3, 2): of the corners of its triangles, None where they are the mesh's own."""

    mtl: MtlMaterial
    uvs: NDArray[np.float32] | None = None


Materials = Callable[[], Sequence[bpy.types.Material | None]]
"""Gives the materials of a mesh, in slot order, when they are needed."""


def write_materials(
    materials: Materials, folder: Path, corners: Callable[[int], Corners], later: Later
) -> Steps[list[WrittenMaterial]]:
    """Materials in slot order; the textures are to lie in `folder`, one file per image. corners: of a slot's triangles,
    asked for in a thread; later: takes what writes files."""
    names = plain_names([m.name if m is not None else "none" for m in materials()])
    saved: dict[str, str | None] = {}
    written = []
    for slot, name in enumerate(names):
        yield Pause()
        here = yield from offload(partial(corners, slot))
        shader = _principled(materials()[slot])
        baked = (yield from bake(shader, here)) if shader is not None else None
        if baked is None or baked.pixels is None:
            mtl = yield from _mtl(materials, slot, name, folder, saved, later)
        else:
            # other maps stay where they lie on the same UVs
            kept = _MAPS[1:] if baked.uvs is None else ()
            mtl = yield from _mtl(materials, slot, name, folder, saved, later, kept)
            mtl = replace(mtl, maps=(*_baked_maps(baked, name, folder, saved, later), *mtl.maps))
        shader = _principled(materials()[slot])
        glow = (yield from bake_glow(shader)) if any(key == "map_Ke" for key, _ in mtl.maps) and shader else None
        if glow is not None:
            mtl = _with_glow(mtl, glow, name, folder, saved, later)
        written.append(WrittenMaterial(mtl, None if baked is None else baked.uvs))
    return written


def _with_glow(
    mtl: MtlMaterial,
    pixels: NDArray[np.uint8],
    name: str,
    folder: Path,
    saved: dict[str, str | None],
    later: Later,
) -> MtlMaterial:
    """With the picture that it shines in instead of the one that this was made of."""
    file = f"{_free_stem(f'{name}_glow', saved)}.png"
    saved[f"baked {file}"] = file
    later.append(partial(write_rgba, pixels, folder / file))
    maps = tuple((key, file if key == "map_Ke" else old) for key, old in mtl.maps)
    return replace(mtl, maps=maps, emission=(1.0, 1.0, 1.0))


def _free_stem(stem: str, saved: dict[str, str | None]) -> str:
    """A plain file name of its own."""
    return plain_names([*(Path(file).stem for file in saved.values() if file), stem])[-1]


def _baked_maps(
    baked: Baked, name: str, folder: Path, saved: dict[str, str | None], later: Later
) -> tuple[tuple[str, str], ...]:
    """Save the picture of a material, and its alpha as one more: some readers take the one, some the other."""
    assert baked.pixels is not None  # asked for those with a picture
    stem = _free_stem(f"{name}_baked", saved)
    saved[f"baked {stem}"] = f"{stem}.png"
    later.append(partial(write_rgba, baked.pixels, folder / f"{stem}.png"))
    maps = [("map_Kd", f"{stem}.png")]
    if baked.has_alpha:
        alpha = np.repeat(baked.pixels[..., 3:], 4, axis=2)
        later.append(partial(write_rgba, alpha, folder / f"{stem}_alpha.png"))
        maps.append(("map_d", f"{stem}_alpha.png"))
    return tuple(maps)


def _mtl(
    materials: Materials,
    slot: int,
    name: str,
    folder: Path,
    saved: dict[str, str | None],
    later: Later,
    wanted: Sequence[tuple[str, str]] = _MAPS,
) -> Steps[MtlMaterial]:
    maps = []
    for key, socket in wanted:
        yield Pause()
        shader = _principled(materials()[slot])
        image = _image_behind(shader.inputs[socket]) if shader is not None else None
        if image is None or (key == "map_Ke" and not any(_emission(shader))):
            continue
        if image.name_full not in saved:
            saved[image.name_full] = save_image(image, folder, _image_stem(image, saved), later)
        file = saved[image.name_full]
        if file is not None:
            maps.append((key, file))
    material = materials()[slot]
    shader = _principled(material)
    if shader is None:
        colour = tuple(material.diffuse_color[:3]) if material is not None else (0.8, 0.8, 0.8)
        return MtlMaterial(name, colour)
    glows = any(key == "map_Ke" for key, _ in maps)
    return MtlMaterial(
        name,
        colour=tuple(shader.inputs["Base Color"].default_value[:3]),
        roughness=shader.inputs["Roughness"].default_value,
        metallic=shader.inputs["Metallic"].default_value,
        specular=shader.inputs["Specular IOR Level"].default_value,
        alpha=shader.inputs["Alpha"].default_value,
        emission=_emission(shader) if glows or not shader.inputs["Emission Color"].links else (0.0, 0.0, 0.0),
        maps=tuple(maps),
    )


def _emission(shader: bpy.types.ShaderNode) -> tuple[float, ...]:
    """(3,) linear colour that a surface shines in by itself; a factor on its picture where it has one."""
    strength, colour = shader.inputs["Emission Strength"].default_value, shader.inputs["Emission Color"]
    return tuple(strength * (1.0 if colour.links else part) for part in colour.default_value[:3])


def _image_stem(image: bpy.types.Image, saved: dict[str, str | None]) -> str:
    name = re.sub(r"\.\d{3,}$", "", image.name)
    return _free_stem(Path(name).stem or "texture", saved)


def _principled(material: bpy.types.Material | None) -> bpy.types.ShaderNode | None:
    if material is None or material.node_tree is None:
        return None
    return next((n for n in material.node_tree.nodes if n.type == "BSDF_PRINCIPLED"), None)


def _image_behind(socket: bpy.types.NodeSocket) -> bpy.types.Image | None:
    """The nearest image texture that feeds a socket, through mixes, normal maps and the like."""
    queue, seen = [link.from_node for link in socket.links], set()
    while queue:
        node = queue.pop(0)
        if node.name in seen:
            continue
        seen.add(node.name)
        if node.type == "TEX_IMAGE":
            if node.image is not None:
                return node.image
            continue
        queue += [link.from_node for s in node.inputs for link in s.links]
    return None
