# SPDX-License-Identifier: GPL-3.0-or-later
"""From a request to jobs: what is found is told, and everything that is missing, object by object."""

from __future__ import annotations

from pathlib import Path

import pytest

from grail_addon.core.errors import InputError
from grail_addon.core.plan.assets import AssetRoot
from grail_addon.core.plan.items import caching_hasher
from grail_addon.pipeline.jobs import make_jobs
from tests.plan_project import jobs_of, make_project, request_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_project(tmp_path)


def test_files_of_an_object(folder: Path) -> None:
    job, bowl, _ = jobs_of(folder, "--set", "character_init_pose_file=pose.json").ready
    things = folder / "data/Things/mug"
    assert job.assets.mesh == things / "model.obj" and job.assets.mesh_files[0] == things / "model.obj"
    assert set(job.assets.mesh_files[1:]) == {things / n for n in ("model.mtl", "a/color.png", "b/color.png")}
    assert job.assets.character == folder / "data/characters/kid.blend"
    assert job.assets.scene == folder / "data/scenes/stage.blend"
    assert job.assets.statics == {"board": folder / "data/Scene/board.obj"}
    assert job.assets.pose_files == (folder / "pose.json",) and job.task == "manipulation"
    assert bowl.assets.geometry_files == (folder / "data/Things/bowl/model.gltf", folder / "data/Things/bowl/model.bin")
    assert len(job.items) == 3


def test_notes_say_which_copy_was_taken(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    starter = tmp_path_factory.mktemp("starter")
    (starter / "characters").mkdir()
    (folder / "data/characters/kid.blend").rename(starter / "characters/kid.blend")
    request = request_of(folder, "--category", "mug")
    roots = [*(AssetRoot(path) for path in request.data_dirs), AssetRoot(starter, is_starter=True)]
    (job,) = make_jobs(request, roots, caching_hasher()).ready
    assert job.assets.notes == (
        f"object: {folder / 'data/Things/mug/model.obj'}",
        f"character: {starter / 'characters/kid.blend'} (starter set)",
        f"scene: {folder / 'data/scenes/stage.blend'}",
    )


def test_all_that_is_missing_is_told_at_once(folder: Path) -> None:
    for name in (
        "data/Things/mug/model.obj",
        "data/characters/kid.blend",
        "data/scenes/stage.blend",
        "data/Scene/board.obj",
    ):
        (folder / name).unlink()
    with pytest.raises(InputError) as caught:
        jobs_of(folder, "--category", "mug", "--set", "character_init_pose_file=gone.json")
    lines = [str(p) for p in caught.value.problems]
    assert len(lines) == 2 and not any("\n" in line for line in lines)
    for words in ("mug", "kid", "stage.blend", "board.obj", str(folder)):
        assert words in lines[0]
    assert "character_init_pose_file" in lines[1] and str(folder / "gone.json") in lines[1]


def test_an_object_without_files_keeps_no_other_from_running(folder: Path) -> None:
    (folder / "data/Things/bowl/model.gltf").unlink()
    jobs = jobs_of(folder)
    assert [job.obj.category for job in jobs.ready] == ["mug", "jar"]
    ((obj, problems),) = jobs.missing
    assert str(obj) == "Things/bowl" and str(folder / "data/Things/bowl") in str(problems[0])


def test_each_shard_runs_its_part_and_one_tells_what_is_missing(folder: Path) -> None:
    (folder / "data/Things/bowl/model.gltf").unlink()
    parts = [jobs_of(folder, "--num_job_chunks", "2", "--job_chunk_idx", str(n)) for n in range(2)]
    frames = [str(item.vid) for part in parts for job in part.ready for item in job.renders]
    assert frames == [f"Things/{c}/kid_stage_rand0000{n}" for c in ("mug", "jar") for n in (1, 2)]
    assert [[job.obj.category for job in part.ready] for part in parts] == [["mug"], ["jar"]]
    assert [len(part.missing) for part in parts] == [0, 1]


def test_more_shards_than_frames_are_no_error(folder: Path) -> None:
    parts = [jobs_of(folder, "--num_job_chunks", "8", "--job_chunk_idx", str(n)) for n in range(8)]
    assert [sum(len(job.renders) for job in part.ready) for part in parts] == [0, 1, 1, 1, 0, 1, 1, 1]


@pytest.mark.parametrize("index", [0, 1])
def test_nothing_at_all_to_run_is_an_error_in_every_shard(folder: Path, index: int) -> None:
    (folder / "data/scenes/stage.blend").unlink()
    with pytest.raises(InputError, match="stage"):
        jobs_of(folder, "--num_job_chunks", "2", "--job_chunk_idx", str(index))


def write_robot(folder: Path) -> Path:
    (folder / "robot/meshes").mkdir(parents=True)
    (folder / "robot/meshes/arm.stl").write_bytes(b"arm")
    xml = folder / "robot/g1.xml"
    xml.write_text(
        '<mujoco><compiler meshdir="meshes"/><asset><mesh file="arm.stl"/></asset>'
        '<worldbody><body><geom mesh="arm"/></body></worldbody></mujoco>',
        encoding="utf-8",
    )
    return xml


@pytest.mark.parametrize("name", ["g1", "G1"])
def test_a_robot_by_its_xml(folder: Path, name: str) -> None:
    xml = write_robot(folder)
    argv = ("--category", "mug", "--character", name)
    (job,) = jobs_of(folder, *argv, "--g1_xml_path", "robot/g1.xml").ready
    assert job.assets.character == xml and f"character: {xml}" in job.assets.notes
    (before,) = (render.inputs["character"] for render in job.renders[:1])
    assert set(before) == {"g1.xml", "arm.stl"}
    (folder / "robot/meshes/arm.stl").write_bytes(b"other arm")
    (again,) = jobs_of(folder, *argv, "--g1_xml_path", "robot/g1.xml").ready
    assert again.renders[0].fingerprint != job.renders[0].fingerprint
    xml.rename(folder / "data/characters/g1.xml")
    (folder / "robot/meshes").rename(folder / "data/characters/meshes")
    if name == "g1":  # names of files are as they are
        (found,) = jobs_of(folder, *argv).ready
        assert found.renders[0].fingerprint == again.renders[0].fingerprint


def test_a_robot_that_is_not_there_or_broken_is_told_before_anything_runs(folder: Path) -> None:
    argv = ("--category", "mug", "--character", "g1")
    with pytest.raises(InputError, match=r"No character g1.*Name the robot's MuJoCo XML with --g1_xml_path"):
        jobs_of(folder, *argv)
    with pytest.raises(InputError, match=r"gone\.xml.*cannot be read: No such file"):
        jobs_of(folder, *argv, "--g1_xml_path", "gone.xml")
    xml = write_robot(folder)
    (folder / "robot/meshes/arm.stl").unlink()
    with pytest.raises(InputError, match=r"arm\.stl is missing"):
        jobs_of(folder, *argv, "--g1_xml_path", str(xml))


def test_a_robots_path_changes_nothing_for_people(folder: Path) -> None:
    (plain,), (given,) = (
        jobs_of(folder, "--category", "mug", *more).ready for more in ((), ("--g1_xml_path", "x.xml"))
    )
    assert [item.fingerprint for item in plain.items] == [item.fingerprint for item in given.items]
