# SPDX-License-Identifier: GPL-3.0-or-later
"""The starter people side by side: their heads from near, and all of them whole.

    python -m bench.people OUT.jpg [--people kid person_a ...] [--characters assets/.../characters] [--samples 48] [--middle]

docs/pictures/people.jpg is made by it. --middle adds a row of their clothes from near.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import bpy
from mathutils import Vector
from PIL import Image

from .setup import ROOT

_APART = 0.46
_COLUMN = 160
# height of what is seen, where its middle is, and the rows' heights in pixels
_HEAD, _MIDDLE, _WHOLE = (0.27, 1.205, 200), (0.78, 0.76, 400), (1.47, 0.665, 512)


def _people(folder: Path, names: Sequence[str]) -> None:
    """Append the people from left to right, the first at the origin."""
    for place, name in enumerate(names):
        with bpy.data.libraries.load(str(folder / name / f"{name}.blend")) as (_, into):
            into.collections = [name]
        bpy.context.scene.collection.children.link(bpy.data.collections[name])
        bpy.data.objects[f"{name}_rig"].location.x = place * _APART


def _light(name: str, place: tuple[float, float, float], size: float, watts: float, middle: float) -> None:
    lamp = bpy.data.lights.new(name, "AREA")
    lamp.size, lamp.energy = size, watts
    item = bpy.data.objects.new(name, lamp)
    item.location = Vector(place) + Vector((middle, 0.0, 0.0))
    item.rotation_euler = (Vector((middle, 0.0, 0.8)) - item.location).to_track_quat("-Z", "Y").to_euler()
    bpy.context.scene.collection.objects.link(item)


def _studio(count: int, samples: int, percent: int) -> bpy.types.Object:
    """Grey floor and wall in one, lamps and a camera; returns the camera."""
    scene = bpy.context.scene
    middle, half = (count - 1) * _APART / 2, count * _APART + 4.0
    mesh = bpy.data.meshes.new("studio")
    corners = [(x, y, z) for y, z in ((-6.0, 0.0), (1.5, 0.0), (1.5, 5.0)) for x in (middle - half, middle + half)]
    mesh.from_pydata(corners, [], [(0, 1, 3, 2), (2, 3, 5, 4)])
    scene.collection.objects.link(bpy.data.objects.new("studio", mesh))
    wide = max(1.0, count / 3)
    _light("key", (-2.2, -3.0, 2.6), 1.2, 95 * wide, middle)
    _light("fill", (3.0, -3.0, 1.6), 2.0, 25 * wide, middle)
    world = bpy.data.worlds.new("studio")
    if not world.node_tree:  # from 5.0 on every world has nodes
        world.use_nodes = True
    world.node_tree.nodes["Background"].inputs["Strength"].default_value = 0.5
    scene.world = world
    scene.render.engine = "CYCLES"
    scene.render.resolution_percentage = percent
    scene.cycles.samples = samples
    scene.cycles.use_denoising = True
    camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    scene.collection.objects.link(camera)
    scene.camera = camera
    return camera


def _shoot(camera: bpy.types.Object, part: tuple[float, float, int], x: float, columns: int, path: Path) -> Image.Image:
    """Render `columns` people about `x` from 4 m in front."""
    height, z, pixels = part
    scene = bpy.context.scene
    scene.render.resolution_x, scene.render.resolution_y = columns * _COLUMN, pixels
    scene.render.filepath = str(path)
    camera.data.lens, camera.data.sensor_fit, camera.data.sensor_height = 4.0 * 24.0 / height, "VERTICAL", 24.0
    turned = 0.35 * 4.0 if columns == 1 else 0.0
    camera.location = (x - turned, -4.0, z + 0.12 * height)
    camera.rotation_euler = (Vector((x, 0.0, z)) - camera.location).to_track_quat("-Z", "Y").to_euler()
    bpy.ops.render.render(write_still=True)
    with Image.open(path) as image:
        return image.convert("RGB")


def _beside(images: Sequence[Image.Image]) -> Image.Image:
    row = Image.new("RGB", (sum(image.width for image in images), images[0].height))
    for n, image in enumerate(images):
        row.paste(image, (n * image.width, 0))
    return row


def picture(folder: Path, names: Sequence[str], samples: int, percent: int, middle: bool) -> Image.Image:
    """The rows above each other; the open file is replaced."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    _people(folder, names)
    camera = _studio(len(names), samples, percent)
    with tempfile.TemporaryDirectory() as temp:
        shot = Path(temp) / "shot.png"
        rows = []
        for part in (_HEAD, _MIDDLE) if middle else (_HEAD,):
            rows.append(_beside([_shoot(camera, part, n * _APART, 1, shot) for n in range(len(names))]))
        rows.append(_shoot(camera, _WHOLE, (len(names) - 1) * _APART / 2, len(names), shot))
    sheet = Image.new("RGB", (rows[0].width, sum(row.height for row in rows)))
    top = 0
    for row in rows:
        sheet.paste(row, (0, top))
        top += row.height
    return sheet


def main(argv: Sequence[str] | None = None) -> int:
    """Render and save the picture."""
    parser = argparse.ArgumentParser(prog="python -m bench.people", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--people", nargs="+", help="names of people (default: all)")
    parser.add_argument("--characters", type=Path, default=ROOT / "assets" / "blender-4.2" / "characters")
    parser.add_argument("--samples", type=int, default=48)
    parser.add_argument("--scale", type=int, default=100, help="percent of the usual size")
    parser.add_argument("--middle", action="store_true")
    arguments = parser.parse_args(argv)
    names = arguments.people or sorted(path.name for path in arguments.characters.iterdir())
    picture(arguments.characters, names, arguments.samples, arguments.scale, arguments.middle).save(
        arguments.out, quality=90
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
