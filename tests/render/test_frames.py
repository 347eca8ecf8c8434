# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames of the small project: files, proof, repeatability, order, what is left behind."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from grail_addon.core.sidecars.write import read_camera_json, read_depth_exr, read_depth_png, read_mask
from tests.render.conftest import Project
from tests.render.runs import failures, manifest, run

pytestmark = pytest.mark.bpy

BLOCK = "Test/block/dummy_mini_rand00001"


def rgb(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def frame(project: Project, video_id: str = BLOCK) -> Path:
    return project.results / "generation" / "asset_renders" / f"{video_id}.png"


@pytest.fixture
def done(project: Project, empty_file: None) -> Project:
    """The project with both frames of the block made."""
    events = run(project.argv("--category", "block"))
    assert failures(events) == []
    return project


def test_all_files_of_the_contract_are_there_and_proved(done: Project):
    data = manifest(done.results, "dummy_mini_rand00001")
    generation = done.results / "generation"
    wanted = [
        f"asset_renders/{BLOCK}.png", f"cameras/{BLOCK}.pickle", f"depth_maps/{BLOCK}/000000.png",
        f"depth_maps/{BLOCK}/000000.exr", f"foundation_pose/{BLOCK}/cam_K.txt",
        f"foundation_pose/{BLOCK}/masks/000000.png", f"foundation_pose/{BLOCK}/human_masks/000000.png",
        f"foundation_pose/{BLOCK}/first_frame_pose.pickle", f"foundation_pose/{BLOCK}/character_data.pickle",
        "mesh/Test/block/model.obj", "initial_states/Test/block/initial_state.pickle",
        "initial_states/Test/block/initial_state.json",
    ]  # fmt: skip
    assert [w for w in wanted if not (generation / w).is_file()] == []
    assert data["proof"]["proved"], data["proof"]["problems"]
    assert {"object", "table", "floor", "character"} <= set(data["proof"]["surface_error_mm"])
    assert max(data["proof"]["surface_error_mm"].values()) < 1.0
    assert list(done.results.rglob(".part-*")) == []


def test_depth_lands_on_floor_table_and_block(done: Project):
    """Known heights, independent of the scene's own meshes: floor 0, table 0.6, block top 0.6 + 0.08."""
    camera = read_camera_json(done.results / "generation" / "cameras" / f"{BLOCK}.json")
    folder = done.results / "generation" / "depth_maps" / BLOCK
    exr = read_depth_exr(folder / "000000.exr")
    png = read_depth_png(folder / "000000.png")
    known = exr > 0
    assert np.abs(png[known] - exr[known]).max() <= 0.0005 + 1e-6
    points = camera.unproject_map(exr.astype(np.float64))
    x, y, heights = points[..., 0], points[..., 1], points[..., 2]
    # regions that hold nothing but the level surface: no wall, leg or side of the block within two millimetres of it
    for height, least, region in (
        (0.0, 500, (y < -0.6) & (x > -2.4)),
        (0.6, 100, (np.abs(x) < 0.29) & (np.abs(y) < 0.44) & (np.hypot(x, y) > 0.15)),
        (0.68, 5, (np.abs(x) < 0.09) & (np.abs(y) < 0.05)),
    ):
        on_plane = known & region & (np.abs(heights - height) < 0.01)
        assert on_plane.sum() >= least, height
        assert np.abs(heights[on_plane] - height).max() < 1e-4


def test_masks_agree_with_each_other_and_with_the_pose(done: Project):
    pose_dir = done.results / "generation" / "foundation_pose" / BLOCK
    amodal, human = read_mask(pose_dir / "masks" / "000000.png"), read_mask(pose_dir / "human_masks" / "000000.png")
    visible = read_mask(pose_dir / "masks_visible" / "000000.png")
    assert amodal.sum() > 10
    assert human.sum() > 200
    assert not (visible & ~amodal).any()
    assert not (visible & human).any()
    camera = read_camera_json(done.results / "generation" / "cameras" / f"{BLOCK}.json")
    centre, _ = camera.project(np.array([[0.0, 0.0, 0.64]]))
    assert amodal[int(centre[0, 1]), int(centre[0, 0])]


def test_same_plan_same_pixels_in_any_order(done: Project):
    """A variant made alone, after others were made and removed, equals itself."""
    file = frame(done, BLOCK.replace("00001", "00002")).read_bytes()
    before = rgb(frame(done, BLOCK.replace("00001", "00002")))
    depth = read_depth_exr(done.results / "generation" / "depth_maps" / BLOCK.replace("00001", "00002") / "000000.exr")
    shutil.rmtree(done.results)
    assert failures(run(done.argv("--category", "wedge,block", "--num_rand_scenes", "2,2"))) == []
    again = rgb(frame(done, BLOCK.replace("00001", "00002")))
    assert frame(done, BLOCK.replace("00001", "00002")).read_bytes() == file, "no date or render time is in it"
    again_depth = read_depth_exr(
        done.results / "generation" / "depth_maps" / BLOCK.replace("00001", "00002") / "000000.exr"
    )
    assert np.abs(again - before).max() <= 1
    assert np.array_equal(again_depth, depth)


def test_variants_differ(done: Project):
    assert np.abs(rgb(frame(done)) - rgb(frame(done, BLOCK.replace("00001", "00002")))).mean() > 1.0


def test_nothing_is_left_and_the_users_scene_is_as_it_was(project: Project, empty_file: None):
    import bpy

    scene = bpy.context.scene
    scene.render.engine = "BLENDER_WORKBENCH"
    scene.render.resolution_x, scene.frame_current = 333, 7
    scene.render.filepath = "//mine"
    marker = bpy.data.objects.new("mine", None)
    scene.collection.objects.link(marker)

    def count() -> dict[str, int]:
        return {
            p.identifier: len(getattr(bpy.data, p.identifier))
            for p in bpy.data.bl_rna.properties
            if p.type == "COLLECTION" and p.identifier not in ("window_managers", "screens", "workspaces", "all_ids")
        }

    before = count()
    assert failures(run(project.argv("--category", "block,wedge", "--num_rand_scenes", "1"))) == []
    after = count()
    # Blender's own picture of the last render stays, as after any render
    before["images"] = after["images"] = after["images"] - sum(i.type == "RENDER_RESULT" for i in bpy.data.images)
    assert after == before
    assert bpy.context.scene == scene
    assert (scene.render.engine, scene.render.resolution_x, scene.frame_current) == ("BLENDER_WORKBENCH", 333, 7)
    assert scene.render.filepath == "//mine"


def test_missing_object_does_not_stop_the_others(project: Project, empty_file: None):
    events = run(project.argv("--category", "ghost,block", "--num_rand_scenes", "1"))
    (sentence,) = failures(events)
    assert "ghost" in sentence
    assert frame(project).is_file()


def test_up_to_date_items_are_left_alone_and_changed_ones_made_again(done: Project):
    made = frame(done).stat().st_mtime_ns
    events = run(done.argv("--category", "block", "--skip_done"))
    assert {e.kind for e in events} == {"plan", "skip", "end"}
    assert frame(done).stat().st_mtime_ns == made
    events = run(done.argv("--category", "block", "--skip_done", "--samples", "2"))
    assert [e.step for e in events if e.kind == "done"] == ["render", "render"]
    frame(done).unlink()
    events = run(done.argv("--category", "block", "--skip_done", "--samples", "2"))
    assert [e.variant for e in events if e.kind == "done"] == ["dummy_mini_rand00001"]


def test_a_person_standing_in_the_table_is_reported_with_the_reason(project: Project, empty_file: None):
    events = run(project.argv("--category", "block", "--num_rand_scenes", "1",
                              "--set", "scenes.mini.character_distance=0.3"))  # fmt: skip
    (sentence,) = failures(events)
    assert "runs into table" in sentence
    assert not frame(project).exists()
    assert manifest(project.results, "dummy_mini_rand00001")["status"] == "failed"


@pytest.mark.slow
def test_a_placement_that_collides_is_drawn_again_and_the_camera_stays(project: Project, empty_file: None):
    loose = ("--set", "scenes.mini.character_distance=0.45", "--set", "scenes.mini.character_distance_rand_max=0.2")
    assert failures(run(project.argv("--category", "block", "--num_rand_scenes", "1,6", *loose))) == []
    results = [manifest(project.results, f"dummy_mini_rand{n:05d}")["parameters"] for n in range(1, 7)]
    assert max(r["placement_attempt"] for r in results) > 0
    assert all(np.hypot(*r["character_position"][:2]) > 0.355 for r in results)
    fixed = run(project.argv("--category", "block", "--num_rand_scenes", "1,6"))
    assert failures(fixed) == []
    cameras = [manifest(project.results, f"dummy_mini_rand{n:05d}")["parameters"]["camera"] for n in range(1, 7)]
    assert cameras == [r["camera"] for r in results]


def test_an_object_that_falls_off_is_reported_and_not_rendered(project: Project, empty_file: None):
    events = run(
        project.argv("--category", "block", "--num_rand_scenes", "1", "--set", "scenes.mini.obj_pos=[0.29,0,0.6]")
    )
    assert failures(events)
    assert not frame(project).exists()


def test_start_and_end_frames(project: Project, empty_file: None):
    flags = ("--set", "rendering.render_start_end=true", "--set", "scenes.mini.obj_pos_end_offset=[0,0.1,0]")
    assert failures(run(project.argv("--category", "block", "--num_rand_scenes", "1", *flags))) == []
    start, end = (manifest(project.results, f"dummy_mini_{kind}00001") for kind in ("start", "end"))
    assert start["parameters"]["camera"] == end["parameters"]["camera"]
    assert np.allclose(
        np.subtract(end["parameters"]["placement"]["obj_offset"], start["parameters"]["placement"]["obj_offset"]),
        [0, 0.1, 0],
    )


@pytest.mark.slow
def test_memory_stays_flat_over_a_hundred_variants(project: Project, empty_file: None):
    import resource

    small = ("--set", "rendering.width=64", "--set", "rendering.height=64", "--category", "block")
    assert failures(run(project.argv(*small, "--num_rand_scenes", "1,10"))) == []
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert failures(run(project.argv(*small, "--num_rand_scenes", "11,110"))) == []
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown < 60, f"{grown:.0f} MB more after 100 further variants"


@pytest.mark.slow
def test_a_camera_that_crops_the_person_is_drawn_again(project: Project, empty_file: None):
    """From close by most draws cut the person off; the radius is drawn, so a later attempt stands back."""
    near = ("--set", "scenes.mini.camera_radius=[1.2, 4.5]", "--category", "block", "--num_rand_scenes", "1,4")
    assert failures(run(project.argv(*near))) == []
    names = [f"dummy_mini_rand{n:05d}" for n in range(1, 5)]
    once = [manifest(project.results, n) for n in names]
    assert failures(run(project.argv(*near, "--set", "rendering.max_attempts=20"))) == []
    often = [manifest(project.results, n) for n in names]
    assert any(m["attempt"] > 1 for m in often)
    assert all(m["parameters"]["camera"]["radius"] > 2.5 for m in often)
    assert min(m["parameters"]["camera"]["radius"] for m in once) < 2.5
    for m, n in zip(once, often, strict=True):
        assert m["parameters"]["light"] == n["parameters"]["light"]
        assert m["parameters"]["placement"] == n["parameters"]["placement"]


def test_camera_fit_sees_person_and_object_and_wastes_no_room(project: Project, empty_file: None):
    fit = ("--set", "rendering.camera_fit=true", "--category", "block", "--num_rand_scenes", "1")
    assert failures(run(project.argv(*fit))) == []
    pose_dir = project.results / "generation" / "foundation_pose" / BLOCK
    seen = read_mask(pose_dir / "human_masks" / "000000.png") | read_mask(pose_dir / "masks" / "000000.png")
    v, u = np.nonzero(seen)
    edges = np.array([u.min(), v.min(), seen.shape[1] - 1 - u.max(), seen.shape[0] - 1 - v.max()])
    margin = 0.06 * min(seen.shape)
    assert (edges >= margin - 1.5).all()
    assert edges.min() <= margin + 2.5


def test_the_end_frame_has_the_start_pose_of_its_own(project: Project, empty_file: None):
    """A person with an arm bone: raised in the end frame alone."""
    import json

    import bpy

    from tests.stage.shapes import box

    mesh = box((-0.1, -0.05, 0.0), (0.1, 0.05, 1.3))
    data = bpy.data.meshes.new("jointed")
    data.from_pydata(mesh.vertices.tolist(), [], mesh.faces.tolist())
    rig_data = bpy.data.armatures.new("rig")
    body, rig = bpy.data.objects.new("jointed", data), bpy.data.objects.new("rig", rig_data)
    scene = bpy.context.scene
    for obj in (rig, body):
        scene.collection.objects.link(obj)
    with bpy.context.temp_override(object=rig, active_object=rig, selected_objects=[rig]):
        bpy.context.view_layer.objects.active = rig
        bpy.ops.object.mode_set(mode="EDIT")
        bone = rig_data.edit_bones.new("spine")
        bone.head, bone.tail = (0, 0, 0), (0, 0, 1)
        bpy.ops.object.mode_set(mode="OBJECT")
    body.vertex_groups.new(name="spine").add(range(8), 1.0, "REPLACE")
    body.parent = rig
    body.modifiers.new("rig", "ARMATURE").object = rig
    people = project.root / "people"
    people.mkdir()
    bpy.data.libraries.write(str(people / "jointed.blend"), {rig, body})
    for name, angle in (("up", 0), ("leaning", 40)):
        (project.root / f"{name}.json").write_text(json.dumps({"spine": [angle, 0, 0]}))
    bpy.ops.wm.read_factory_settings(use_empty=True)
    flags = ("--character", "jointed", "--character_dir", str(people), "--num_rand_scenes", "1",
             "--set", "rendering.render_start_end=true", "--set", "scenes.mini.character_distance=1.6",
             "--set", f"character_init_pose_file=['{project.root}/up.json', '{project.root}/leaning.json']")  # fmt: skip
    assert failures(run(project.argv("--category", "block", *flags))) == []
    heights = [
        read_mask(project.results / "generation/foundation_pose/Test/block" / f"jointed_mini_{kind}00001"
                  / "human_masks/000000.png").any(axis=1).sum()
        for kind in ("start", "end")
    ]  # fmt: skip
    assert heights[1] < 0.9 * heights[0]


def test_auto_gives_the_same_pixels_with_a_pilot_made_now_or_found(project: Project, empty_file: None):
    auto = ("--samples", "auto", "--set", "rendering.auto_psnr=20", "--category", "block", "--num_rand_scenes", "1")
    assert failures(run(project.argv(*auto))) == []
    assert manifest(project.results, "dummy_mini_rand00001")["render"]["auto"]["reached"]
    first = rgb(frame(project))
    assert failures(run(project.argv(*auto))) == []
    assert np.abs(rgb(frame(project)) - first).max() <= 1


def test_auto_says_once_that_it_cannot_reach_what_was_asked_for(project: Project, empty_file: None):
    events = run(project.argv("--samples", "auto", "--set", "rendering.auto_psnr=80", "--category", "block"))
    assert failures(events) == []
    told = [e.message for e in events if "found no number that reaches 80.0 dB and takes 96" in e.message]
    assert len(told) == 1 and "Lower rendering.auto_psnr" in told[0]
    assert len([e for e in events if e.kind == "done" and e.step == "render"]) == 2
