# SPDX-License-Identifier: GPL-3.0-or-later
"""Use My Scene: chosen, support picked by a click (Esc ends it once), saved and used; the user's objects stay as they are."""

import importlib
from pathlib import Path

import bpy
from mathutils import Vector

EXTENSION = "bl_ext.user_default.grail_hoi"


def cube(name, place, size):
    bpy.ops.mesh.primitive_cube_add(size=1.0, location=place)
    obj = bpy.context.object
    obj.name, obj.scale = name, size
    return obj


def make_scene(ui):
    with ui.override():
        for obj in [o for o in bpy.data.objects if o.type != "CAMERA"]:
            bpy.data.objects.remove(obj)
        cube("Floor", (0, 0, -0.05), (6, 6, 0.1))
        cube("Table", (0, 0, 0.35), (1.2, 0.8, 0.7))
        brick = cube("My Brick", (0.1, 0.05, 0.78), (0.2, 0.1, 0.06))
        body = cube("Body", (-1.0, 0.2, 0.85), (0.3, 0.4, 1.7))
        camera = bpy.context.scene.camera
        camera.location = (2.0, -2.0, 1.6)
        camera.rotation_euler = (Vector((0.1, 0.0, 0.8)) - camera.location).to_track_quat("-Z", "Y").to_euler()
        bpy.ops.view3d.view_all()
    return brick, body


def table_place(ui):
    """Where a point of the table's top is in the window."""
    from bpy_extras.view3d_utils import location_3d_to_region_2d

    region = next(region for region in ui.area.regions if region.type == "WINDOW")
    point = location_3d_to_region_2d(region, ui.area.spaces.active.region_3d, Vector((-0.3, -0.2, 0.7)))
    return region.x + round(point.x), region.y + round(point.y)


def steps(ui):
    state = importlib.import_module(f"{EXTENSION}.operators.state").STATE
    scale = float(ui.arguments[0]) if ui.arguments else 1.0
    bpy.context.preferences.view.ui_scale = scale
    bpy.context.preferences.addons[EXTENSION].preferences.data_dir = str(ui.out / "data")
    own = bpy.context.scene.grail
    own.my_name, own.results_dir = "my room", str(ui.out / "results")
    brick, body = make_scene(ui)
    yield from ui.open_tab("GRAIL")
    yield from ui.alone("GRAIL_PT_my_scene")
    yield from ui.shot(f"my_scene_{scale:g}_empty")
    own.my_object, own.my_character = brick, body
    body.scale.z = 17.0
    bpy.context.view_layer.update()
    yield from ui.shot(f"my_scene_{scale:g}_wrong")
    body.scale.z = 1.7
    bpy.context.view_layer.update()
    if scale > 1:
        return
    yield from ui.click("grail.pick_support")
    yield from ui.press("ESC")
    ui.record(after_esc=own.my_support_name)
    yield from ui.click("grail.pick_support")
    yield from ui.move(*table_place(ui))
    yield from ui.shot("my_scene_1_picking")
    yield from ui.click_at(*table_place(ui))
    yield from ui.wait(lambda: own.my_support_name, "the support")
    places = {obj.name: list(obj.matrix_world.translation) for obj in bpy.data.objects}
    yield from ui.click("grail.save_my_scene")
    yield from ui.wait(lambda: "my_scene" in state.views, "the files")
    yield from ui.shot("my_scene_1_saved")
    yield from ui.click("grail.use_my_scene")
    ui.record(
        support=own.my_support_name,
        z=own.my_support[2],
        used=[own.task, Path(own.config_file).name],
        files=sorted(str(p.relative_to(ui.out / "data")) for p in (ui.out / "data").rglob("*") if p.is_file()),
        same=places == {obj.name: list(obj.matrix_world.translation) for obj in bpy.data.objects},
    )
    ui.all_panels()
