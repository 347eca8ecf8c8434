# SPDX-License-Identifier: GPL-3.0-or-later
"""Plan: fingerprints follow every input that matters and no other; what is up to date, and why not; shards."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grail_addon.core.disk_file import file_entries
from grail_addon.core.files import read_json, write_json
from grail_addon.core.fingerprint import fingerprint
from grail_addon.core.plan import items as plan
from grail_addon.core.plan.items import Item, ObjectJob, caching_hasher, freshness, settle_settings
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


def made(item: Item, results: Path, **other: Any) -> None:
    """What a finished item leaves: two files and a manifest that lists them."""
    files = {}
    for role in ("frame", "depth_png"):
        files[role] = results / "generation" / f"{item.step}-{role}.png"
        files[role].parent.mkdir(parents=True, exist_ok=True)
        files[role].write_text(role)
    content = {
        "fingerprint": item.fingerprint,
        "plan_inputs": item.inputs,
        "status": "done",
        "files": file_entries(files, results),
    }
    write_json(item.manifest, {**content, **other})


@pytest.fixture
def item(folder: Path) -> Item:
    return job_of(folder).renders[0]


def test_up_to_date(item: Item, folder: Path) -> None:
    made(item, folder / "out")
    state = freshness(item, folder / "out")
    assert state.fresh and state.why == "up to date"


def test_not_made_yet(item: Item, folder: Path) -> None:
    state = freshness(item, folder / "out")
    assert not state.fresh and state.why == "not made yet"


@pytest.mark.parametrize(
    ("argv", "named"),
    [
        (["--samples", "64"], "rendering.samples: 8 -> 64"),
        (["--seed", "3"], "base_seed: 0 -> 3"),
        (["--set", "scenes.stage.camera_radius=2"], "settings.camera_radius[0]: 3 -> 2"),
        (["--set", "simulation.drops=2"], "settle: "),
    ],
)
def test_changed_input_is_named(item: Item, folder: Path, argv: list[str], named: str) -> None:
    made(item, folder / "out")
    state = freshness(job_of(folder, *argv).renders[0], folder / "out")
    assert not state.fresh and state.why.startswith("inputs changed: ") and named in state.why


def test_changed_file_of_the_input_is_named(item: Item, folder: Path) -> None:
    made(item, folder / "out")
    (folder / "data/Things/mug/a/color.png").write_text("painted")
    state = freshness(job_of(folder).renders[0], folder / "out")
    assert not state.fresh and "object.a/color.png: " in state.why and state.why.count("->") == 1


def test_a_fingerprint_that_was_edited(item: Item, folder: Path) -> None:
    made(item, folder / "out", fingerprint="0" * 64)
    state = freshness(item, folder / "out")
    assert not state.fresh and not state.why.endswith(": ")


def test_failed_last_time(item: Item, folder: Path) -> None:
    made(item, folder / "out", status="failed", files={})
    state = freshness(item, folder / "out")
    assert not state.fresh and state.why == "failed last time"


def test_missing_and_changed_files(item: Item, folder: Path) -> None:
    made(item, folder / "out")
    depth = folder / "out/generation/render-depth_png.png"
    depth.write_text("depth_pnh")  # same size, other bytes
    state = freshness(item, folder / "out")
    assert not state.fresh and state.why == "depth_png was changed since (generation/render-depth_png.png)"
    depth.unlink()
    state = freshness(item, folder / "out")
    assert not state.fresh and state.why == "depth_png is missing (generation/render-depth_png.png)"


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "7", '"x"', "\xff\xfe"])
def test_unreadable_manifest(item: Item, folder: Path, text: str) -> None:
    item.manifest.parent.mkdir(parents=True)
    item.manifest.write_bytes(text.encode("latin-1"))
    state = freshness(item, folder / "out")
    assert not state.fresh and state.why == "its manifest cannot be read"


@pytest.mark.parametrize("files", [None, {"frame": "x.png"}, {"frame": {"path": "x"}}, [1], {"frame": {"sha256": "0"}}])
def test_manifest_with_a_broken_list_of_files(item: Item, folder: Path, files: Any) -> None:
    made(item, folder / "out", files=files)
    assert not freshness(item, folder / "out").fresh


def test_files_that_must_not_be_read(item: Item, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(item, folder / "out")

    def denied(path: Path) -> str:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(plan, "sha256_file", denied)
    state = freshness(item, folder / "out")
    assert not state.fresh and "cannot be read" in state.why and "depth_png" in state.why


def test_file_entries_are_relative_and_hashed(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b.txt"
    path.parent.mkdir()
    path.write_bytes(b"abc")
    stat = path.stat()
    assert file_entries({"x": path}, tmp_path) == {
        "x": {
            "path": "a/b.txt",
            "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            "stat": [3, stat.st_mtime_ns, stat.st_ino],
        }
    }
    assert file_entries({"x": tmp_path / "gone"}, tmp_path) == {"x": {"path": "gone", "sha256": ""}}


def made_long_ago(item: Item, results: Path) -> Path:
    """As `made`, with the manifest written well after its files; returns one of them."""
    made(item, results)
    depth = results / "generation/render-depth_png.png"
    os.utime(depth, ns=(1_700_000_000_123_456_789, 1_700_000_000_123_456_789))
    list_file(item, results, depth)
    return depth


def list_file(item: Item, results: Path, depth: Path) -> None:
    """Have the manifest list this file as it is now, and nothing else."""
    write_json(item.manifest, {**read_json(item.manifest), "files": file_entries({"depth_png": depth}, results)})


def test_a_file_that_looks_untouched_is_not_read_again_but_where_that_is_asked_for(
    item: Item, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    depth = made_long_ago(item, folder / "out")
    reads: list[Path] = []
    real = plan.sha256_file
    monkeypatch.setattr(plan, "sha256_file", lambda path: reads.append(path) or real(path))
    assert freshness(item, folder / "out").fresh and not reads
    assert freshness(item, folder / "out", verify=True).fresh and reads == [depth]


def test_a_copy_of_the_folder_is_hashed_and_still_up_to_date(item: Item, folder: Path) -> None:
    depth = made_long_ago(item, folder / "out")
    text = depth.read_text()
    depth.unlink()
    depth.write_text(text)  # another time, another inode
    assert freshness(item, folder / "out").fresh


@pytest.mark.parametrize("keep_time", [False, True])
def test_a_changed_file_is_seen_by_its_time_or_by_verify(item: Item, folder: Path, keep_time: bool) -> None:
    depth = made_long_ago(item, folder / "out")
    before = depth.stat()
    depth.write_text("depth_pnh")  # same size, other bytes
    if keep_time:
        os.utime(depth, ns=(before.st_atime_ns, before.st_mtime_ns))
    state = freshness(item, folder / "out", verify=keep_time)
    assert not state.fresh and state.why == "depth_png was changed since (generation/render-depth_png.png)"


def test_a_file_of_the_manifests_own_moment_is_hashed(item: Item, folder: Path) -> None:
    depth = made_long_ago(item, folder / "out")
    moment = item.manifest.stat().st_mtime_ns - plan.UNSURE_NS // 2
    os.utime(depth, ns=(moment, moment))
    list_file(item, folder / "out", depth)
    os.utime(item.manifest, ns=(moment + 1, moment + 1))
    depth.write_text("depth_pnh")
    os.utime(depth, ns=(moment, moment))
    assert not freshness(item, folder / "out").fresh


def test_hasher_reads_a_file_once_until_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[Path] = []
    real = plan.sha256_file
    monkeypatch.setattr(plan, "sha256_file", lambda path: reads.append(path) or real(path))
    path, hasher = tmp_path / "a", caching_hasher()
    path.write_text("one")
    assert hasher(path) == hasher(path) == real(path) and len(reads) == 1
    path.write_text("two")
    os.utime(path, ns=(1, 1))  # the clock of the file system may be coarse
    assert hasher(path) == real(path) and len(reads) == 2
