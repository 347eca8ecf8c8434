# SPDX-License-Identifier: GPL-3.0-or-later
"""Light of a variant: the environment picture and the scene's own lamps, set from a `LightDraw`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from ...core.arrays import Float32
from ...core.variant.draw import LightDraw
from ...core.variant.light_color import kelvin_to_rgb
from ...steps.blender_calls import blender_call
from ...steps.effects import Pause, Steps, offload
from ..owned import BlockRef, OwnedData

WORLD_RADIANCE = 0.6
"""Mean radiance that every environment picture is brought to, so that a night street does not decide exposure."""


def hdri_path(name: str) -> Path | None:
    """One of Blender's bundled environment pictures, None where the build comes without them."""
    folder = bpy.utils.system_resource("DATAFILES", path="studiolights/world")
    path = Path(folder) / name if folder else None
    return path if path is not None and path.is_file() else None


def _pixels(path: str) -> Float32:
    """Pixels (H, W, 3) of a picture, bottom row first."""
    image = bpy.data.images.load(path, check_existing=False)
    try:
        with blender_call("Image.pixels"):  # reads the file
            width, height = image.size
            pixels = np.empty(width * height * image.channels, dtype=np.float32)
            image.pixels.foreach_get(pixels)
        return pixels.reshape(height, width, image.channels)[..., :3]
    finally:
        bpy.data.images.remove(image)


def _mean_radiance(rgb: Float32) -> float:
    """Mean luminance over the sphere of an equirectangular picture (H, W, 3) (rows weighted by their solid angle)."""
    height = len(rgb)
    weight = np.cos((np.arange(height) + 0.5) / height * np.pi - np.pi / 2)
    luminance = rgb @ np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
    return float((luminance.mean(axis=1) * weight).sum() / weight.sum())


@dataclass(frozen=True)
class _Lamp:
    object: BlockRef
    energy: float
    color: tuple[float, float, float]


class LightRig:
    """The lamps of a scene with the strengths they came with. Lamps named `window...` follow the window's draw, all
    others the key's. The world is replaced by the drawn environment unless the scene brings a picture of its own."""

    def __init__(self, scene: bpy.types.Scene, owned: OwnedData) -> None:
        self._scene, self._owned = BlockRef.of(scene), owned
        lamps = [o for o in scene.objects if o.type == "LIGHT"]
        self._lamps = [_Lamp(BlockRef.of(o), o.data.energy, tuple(o.data.color)) for o in lamps]
        self._own_world = _has_picture(scene.world)
        self._world: BlockRef | None = None
        self._pictures: dict[Path, BlockRef] = {}
        self._radiance: dict[Path, float] = {}

    def lit(self, draw: LightDraw) -> Steps[dict[str, str]]:
        """As `apply`, step by step."""
        path = hdri_path(draw.hdri)
        if path is not None and not self._own_world:
            if path not in self._radiance:
                yield Pause("light")
                rgb = _pixels(str(path))
                self._radiance[path] = yield from offload(lambda: _mean_radiance(rgb), "light")
            yield Pause("light")
            self._environment()
            yield Pause("light")
            self._picture(path)
        yield Pause("light")
        return self.apply(draw)

    def apply(self, draw: LightDraw) -> dict[str, str]:
        """Set all lamps and the world; returns what was used, for the manifest."""
        for lamp in self._lamps:
            light = lamp.object.block.data
            window = lamp.object.name.lower().startswith("window")
            _put(light, "energy", lamp.energy * 2.0 ** (draw.window_stops if window else draw.key_stops))
            if not window:
                tint = kelvin_to_rgb(draw.key_kelvin)
                _put(light, "color", tuple(c * t / max(tint) for c, t in zip(lamp.color, tint, strict=True)))
        if self._own_world:
            return {"world": "the scene's own"}
        path = hdri_path(draw.hdri)
        if path is None:
            return {"world": f"the scene's own ({draw.hdri} is not in this Blender build)"}
        world = self._environment()
        if path not in self._radiance:
            self._radiance[path] = _mean_radiance(_pixels(str(path)))
        _show(world, self._picture(path), draw, WORLD_RADIANCE / max(self._radiance[path], 1e-6))
        _put(self._scene.block, "world", world)
        return {"world": draw.hdri}

    def _environment(self) -> bpy.types.World:
        """The stage's one world."""
        if self._world is None:
            with self._owned.recording():
                self._world = BlockRef.of(_new_world())
        return self._world.block

    def _picture(self, path: Path) -> bpy.types.Image:
        if path not in self._pictures:
            with self._owned.recording():
                with blender_call("images.load"):
                    picture = bpy.data.images.load(str(path), check_existing=False)
                self._pictures[path] = BlockRef.of(picture)
        return self._pictures[path].block


def _put(owner: Any, name: str, value: Any) -> None:
    """Set a property that has another value. Setting it to the same one would have Cycles make the environment's
    importance map anew, half a second."""
    now = getattr(owner, name)
    if isinstance(value, float):
        same = np.float32(value) == np.float32(now)
    elif isinstance(value, tuple):
        same = np.array_equal(np.float32(value), np.float32(tuple(now)))
    else:
        same = now == value
    if not same:
        setattr(owner, name, value)


def _has_picture(world: bpy.types.World | None) -> bool:
    tree = world.node_tree if world is not None else None
    return tree is not None and any(n.type == "TEX_ENVIRONMENT" and n.image for n in tree.nodes)


def _new_world() -> bpy.types.World:
    """A world with nodes for a picture that is turned and scaled."""
    world = bpy.data.worlds.new("grail_world")
    if not world.node_tree:
        world.use_nodes = True
    nodes, links = world.node_tree.nodes, world.node_tree.links
    nodes.clear()
    # By itself Cycles takes 4096: seconds more for each variant and no less noise; 1024 costs more than a decibel.
    world.cycles.sampling_method, world.cycles.sample_map_resolution = "MANUAL", 2048
    coordinates, mapping = nodes.new("ShaderNodeTexCoord"), nodes.new("ShaderNodeMapping")
    picture, background = nodes.new("ShaderNodeTexEnvironment"), nodes.new("ShaderNodeBackground")
    output = nodes.new("ShaderNodeOutputWorld")
    mapping.name, picture.name, background.name = "turn", "environment", "strength"
    links.new(coordinates.outputs["Generated"], mapping.inputs["Vector"])
    links.new(mapping.outputs["Vector"], picture.inputs["Vector"])
    links.new(picture.outputs["Color"], background.inputs["Color"])
    links.new(background.outputs["Background"], output.inputs["Surface"])
    return world


def _show(world: bpy.types.World, picture: bpy.types.Image, draw: LightDraw, strength: float) -> None:
    """Let the world show the picture as drawn. strength: what brings the picture to the common radiance."""
    nodes = world.node_tree.nodes
    _put(nodes["environment"], "image", picture)
    _put(nodes["turn"].inputs["Rotation"], "default_value", (0.0, 0.0, float(np.radians(draw.hdri_turn_deg))))
    _put(nodes["strength"].inputs["Strength"], "default_value", strength * 2.0**draw.hdri_stops)
