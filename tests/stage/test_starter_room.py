# SPDX-License-Identifier: GPL-3.0-or-later
"""The starter room, measured with rays: table height, free view from the whole orbit, nothing but room behind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.bpy

AZIMUTHS = range(-85, -34, 5)
ELEVATIONS = (8, 12, 16)
RADIUS, TARGET = 3.4, np.array([0.0, 0.0, 0.65])
HALF_VIEW = (640 / 1468.6, 360 / 1468.6)  # tangents of half the view, 1280 x 720 at the default focal length


@pytest.fixture(scope="module")
def blend(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from starter.scenes import build_scenes

    return build_scenes(tmp_path_factory.mktemp("room"), ["indoor2-manipulation"])[0]


@pytest.fixture
def scene(blend: Path):
    import bpy

    bpy.ops.wm.open_mainfile(filepath=str(blend))
    return bpy.context.scene


def cast(scene, origin, direction):
    """(object name or None, distance) of the first thing on a ray."""
    import bpy

    graph = bpy.context.evaluated_depsgraph_get()
    hit, place, _, _, item, _ = scene.ray_cast(graph, tuple(origin), tuple(direction))
    return (item.name, float(np.linalg.norm(np.array(place) - origin))) if hit else (None, np.inf)


def cameras() -> list[tuple[np.ndarray, np.ndarray]]:
    """Positions (3,) and camera-to-world axes (3, 3) over the orbit."""
    out = []
    for az in np.radians(list(AZIMUTHS)):
        for el in np.radians(ELEVATIONS):
            away = np.array([np.cos(el) * np.cos(az), np.cos(el) * np.sin(az), np.sin(el)])
            right = np.cross([0.0, 0.0, 1.0], away)
            right /= np.linalg.norm(right)
            out.append((TARGET + RADIUS * away, np.column_stack([right, np.cross(away, right), away])))
    return out


def test_file_holds_a_metric_room_and_nothing_else(scene) -> None:
    import bpy

    assert scene.name == "indoor2-manipulation"
    assert len(bpy.data.scenes) == 1
    assert scene.unit_settings.system == "METRIC"
    assert scene.unit_settings.scale_length == 1.0
    assert {o.type for o in bpy.data.objects} == {"MESH", "LIGHT"}
    assert {o.name for o in bpy.data.objects if o.type == "LIGHT"} == {"key_area", "window_area"}
    for name in ("floor", "table", "wall_back", "wall_left", "window", "sofa", "rug", "picture", "lamp", "plant"):
        assert name in scene.objects
    assert sum(len(o.data.polygons) for o in bpy.data.objects if o.type == "MESH") < 300_000


def test_no_image_is_missing_and_no_path_leaks(scene, blend: Path) -> None:
    import bpy

    images = [i for i in bpy.data.images if i.source == "FILE"]
    assert images
    for image in images:
        assert image.packed_file is not None
        assert min(image.size) > 0
        assert image.filepath_raw.startswith("//")
        assert all(packed.filepath.startswith("//") for packed in image.packed_files)
    assert len(bpy.data.libraries) == 0


def test_every_mesh_has_a_material_and_uv(scene) -> None:
    for item in scene.objects:
        if item.type == "MESH":
            assert len(item.data.materials) > 0
            assert all(m is not None for m in item.data.materials)
            # a swatch holds materials and has no surface
            assert len(item.data.uv_layers) == ("variety_swatch" not in item) == bool(len(item.data.polygons))


def test_table_top_is_flat_at_600_mm(scene) -> None:
    for x in np.linspace(-0.29, 0.29, 7):
        for y in np.linspace(-0.44, 0.44, 9):
            name, distance = cast(scene, np.array([x, y, 2.0]), (0, 0, -1))
            assert name == "table"
            assert abs(2.0 - distance - 0.600) < 1e-5


def test_table_stands_on_the_floor(scene) -> None:
    points = np.array([v.co for v in scene.objects["table"].data.vertices])
    assert abs(points[:, 2].min()) < 1e-6
    assert np.allclose(np.ptp(points, axis=0), [0.60, 0.90, 0.60], atol=1e-4)
    assert np.allclose(points[:, :2].min(axis=0) + points[:, :2].max(axis=0), 0, atol=1e-5)
    name, distance = cast(scene, np.array([-0.58, 0.0, 0.5]), (0, 0, -1))
    assert (name, round(distance, 5)) == ("floor", 0.5)


def test_nothing_but_floor_where_a_person_stands(scene) -> None:
    for x in np.linspace(-0.95, -0.34, 5):
        for y in np.linspace(-0.45, 0.45, 5):
            assert cast(scene, np.array([x, y, 1.9]), (0, 0, -1))[0] == "floor"


def test_orbit_sees_object_and_person(scene) -> None:
    things = [(x, y, z) for x in (-0.15, 0.0, 0.15) for y in (-0.15, 0.0, 0.15) for z in (0.62, 0.72, 0.85)]
    person = [(x, y, z) for x in (-0.85, -0.58, -0.35) for y in (-0.3, 0.0, 0.3) for z in (0.03, 0.5, 0.9, 1.32)]
    for origin, _ in cameras():
        for points, allowed in ((things, ()), (person, ("table",))):
            for point in points:
                way = np.array(point) - origin
                distance = float(np.linalg.norm(way))
                name, reached = cast(scene, origin, way / distance)
                assert reached > distance - 1e-3 or name in allowed, (origin, point, name)


def test_room_fills_every_picture(scene) -> None:
    for origin, axes in cameras():
        for x in np.linspace(-1.02, 1.02, 13):
            for y in np.linspace(-1.02, 1.02, 9):
                way = axes @ np.array([x * HALF_VIEW[0], y * HALF_VIEW[1], -1.0])
                name, distance = cast(scene, origin, way / np.linalg.norm(way))
                assert name is not None, (origin, x, y)
                assert distance > 1.2  # nothing in front of the lens


def test_lamps_shine_at_the_table(scene) -> None:
    lamp = scene.objects["key_area"]
    towards = -np.array(lamp.matrix_world)[:3, 2]
    aim = np.array([-0.2, 0.1, 0.5]) - np.array(lamp.matrix_world)[:3, 3]
    assert towards @ aim / np.linalg.norm(aim) > 0.999
    window = -np.array(scene.objects["window_area"].matrix_world)[:3, 2]
    assert window[1] < -0.9  # into the room
