# SPDX-License-Identifier: GPL-3.0-or-later
"""Lamps and environment follow the draw and keep no memory of the one before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grail_addon.core.variant.draw import HDRIS, LightDraw

pytestmark = pytest.mark.bpy

PLAIN = LightDraw("studio.exr", 0.0, 0.0, 0.0, 0.0, 6500.0)


@pytest.fixture
def rig(empty_file):
    import bpy

    from grail_addon.stage.owned import OwnedData
    from grail_addon.stage.room.lights import LightRig

    scene = bpy.data.scenes.new("lit")
    for name, energy in (("key_area", 100.0), ("window_area", 40.0)):
        scene.collection.objects.link(bpy.data.objects.new(name, bpy.data.lights.new(name, "AREA")))
        bpy.data.lights[name].energy = energy
    return scene, LightRig(scene, OwnedData())


def energies() -> tuple[float, float]:
    import bpy

    return bpy.data.lights["key_area"].energy, bpy.data.lights["window_area"].energy


def test_stops_double_the_strength_that_the_file_gave(rig):
    _scene, lights = rig
    lights.apply(replace(PLAIN, key_stops=1.0, window_stops=-1.0))
    assert energies() == pytest.approx((200.0, 20.0))
    lights.apply(PLAIN)
    assert energies() == pytest.approx((100.0, 40.0))


def test_warm_light_is_redder_than_cold_and_the_window_keeps_its_colour(rig):
    import bpy

    _scene, lights = rig
    lights.apply(replace(PLAIN, key_kelvin=3000.0))
    warm = tuple(bpy.data.lights["key_area"].color)
    lights.apply(replace(PLAIN, key_kelvin=9000.0))
    cold = tuple(bpy.data.lights["key_area"].color)
    assert warm[0] / warm[2] > 1.5 > 1.0 > cold[0] / cold[2]
    assert max(warm) == pytest.approx(1.0)
    assert tuple(bpy.data.lights["window_area"].color) == (1.0, 1.0, 1.0)


@pytest.mark.parametrize("name", HDRIS)
def test_every_environment_comes_to_the_same_mean_radiance(rig, name):
    from grail_addon.stage.room.lights import WORLD_RADIANCE, _mean_radiance, _pixels, hdri_path

    scene, lights = rig
    assert lights.apply(replace(PLAIN, hdri=name)) == {"world": name}
    nodes = scene.world.node_tree.nodes
    path = hdri_path(name)
    assert path is not None
    strength = nodes["strength"].inputs["Strength"].default_value
    assert strength * _mean_radiance(_pixels(str(path))) == pytest.approx(WORLD_RADIANCE, rel=1e-3)


def test_a_scene_with_an_environment_of_its_own_keeps_it(empty_file):
    import bpy

    from grail_addon.stage.owned import OwnedData
    from grail_addon.stage.room.lights import LightRig, hdri_path

    scene = bpy.data.scenes.new("own")
    world = scene.world = bpy.data.worlds.new("own")
    if not world.node_tree:
        world.use_nodes = True
    picture = world.node_tree.nodes.new("ShaderNodeTexEnvironment")
    picture.image = bpy.data.images.load(str(hdri_path("city.exr")))
    assert LightRig(scene, OwnedData()).apply(PLAIN)["world"] == "the scene's own"
    assert scene.world == world


def test_light_that_someone_changed_is_set_again(rig):
    import bpy

    _scene, lights = rig
    lights.apply(PLAIN)
    bpy.data.lights["key_area"].energy = 3.0
    lights.apply(PLAIN)
    assert energies()[0] == pytest.approx(100.0)
