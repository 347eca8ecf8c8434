# SPDX-License-Identifier: GPL-3.0-or-later
"""Which value wins, where it is said to come from, and that the printed configuration means the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from grail_addon.core.config.find import Places
from grail_addon.core.config.load import load
from grail_addon.core.config.resolve import fallback_name, resolve
from tests.core.config.config_project import OBJECTS, PIPELINE, project, run

FILE = "configs/gen_2dhoi/run.yaml"
THINGS = "configs/gen_2dhoi/things.yaml"

# one step of the ladder after the other: what the layer adds, and who then wins
SCENE = "    camera_radius: 3\n"
LADDER: list[tuple[str, str, list[str], float, str]] = [
    ("", "", [], 3.4, "default"),
    (SCENE, "", [], 3.0, f"{FILE}:12 (scene)"),
    (SCENE, "    camera_radius: 4\n", [], 4.0, f"{THINGS}:5 (object entry)"),
    (SCENE + "objects: {mug: {camera_radius: 5}}\n", "    camera_radius: 4\n", [], 5.0, f"{FILE}:13 (pipeline file)"),
    (
        SCENE + "objects: {mug: {camera_radius: 5}}\n",
        "    camera_radius: 4\n",
        ["--set", "scenes.stage.camera_radius=6"],
        6.0,
        "command line (--set)",
    ),
    (
        SCENE + "objects: {mug: {camera_radius: 5}}\n",
        "    camera_radius: 4\n",
        ["--set", "objects.mug.camera_radius=7", "--set", "scenes.stage.camera_radius=6"],
        7.0,
        "command line (--set)",
    ),
]


@pytest.mark.parametrize(("scene", "entry", "argv", "value", "source"), LADDER)
def test_precedence(scene: str, entry: str, argv: list[str], value: float, source: str, tmp_path: Path) -> None:
    head = PIPELINE.split("    camera_radius: 3")[0]
    objects = f"dataset: Things\nobjects:\n  mug:\n    scene: stage\n{entry}"
    mug = resolve(run(project(tmp_path, head + scene, objects), *argv), "mug")
    assert mug.camera_radius == (value, value)
    assert str(mug.sources["camera_radius"]) == source


def test_run_keys_command_line_over_file_over_default(tmp_path: Path) -> None:
    request = run(project(tmp_path), "--samples", "auto", "--set", "rendering.auto_psnr=45", "--no_gpu")
    config, sources = request.config, {k: str(v) for k, v in request.sources.items()}
    assert (config.rendering.samples, sources["rendering.samples"]) == ("auto", "command line (--samples)")
    assert (config.rendering.auto_psnr, sources["rendering.auto_psnr"]) == (45.0, "command line (--set)")
    assert (config.rendering.gpu, sources["rendering.gpu"]) == (False, "command line (--no_gpu)")
    assert (config.rendering.width, sources["rendering.width"]) == (640, f"{FILE}:6 (pipeline file)")
    assert (config.rendering.denoise, sources["rendering.denoise"]) == (True, "default")
    assert (request.dataset, sources["dataset"]) == ("Things", f"{THINGS}:1 (object entry)")


SCENE_CHOICE: list[tuple[str, list[str], str]] = [
    ("", [], "stage"),
    ("scene: corner\n", [], "corner"),
    ("scene: corner\nobjects: {mug: {scene: stage}}\n", [], "stage"),
    ("objects: {mug: {scene: stage}}\n", ["--scene", "corner"], "corner"),
    ("", ["--scene", "corner", "--set", "objects.mug.scene=stage"], "stage"),
]


@pytest.mark.parametrize(("more", "argv", "scene"), SCENE_CHOICE)
def test_which_scene(more: str, argv: list[str], scene: str, tmp_path: Path) -> None:
    mug = resolve(run(project(tmp_path, PIPELINE + more), *argv), "mug")
    assert mug.scene == scene
    assert mug.blender_file_name == f"{scene}.blend"
    assert mug.camera_azimuth_rand_max == ((-25.0, 25.0) if scene == "corner" else (0.0, 0.0))


def test_frame_size_of_a_scene_wins_unless_the_general_one_is_on_the_command_line(tmp_path: Path) -> None:
    project(tmp_path, PIPELINE.replace("    camera_radius: 3", "    render_width: 320"))

    def size(*argv: str) -> tuple[int, int, str]:
        mug = resolve(run(tmp_path, *argv), "mug")
        return mug.render_width, mug.render_height, str(mug.sources["render_width"])

    assert size() == (320, 360, f"{FILE}:12 (scene)")
    assert size("--set", "rendering.width=480") == (480, 360, "command line (--set)")
    assert size("--set", "rendering.width=480", "--set", "scenes.stage.render_width=256")[0] == 256


def test_numbered_category_falls_back_layer_by_layer(tmp_path: Path) -> None:
    more = "objects:\n  canned_food: {obj_opacity: 0.5}\n  canned_food_3: {obj_opacity: 0.25}\n"
    request = run(project(tmp_path, PIPELINE + more), "--category", "canned_food_3,canned_food_12")
    third, twelfth = (resolve(request, category) for category in request.categories)
    assert (third.category, third.camera_radius, third.obj_opacity) == ("canned_food_3", (2.0, 2.0), 0.25)
    assert (twelfth.category, twelfth.camera_radius, twelfth.obj_opacity) == ("canned_food_12", (2.0, 2.0), 0.5)


def test_fallback_name() -> None:
    known = ["canned_food", "mug_2"]
    assert fallback_name("canned_food", known) == "canned_food"
    assert fallback_name("canned_food_3", known) == "canned_food"
    assert fallback_name("mug_2", known) == "mug_2"
    assert fallback_name("mug_3", known) is None
    assert fallback_name("canned_food_x", known) is None
    assert fallback_name("canned_food3", known) is None


def test_categories_in_the_order_asked_for_each_once(tmp_path: Path) -> None:
    project(tmp_path)
    assert run(tmp_path).categories == ("mug", "canned_food")
    assert run(tmp_path, "--category", "canned_food, mug", "--category", "mug").categories == ("canned_food", "mug")
    assert run(tmp_path, "--set", "category=[mug]").categories == ("mug",)


def test_an_object_that_only_the_command_line_knows(tmp_path: Path) -> None:
    request = run(project(tmp_path), "--category", "lamp", "--set", "objects.lamp={scene: stage, obj_scale: 3}")
    assert resolve(request, "lamp").obj_scale == (3.0, 3.0, 3.0)


def test_names_with_dots_can_be_set(tmp_path: Path) -> None:
    project(tmp_path, PIPELINE.replace("  corner:", "  room.v1.2:"), OBJECTS.replace("corner", "room.v1.2"))
    request = run(tmp_path, "--set", "scenes.room.v1.2.camera_elevation=[5, 6]")
    assert resolve(request, "canned_food").camera_elevation == (5.0, 6.0)


def test_set_takes_any_yaml_value(tmp_path: Path) -> None:
    request = run(
        project(tmp_path),
        *("--set", "video.base_prompt=[one, 'two: 2']", "--set", "rendering.num_rand_scenes=[3, 5]"),
        *(
            "--set",
            "simulation={drops: 4, save_usd: true}",
            "--set",
            "video.budget_usd=1e1",
            "--set",
            "video.duration=10",
        ),
        *("--set", "scenes.stage.static_objects.table.name=t.obj", "--set", "scale.decide=null"),
        *("--set", "scenes.stage.static_objects.table.pos_rand_max=[0, 0, 0.1]"),
    )
    config = request.config
    assert config.video.base_prompt == ("one", "two: 2")
    assert config.rendering.scene_seeds == (3, 4, 5)
    assert (config.simulation.drops, config.simulation.save_usd, config.simulation.seed) == (4, True, 42)
    assert (config.video.budget_usd, config.video.duration, config.scale.decide) == (10.0, "10", None)
    table = resolve(request, "mug").static_objects["table"]
    assert table.name == "t.obj" and table.pos_rand_range == ((0.0, 0.0, -0.1), (0.0, 0.0, 0.1))


@pytest.mark.parametrize(
    "name", ["run", "run.yaml", "configs/gen_2dhoi/run.yaml", "configs/gen_2dhoi/run", "{}/run.yaml"]
)
def test_config_is_found(name: str, tmp_path: Path) -> None:
    project(tmp_path / "root")
    text = name.format(tmp_path / "root/configs/gen_2dhoi")
    request = load(text, (), Places(tmp_path, tmp_path / "root"))
    assert request.config_file == tmp_path / "root" / FILE
    assert request.results_dir == tmp_path / "out"


def test_the_callers_config_wins_over_the_projects(tmp_path: Path) -> None:
    project(tmp_path / "root")
    project(tmp_path / "here", PIPELINE.replace("character: kid", "character: tall"), name="run.yaml")
    request = load("run", (), Places(tmp_path / "here", tmp_path / "root"))
    assert request.config.character == "tall"


def test_object_config_beside_the_file_then_where_the_caller_is(tmp_path: Path) -> None:
    project(tmp_path)
    (tmp_path / "things.yaml").write_text(OBJECTS.replace("Things", "Mine"), encoding="utf-8")
    assert run(tmp_path).dataset == "Things"
    assert run(tmp_path, "--object_config", "things.yaml").dataset == "Mine"
    assert run(tmp_path, "--dataset", "Yours").dataset == "Yours"


@pytest.mark.parametrize("wrap", [True, False])
def test_scenes_from_a_file_of_their_own(wrap: bool, tmp_path: Path) -> None:
    scenes = "stage:\n  camera_radius: 1\n  obj_opacity: 0.5\nhall:\n  camera_radius: 9\n"
    text = "scenes:\n" + "".join(f"  {line}\n" for line in scenes.splitlines()) if wrap else scenes
    project(tmp_path, f"scene_config: rooms.yaml\n{PIPELINE}")
    (tmp_path / "rooms.yaml").write_text(text, encoding="utf-8")
    mug = resolve(run(tmp_path), "mug")
    assert (mug.camera_radius, mug.obj_opacity) == ((3.0, 3.0), 0.5)  # the pipeline file's own scene wins key by key
    assert str(mug.sources["obj_opacity"]) == f"rooms.yaml:{3 + wrap} (scene)"
    assert resolve(run(tmp_path, "--scene", "hall"), "mug").camera_radius == (9.0, 9.0)


def test_defaults_that_depend_on_other_keys_are_filled_in(tmp_path: Path) -> None:
    scene = "    camera_radius: 3\n    obj_pos_rand_max: [0.1, 0.2, 0]\n    character_rot_rand_max: 5"
    scene = scene.replace("max: 5", "max: [0, 0, 5]\n    character_rot_rand_min: [0, 0, 1]")
    mug = resolve(run(project(tmp_path, PIPELINE.replace("    camera_radius: 3", scene))), "mug")
    assert (mug.obj_pos_rand_min, mug.obj_pos_rand_max) == ((-0.1, -0.2, 0.0), (0.1, 0.2, 0.0))
    assert str(mug.obj_pos_rand_min) == "(-0.1, -0.2, 0.0)"  # no -0.0, which would print and hash differently
    assert (mug.character_rot_rand_min, mug.character_rot_rand_max) == ((0.0, 0.0, 1.0), (0.0, 0.0, 5.0))
    assert (mug.character_pos_rand_min, mug.character_pos_rand_max) == ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0))
    assert mug.character_z == 0.6 and mug.camera_elevation == (10.0, 20.0)
    assert "sources" not in mug.model_dump()


def test_frozen(tmp_path: Path) -> None:
    request = run(project(tmp_path))
    with pytest.raises(ValidationError):
        request.config.rendering.samples = 1  # type: ignore[misc]
    with pytest.raises(ValidationError):
        resolve(request, "mug").obj_opacity = 0.0  # type: ignore[misc]
