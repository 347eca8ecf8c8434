# SPDX-License-Identifier: GPL-3.0-or-later
"""Plan: fingerprints follow every input that matters and no other; what is up to date, and why not; shards."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grail_addon.core.files import write_json
from grail_addon.core.fingerprint import fingerprint
from grail_addon.core.plan import items as plan
from grail_addon.core.plan.items import ObjectJob, settle_settings
from tests.plan_project import job_of, jobs_of, make_project, request_of

Change = Callable[[Path], list[str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_project(tmp_path)


def rewrite(name: str) -> Change:
    def change(folder: Path) -> list[str]:
        (folder / name).write_text("other bytes")
        return []

    return change


def flags(*argv: str) -> Change:
    return lambda _: list(argv)


def set_(*words: str) -> Change:
    return flags(*(part for word in words for part in ("--set", word)))


def marks(job: ObjectJob) -> tuple[str, tuple[str, ...]]:
    assert job.settle is not None and job.renders
    return job.settle.fingerprint, tuple(item.fingerprint for item in job.renders)


BOTH = {
    "mesh bytes": rewrite("data/Things/mug/model.obj"),
    "scale": set_("objects.mug.obj_scale=3"),
    "scale of one axis": set_("objects.mug.obj_scale=[2, 2, 2.1]"),
    "start orientation": set_("objects.mug.obj_rot=[0, 10, 0]"),
    "place": set_("objects.mug.obj_pos=[0.1, 0, 0.6]"),
    "simulation seed": set_("simulation.seed=43"),
    "drop height": set_("simulation.drop_height=0.2"),
    "settling time": set_("simulation.settling_time=4"),
    "tilt": set_("simulation.initial_rotation_perturbation=1"),
    "drops": set_("simulation.drops=8"),
    "scene file": rewrite("data/scenes/stage.blend"),
    "static mesh": rewrite("data/Scene/board.obj"),
    "static pose": set_("scenes.stage.static_objects.board.pos=[0, 0, 0.61]"),
}
RENDER_ONLY = {
    "texture": rewrite("data/Things/mug/a/color.png"),
    "texture of the same name elsewhere": rewrite("data/Things/mug/b/color.png"),
    "materials": rewrite("data/Things/mug/model.mtl"),
    "character file": rewrite("data/characters/kid.blend"),
    "character": flags("--character", "other"),
    "start pose": set_("character_init_pose_file=pose.json"),
    "base seed": flags("--seed", "5"),
    "samples": flags("--samples", "16"),
    "samples auto": flags("--samples", "auto"),
    "quality": flags("--quality", "high"),
    "denoising": set_("rendering.denoise=false"),
    "frame size": set_("rendering.width=320"),
    "frame size of the scene": set_("scenes.stage.render_height=180"),
    "camera": set_("scenes.stage.camera_radius=3.1"),
    "camera range": set_("objects.mug.camera_azimuth_rand_max=21"),
    "camera fit": set_("rendering.camera_fit=true"),
    "attempts": set_("rendering.max_attempts=2"),
    "a camera that does not vary": set_("rendering.same_for_all=[camera]"),
    "placement range": set_("scenes.stage.obj_pos_rand_max=[0.1, 0, 0]"),
    "character scale": set_("scenes.stage.character_scale=1.1"),
    "opacity": set_("objects.mug.obj_opacity=0.5"),
    "task": set_("task=pickup_table"),
    "gaze": set_("scenes.stage.gaze=object"),
    "gaze of an object": set_("objects.mug.gaze=camera"),
    "pose": set_("scenes.stage.character_pose=relaxed"),
}
NEITHER = {
    "nothing": flags(),
    "gaze and pose as the file has them": set_("scenes.stage.gaze=ahead", "objects.mug.character_pose=file"),
    "robot that is not shown": set_("g1_xml_path=gone.xml"),
    "everything varies": set_("rendering.same_for_all=[]"),
    "gpu": flags("--no_gpu"),
    "the quality that means the samples that are set": flags("--quality", "draft"),
    "unseeded": set_("rendering.no_rand_seed=true"),
    "results folder": flags("--results_dir", "elsewhere"),
    "verbose": flags("--verbose"),
    "skip_done": flags("--skip_done"),
    "videos": set_("video.kling_mode=std", "video.budget_usd=3", "skip_step4=false"),
    "scale probe": set_("scale.max_iterations=9"),
    "aim of auto samples, which are off": set_("rendering.auto_psnr=40"),
    "gate, which chooses no camera": set_("gate.object_area.fail_below=0.011"),
    "a value given again": set_("scenes.stage.obj_pos=[0, 0, 0.6]"),
    "another object's mesh": rewrite("data/Things/jar/jar.glb"),
    "same values written otherwise": set_("objects.mug.obj_scale=[2.0, 2, 2]"),
    "log": flags("--log_json", "-"),
}


@pytest.mark.parametrize("what", BOTH)
def test_matters_for_pose_and_frames(folder: Path, what: str) -> None:
    settle, renders = marks(job_of(folder))
    new_settle, new_renders = marks(job_of(folder, *BOTH[what](folder)))
    assert new_settle != settle and not set(new_renders) & set(renders)


@pytest.mark.parametrize("what", RENDER_ONLY)
def test_matters_for_frames_only(folder: Path, what: str) -> None:
    settle, renders = marks(job_of(folder))
    new_settle, new_renders = marks(job_of(folder, *RENDER_ONLY[what](folder)))
    assert new_settle == settle and not set(new_renders) & set(renders)


@pytest.mark.parametrize("what", NEITHER)
def test_does_not_matter(folder: Path, what: str) -> None:
    before = marks(job_of(folder))
    assert marks(job_of(folder, *NEITHER[what](folder))) == before


def test_keys_that_came_later_are_no_inputs_at_their_defaults(folder: Path) -> None:
    job = job_of(folder)
    names = {name for item in job.items for name in item.inputs.get("settings", {})}
    assert names and not names & {"gaze", "character_pose", "obj_unit", "obj_rest_rot", "scene_variety", "scenery"}


def test_a_probe_shows_the_person_as_its_file_has_it(folder: Path) -> None:
    probe = ("--set", "skip_step2=false")
    posed = (*probe, "--set", "scenes.stage.gaze=object", "--set", "scenes.stage.character_pose=any")
    plain, other = job_of(folder, *probe).probe, job_of(folder, *posed).probe
    assert plain is not None and other is not None and plain.fingerprint == other.fingerprint


def test_gate_matters_where_it_chooses_the_camera(folder: Path) -> None:
    more = ("--set", "rendering.max_attempts=3")
    settle, renders = marks(job_of(folder, *more))
    other, others = marks(job_of(folder, *more, *NEITHER["gate, which chooses no camera"](folder)))
    assert other == settle and not set(others) & set(renders)
    auto = ("--samples", "auto")
    assert marks(job_of(folder, *auto)) != marks(job_of(folder, *auto, "--set", "rendering.auto_psnr=40"))


def test_number_and_order_of_frames_and_objects_do_not_matter(folder: Path) -> None:
    two = job_of(folder)
    more = job_of(folder, "--num_rand_scenes", "2,4")
    assert more.renders[0].fingerprint == two.renders[1].fingerprint and len(more.renders) == 3
    one = {job.obj.category: marks(job) for job in jobs_of(folder, "--category", "mug,jar").ready}
    other = {job.obj.category: marks(job) for job in jobs_of(folder, "--category", "jar,bowl,mug").ready}
    assert one["mug"] == other["mug"] and one["jar"] == other["jar"]


def test_place_of_the_data_does_not_matter(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert marks(job_of(make_project(tmp_path_factory.mktemp("moved")))) == marks(job_of(folder))


def test_logic_versions_matter(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settle, renders = marks(job_of(folder))
    monkeypatch.setattr(plan, "RENDER_LOGIC", "frame-other")
    again = marks(job_of(folder))
    assert again[0] == settle and not set(again[1]) & set(renders)
    monkeypatch.setattr(plan, "PLAN_VERSION", "plan-other")
    assert job_of(folder).settle != settle


def test_geometry_of_a_gltf_is_in_its_buffers(folder: Path) -> None:
    settle, renders = marks(job_of(folder, category="bowl"))
    (folder / "data/Things/bowl/model.bin").write_text("moved")
    other, others = marks(job_of(folder, category="bowl"))
    assert other != settle and not set(others) & set(renders)


def test_items_of_an_object(folder: Path) -> None:
    job = job_of(folder)
    results = request_of(folder).results_dir
    assert job.settle is not None and job.items == (job.settle, *job.renders)
    assert [item.key for item in job.items] == [
        "settle Things/mug",
        "render Things/mug/kid_stage_rand00001",
        "render Things/mug/kid_stage_rand00002",
    ]
    assert [item.manifest.relative_to(results).as_posix() for item in job.items] == [
        "generation/manifests/Things/mug/settle.json",
        "generation/manifests/Things/mug/kid_stage_rand00001.json",
        "generation/manifests/Things/mug/kid_stage_rand00002.json",
    ]
    assert all(item.fingerprint == fingerprint(item.inputs) for item in job.items)
    assert len({item.fingerprint for item in job.items}) == 3
    assert all(item.inputs["settle"] == job.settle.fingerprint for item in job.renders)
    kinds = job_of(folder, "--set", "rendering.render_start_end=true", "--num_rand_scenes", "4,5").renders
    assert [str(item.vid)[-10:] for item in kinds] == ["start00004", "e_end00004", "start00005", "e_end00005"]
    assert len({item.fingerprint for item in kinds}) == 4


def test_steps_that_are_skipped(folder: Path) -> None:
    assert job_of(folder, "--skip_step3").renders == () and job_of(folder, "--skip_step3").settle is not None
    loose = job_of(folder, "--set", "simulation.use_initial_state=false")
    assert loose.settle is None and loose.renders[0].inputs["settle"] == "unsettled"
    never = job_of(folder, "--skip_step1")
    assert never.settle is None and never.renders[0].inputs["settle"] == "unsettled"
    full = job_of(folder)
    assert full.settle is not None
    write_json(full.settle.manifest, {})
    cached = job_of(folder, "--skip_step1")
    assert marks(cached) == marks(full), "with a state there, frames are the same as without the flag"


def test_simulation_section_reaches_the_settling(folder: Path) -> None:
    words = ["drop_height=0.3", "settling_time=2", "initial_rotation_perturbation=7", "seed=9", "drops=3"]
    config = request_of(folder, *(part for w in words for part in ("--set", f"simulation.{w}"))).config
    settings = settle_settings(config.simulation)
    assert (settings.drop_height, settings.settling_time, settings.seed, settings.drops) == (0.3, 2.0, 9, 3)
    assert settings.initial_rotation_perturbation == 7.0
