# SPDX-License-Identifier: GPL-3.0-or-later
"""The object's colours in the picture are held against its material: another object's texture is seen, a lamp's tint is
none."""

from __future__ import annotations

import colorsys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

bpy = pytest.importorskip("bpy")

from grail_addon.core.gate.facts import LooksFacts  # noqa: E402
from grail_addon.core.gate.measure import measure_looks  # noqa: E402
from grail_addon.drivers.blocking import drain  # noqa: E402
from grail_addon.stage.importers.surface_colour import surface_colour  # noqa: E402
from grail_addon.stage.render.aim import View  # noqa: E402
from grail_addon.stage.render.facts import looks_facts  # noqa: E402
from grail_addon.stage.render.render import Quality, render_frame, render_geometry  # noqa: E402
from grail_addon.stage.room.scene import Stage  # noqa: E402
from tests.render.test_textures import CAMERA, ON_TABLE, cube, stage  # noqa: E402, F401

pytestmark = [pytest.mark.bpy, pytest.mark.usefixtures("empty_file")]


class Facts:
    """What `measure_looks` reads of a frame's facts."""

    def __init__(self, looks: LooksFacts | None) -> None:
        self.looks = looks


def off(room: Stage, folder: Path, expected: Path, drawn: Path) -> float | None:
    """Degrees that the picture of `drawn` is off the material of `expected`; None where nothing tells."""
    drain(room.load_object(expected))
    colour = drain(surface_colour(lambda: room.imported.object))
    drain(room.load_object(drawn))
    posed = room.place_object(ON_TABLE)
    room.aim(CAMERA)
    seen = drain(render_geometry(room.scene, folder / "passes.exr"))
    drain(render_frame(room.scene, folder / "frame.png", Quality(4, False), 1))
    view = View(None, CAMERA, seen, posed)  # type: ignore[arg-type]
    with Image.open(folder / "frame.png") as image:
        found = measure_looks(Facts(looks_facts(colour, posed, view)), np.asarray(image.convert("RGB")))  # type: ignore[arg-type]
    return float(found[0].value) if found else None  # type: ignore[arg-type]


@pytest.mark.parametrize("suffix", [".obj", ".glb", ".ply"])
def test_another_objects_colour_is_seen(stage, tmp_path: Path, suffix: str) -> None:  # noqa: F811
    red, green = (cube(tmp_path / name, suffix, hue) for name, hue in (("red", 0.0), ("green", 0.33)))
    bpy.ops.wm.read_factory_settings(use_empty=True)
    room = stage()
    for transform in ("Standard", "AgX", "Filmic"):
        room.scene.view_settings.view_transform = transform
        right, wrong = off(room, tmp_path, red, red), off(room, tmp_path, red, green)
        assert right is not None and right < 20.0, transform
        assert wrong is not None and wrong > 75.0, transform


@pytest.mark.parametrize("kelvin_rgb", [(1.0, 0.55, 0.2), (0.6, 0.75, 1.0)])
@pytest.mark.parametrize("hue", [0.0, 0.15, 0.4, 0.6, 0.8])
def test_a_coloured_lamp_is_no_fault(stage, tmp_path: Path, hue: float, kelvin_rgb: tuple[float, float, float]) -> None:  # noqa: F811
    path = cube(tmp_path / "thing", ".obj", hue)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    room = stage()
    for obj in room.scene.objects:
        if obj.type == "LIGHT":
            obj.data.color = kelvin_rgb
    found = off(room, tmp_path, path, path)
    assert found is None or found < 75.0, "a strong lamp on purple"


def test_a_grey_object_tells_nothing(stage, tmp_path: Path) -> None:  # noqa: F811
    path = cube(tmp_path / "thing", ".obj", 0.0)
    texture = next((tmp_path / "thing").glob("*.png"))
    Image.new("RGB", (4, 4), (120, 118, 121)).save(texture)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    assert off(stage(), tmp_path, path, path) is None


def test_hues_are_measured_round_the_circle() -> None:
    frame = np.zeros((10, 10, 3), np.uint8)
    rgb = [round(255 * c) for c in colorsys.hsv_to_rgb(0.98, 1.0, 0.7)]
    frame[:] = rgb
    pixels = np.argwhere(np.ones((10, 10), bool))
    wanted = np.tile(colorsys.hsv_to_rgb(0.02, 1.0, 0.5), (100, 1))
    (found,) = measure_looks(Facts(LooksFacts(pixels, wanted)), frame)  # type: ignore[arg-type]
    assert float(found.value) < 25.0  # type: ignore[arg-type]
    assert measure_looks(Facts(LooksFacts(pixels[:30], wanted[:30])), frame) == []  # type: ignore[arg-type]
    assert measure_looks(Facts(LooksFacts(pixels, np.full((100, 3), np.nan))), frame) == []  # type: ignore[arg-type]
    assert measure_looks(Facts(None), frame) == []  # type: ignore[arg-type]
