# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys of a scene, seen in what comes out of a run: frame size, scene file, opacity, orientation, start and end frames."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.check_results import check, load_pickle
from tests.render.conftest import Project
from tests.render.runs import failures, manifest, run

pytestmark = pytest.mark.bpy


def make(project: Project, *keys: str) -> None:
    """One frame of the block with scene keys set."""
    sets = [word for key in keys for word in ("--set", f"scenes.mini.{key}" if key[0] != "." else key[1:])]
    assert failures(run(project.argv("--category", "block", "--num_rand_scenes", "1", *sets))) == []


def generation(project: Project) -> Path:
    return project.results / "generation"


def camera(project: Project, kind: str = "rand") -> dict:
    return load_pickle(generation(project) / f"cameras/Test/block/dummy_mini_{kind}00001.pickle")


def frame(project: Project, kind: str = "rand") -> np.ndarray:
    with Image.open(generation(project) / f"asset_renders/Test/block/dummy_mini_{kind}00001.png") as image:
        return np.asarray(image.convert("RGB")).astype(int)


def test_a_scene_has_a_frame_size_of_its_own(project: Project) -> None:
    make(project, "render_width=200", "render_height=120")
    assert frame(project).shape == (120, 200, 3)
    assert not any(check(project.results).values())


def test_a_scene_shows_the_file_that_it_names(project: Project) -> None:
    folder = project.root / "elsewhere"
    folder.mkdir()
    shutil.copy(project.root / "scenes" / "mini.blend", folder / "other.blend")
    make(project, f"blender_file_name={folder / 'other.blend'}")
    assert manifest(project.results, "dummy_mini_rand00001")["inputs"]["scene"]["path"] == str(folder / "other.blend")


def test_a_ghost_lets_the_room_shine_through_and_stays_in_the_masks(project: Project) -> None:
    make(project)
    solid, mask = (
        frame(project),
        generation(project) / "foundation_pose/Test/block/dummy_mini_rand00001/masks/000000.png",
    )
    inside = np.asarray(Image.open(mask)) > 0
    make(project, "obj_opacity=0.0")
    ghost = frame(project)
    assert (np.asarray(Image.open(mask)) > 0).sum() == inside.sum() > 20
    assert np.abs(ghost[inside] - solid[inside]).mean() > 4 * np.abs(ghost[~inside] - solid[~inside]).mean()


def test_orientation_as_configured_without_settling(project: Project) -> None:
    make(project, "obj_rot=[0, 0, 30]", ".simulation.use_initial_state=false")
    turn = np.radians(30)
    wanted = [[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]]
    assert np.allclose(camera(project)["obj_R"], wanted, atol=1e-6)


@pytest.mark.parametrize("same", [True, False])
def test_start_and_end_frames_share_the_camera_and_the_offsets_are_kept(project: Project, same: bool) -> None:
    """Both carry the seed's random offset; the end's own one where they do not share the object's state."""
    make(
        project,
        ".rendering.render_start_end=true",
        f"same_obj_state={str(same).lower()}",
        "obj_pos_rand_max=[0.02, 0.1, 0]",
        "obj_pos_end_offset=[0, 0, 0.25]",
        "character_pos_start_offset=[-0.2, 0, 0]",
    )
    start, end = camera(project, "start"), camera(project, "end")
    for key in ("R", "t", "focal_length"):
        assert np.allclose(start[key], end[key], atol=1e-7), key
    moved = np.ravel(end["obj_t"]) - np.ravel(start["obj_t"])
    assert moved[2] == pytest.approx(0.25, abs=1e-3)
    assert np.allclose(moved[:2], 0, atol=1e-6) == same
    people = [
        load_pickle(generation(project) / f"foundation_pose/Test/block/dummy_mini_{kind}00001/character_data.pickle")
        for kind in ("start", "end")
    ]
    gap = np.ravel(people[1]["character_t"]) - np.ravel(people[0]["character_t"])
    assert gap[0] == pytest.approx(0.2, abs=0.02)
    assert not any(check(project.results).values())
