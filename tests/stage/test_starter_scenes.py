# SPDX-License-Identifier: GPL-3.0-or-later
"""Every starter scene: complete by itself, level and free where something happens, and all round in the picture."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from grail_addon.core.plan.assets import STARTER_SCENES

pytestmark = [pytest.mark.bpy, pytest.mark.slow]

HALF_VIEW = (640 / 1468.6, 360 / 1468.6)
# scene -> where the pipeline files put cameras: azimuths, elevation, radius, target
CAMERAS = {
    "indoor-workshop": ((-76, -26), 15, 3.6, (-0.1, -0.2, 0.6)),
    "indoor1-manipulation": ((-58, -26), 12, 3.4, (0, 0, 0.65)),
    "indoor2-manipulation": ((-58, -26), 12, 3.4, (0, 0, 0.65)),
    "indoor2-pickup-table": ((-58, -26), 12, 3.4, (0, 0, 0.65)),
    "indoor2-pickup-ground": ((-58, -26), 15, 3.6, (-0.2, 0, 0.6)),
    "indoor1-sitting": ((-76, -60), 16, 4.0, (0, -0.45, 0.6)),
    "indoor1-syn-stairs": ((-65, -49), 13, 7.0, (-0.2, 0.3, 0.85)),
    "indoor1-gen-stairs": ((-65, -49), 13, 7.0, (-0.2, 0.3, 0.85)),
    "indoor1-terrain-curb": ((-65, -49), 13, 5.4, (-0.2, 0.2, 0.45)),
    "indoor1-terrain-slope": ((-65, -49), 13, 7.0, (-0.2, 0.5, 0.5)),
}

SWATCH = "variety_swatch"
"""Marks an object that holds materials and has no surface."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from starter.scenes import build_scenes

    root = tmp_path_factory.mktemp("scenes")
    assert {path.stem for path in build_scenes(root)} == STARTER_SCENES == set(CAMERAS)
    return root / "scenes"


@pytest.fixture(params=sorted(CAMERAS))
def scene(folder: Path, request: pytest.FixtureRequest):
    import bpy

    bpy.ops.wm.open_mainfile(filepath=str(folder / f"{request.param}.blend"))
    return bpy.context.scene


def cast(scene, origin, direction):
    """(object name or None, distance) of the first thing on a ray."""
    import bpy

    graph = bpy.context.evaluated_depsgraph_get()
    hit, place, _, _, item, _ = scene.ray_cast(graph, tuple(origin), tuple(direction))
    return (item.name, float(np.linalg.norm(np.array(place) - origin))) if hit else (None, np.inf)


def orbits(name: str) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Positions (3,) and camera-to-world axes (3, 3)."""
    azimuths, elevation, radius, target = CAMERAS[name]
    for az in np.radians(np.linspace(*azimuths, 3)):
        el = np.radians(elevation)
        away = np.array([np.cos(el) * np.cos(az), np.cos(el) * np.sin(az), np.sin(el)])
        right = np.cross([0.0, 0.0, 1.0], away)
        right /= np.linalg.norm(right)
        yield np.array(target) + radius * away, np.column_stack([right, np.cross(away, right), away])


def test_file_is_complete_and_metric(scene) -> None:
    import bpy

    assert len(bpy.data.scenes) == 1 and len(bpy.data.libraries) == 0
    assert scene.unit_settings.system == "METRIC" and scene.unit_settings.scale_length == 1.0
    assert {o.type for o in bpy.data.objects} == {"MESH", "LIGHT"}
    images = [i for i in bpy.data.images if i.source == "FILE"]
    assert images and all(i.packed_file is not None and i.filepath_raw.startswith("//") for i in images)
    for item in scene.objects:
        if item.type == "MESH" and SWATCH not in item:
            assert len(item.data.uv_layers) == 1 and all(m is not None for m in item.data.materials)
    assert sum(len(o.data.polygons) for o in bpy.data.objects if o.type == "MESH") < 400_000


def test_ground_is_level_at_zero_where_people_stand(scene) -> None:
    """All round the object, except where a table stands."""
    table = "table" in scene.objects and not scene.objects["table"].hide_render
    for x in np.linspace(-0.95, 0.5, 6):
        for y in np.linspace(-1.4, 0.5, 7):
            if table and abs(x) < 0.34 and abs(y) < 0.5:
                continue
            _, distance = cast(scene, np.array([x, y, 1.9]), (0, 0, -1))
            assert abs(1.9 - distance) < 1e-5, (x, y)


def test_the_picture_is_filled_and_nothing_stands_before_the_lens(scene) -> None:
    """At most the top edge may show sky."""
    for origin, axes in orbits(scene.name):
        for x in np.linspace(-1.0, 1.0, 9):
            for y in np.linspace(-1.0, 0.86, 7):
                way = axes @ np.array([x * HALF_VIEW[0], y * HALF_VIEW[1], -1.0])
                name, distance = cast(scene, origin, way / np.linalg.norm(way))
                assert name is not None, (origin, x, y)
                assert distance > 1.2


def test_nothing_hides_the_place_where_something_happens(scene) -> None:
    for origin, _ in orbits(scene.name):
        for x in (-0.55, 0.0, 0.45):
            for y in (-1.2, -0.4, 0.3):
                for z in (0.75, 1.2):
                    way = np.array([x, y, z]) - origin
                    reach = float(np.linalg.norm(way))
                    name, distance = cast(scene, origin, way / reach)
                    assert distance > reach - 1e-3, (origin, x, y, z, name)


def test_no_triangle_is_a_long_needle(scene) -> None:
    """Renderers put the depth of a needle's pixels millimetres off: its sides are cut before that."""
    for item in scene.objects:
        if item.type != "MESH" or SWATCH in item:
            continue
        mesh = item.data
        mesh.calc_loop_triangles()
        places = np.empty(3 * len(mesh.vertices), dtype=np.float32)
        mesh.vertices.foreach_get("co", places)
        corners = np.empty(3 * len(mesh.loop_triangles), dtype=np.int32)
        mesh.loop_triangles.foreach_get("vertices", corners)
        triangle = places.reshape(-1, 3).astype(float)[corners.reshape(-1, 3)]
        longest = np.linalg.norm(triangle - np.roll(triangle, 1, axis=1), axis=2).max(axis=1)
        assert longest.max() < 3.0, item.name
