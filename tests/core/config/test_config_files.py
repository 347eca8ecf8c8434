# SPDX-License-Identifier: GPL-3.0-or-later
"""The configs that are shipped: upstream's values, and a reference page that is not stale."""

from __future__ import annotations

import io
import runpy
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from grail_addon.cli.arguments import read_command_line
from grail_addon.cli.flags import FLAGS
from grail_addon.core.config.farm import FarmConfig
from grail_addon.core.config.find import Places
from grail_addon.core.config.load import load
from grail_addon.core.config.rendering import RenderingConfig
from grail_addon.core.config.report import print_config
from grail_addon.core.config.request import Request
from grail_addon.core.config.resolve import resolve
from grail_addon.core.config.run import RunConfig
from grail_addon.core.config.scale import ScaleConfig
from grail_addon.core.config.scene import SceneSettings, StaticObject
from grail_addon.core.config.simulation import SimulationConfig
from grail_addon.core.config.video import VideoConfig
from grail_addon.core.config.yaml_source import read_yaml
from starter.objects.catalog import OBJECTS, SEATS
from starter.terrain import build_terrain
from tests.core.config.config_project import ROOT

PIPELINES = ("manipulation", "pickup_table", "pickup_ground", "sitting", "terrain_stairs")


def shipped(name: str, cwd: Path, *argv: str) -> Request:
    return read_command_line(["--config", name, *argv], cwd, ROOT)[0]


@pytest.mark.parametrize("name", PIPELINES)
def test_loads_from_anywhere_though_no_asset_is_there(name: str, tmp_path: Path) -> None:
    request = shipped(name, tmp_path)
    assert request.config.task == name
    assert request.categories
    assert request.config_file == ROOT / "configs/gen_2dhoi" / f"{name}.yaml"
    assert list(tmp_path.iterdir()) == []


OBJECT_CONFIGS = {
    "comasset": "manipulation",
    "chair_sitting": "sitting",
    "syn_stairs": "terrain_stairs",
    "gen_stairs": "terrain_stairs",
    "terrain": "terrain_stairs",
}


def test_no_object_config_is_left_untested() -> None:
    assert {p.stem for p in (ROOT / "configs/objects").glob("*.yaml")} == set(OBJECT_CONFIGS)


@pytest.mark.parametrize(("name", "pipeline"), OBJECT_CONFIGS.items())
def test_each_object_config_goes_with_its_pipeline(name: str, pipeline: str, tmp_path: Path) -> None:
    request = shipped(pipeline, tmp_path, "--object_config", name)
    assert {resolve(request, category).dataset for category in request.categories} == {request.dataset}
    assert request.config.dataset is None and request.sources["dataset"].file == f"configs/objects/{name}.yaml"


def test_every_starter_object_has_an_entry_that_makes_it_life_size(tmp_path: Path) -> None:
    request = shipped("manipulation", tmp_path)
    for thing in OBJECTS:
        assert thing.category in request.categories
        assert resolve(request, thing.category).obj_scale == (thing.obj_scale,) * 3, thing.category


def test_every_starter_seat_has_an_entry(tmp_path: Path) -> None:
    request = shipped("sitting", tmp_path)
    assert set(request.categories) == {seat.category for seat in SEATS} and len(SEATS) >= 6
    for seat in SEATS:
        assert resolve(request, seat.category).obj_scale == (seat.obj_scale,) * 3


def test_terrain_entries_are_what_the_generator_says(tmp_path: Path) -> None:
    """Whoever changes the generator writes its entries into the object configs."""
    entries = build_terrain(tmp_path / "assets")
    listed = {}
    for name in ("syn_stairs", "gen_stairs", "terrain"):
        data = yaml.safe_load((ROOT / f"configs/objects/{name}.yaml").read_text(encoding="utf-8"))
        listed |= {(data["dataset"], category): entry for category, entry in data["objects"].items()}
    assert listed == entries


UPSTREAM: dict[type[BaseModel], str] = {
    RunConfig: "character character_dir texture_dir results_dir object_config character_init_pose_file verbose skip_step1 "
    "skip_step2 skip_step3 skip_step4 skip_done scenes scene_config simulation scale rendering video",
    SimulationConfig: "drop_height settling_time initial_rotation_perturbation seed save_usd use_initial_state",
    ScaleConfig: "max_iterations min_obj_volume scale_evaluation_system_message",
    RenderingConfig: "samples width height num_rand_scenes gpu no_rand_seed render_start_end",
    VideoConfig: "model_api num_videos num_video_segments kling_model_name kling_mode duration skip_prompt_refinement "
    "base_prompt prompt_refinement_system_message video_max_retries video_retry_wait use_all_tail_images "
    "seg_idx_for_tail_image",
    SceneSettings: "blender_file_name obj_pos obj_rot obj_scale obj_opacity obj_pos_rand_max obj_pos_rand_min "
    "obj_rot_rand_max obj_rot_rand_min same_obj_state character_pos character_rot character_scale character_pos_mode "
    "character_azimuth character_distance character_azimuth_rand_max character_distance_rand_max character_z "
    "character_face_object character_pos_rand_max character_pos_rand_min character_rot_rand_max character_rot_rand_min "
    "character_pos_box_include character_pos_box_exclude character_pos_start_offset character_pos_end_offset "
    "obj_pos_start_offset obj_pos_end_offset camera_elevation camera_azimuth camera_radius camera_offset "
    "camera_azimuth_rand_max static_objects render_width render_height",
    StaticObject: "name pos rot scale opacity pos_rand_max pos_rand_min obj_on_table",
}


@pytest.mark.parametrize("model", UPSTREAM, ids=lambda m: m.__name__)
def test_upstreams_keys_keep_their_names(model: type[BaseModel]) -> None:
    assert set(UPSTREAM[model].split()) <= set(model.model_fields)


COMMON: dict[str, Any] = {
    "character": "kid",
    "character_dir": "data/characters",
    "texture_dir": "data/characters",
    "verbose": False,
    "skip_step2": True,
    "skip_step3": False,
    "skip_step4": False,
    "skip_done": False,
    "simulation.drop_height": 0.1,
    "simulation.settling_time": 5.0,
    "simulation.initial_rotation_perturbation": 2.0,
    "simulation.seed": 42,
    "simulation.save_usd": False,
    "scale.max_iterations": 5,
    "rendering.width": 1280,
    "rendering.height": 720,
    "rendering.gpu": True,
    "rendering.render_start_end": False,
    "video.num_videos": 1,
    "video.num_video_segments": 1,
    "video.model_api": "kling-ai",
    "video.kling_mode": "pro",
    "video.skip_prompt_refinement": False,
    "video.video_max_retries": 100,
    "video.video_retry_wait": 30.0,
}
OWN: dict[str, dict[str, Any]] = {
    "manipulation": {
        "results_dir": "results_collection/manipulation001",
        "object_config": "configs/objects/comasset.yaml",
        "skip_step1": False,
        "simulation.use_initial_state": True,
        "rendering.samples": 32,
        "rendering.num_rand_scenes": 3,
        "rendering.no_rand_seed": False,
        "video.kling_model_name": "kling-v2-5-turbo",
        "video.duration": "5",
    },
    "sitting": {
        "object_config": "configs/objects/chair_sitting.yaml",
        "rendering.samples": 128,
        "rendering.num_rand_scenes": 10,
        "rendering.no_rand_seed": True,
    },
    "terrain_stairs": {
        "skip_step1": True,
        "rendering.num_rand_scenes": 10,
        "video.duration": "10",
        "video.kling_model_name": "kling-v3",
    },
}


@pytest.mark.parametrize("name", PIPELINES)
def test_values_are_upstreams(name: str, tmp_path: Path) -> None:
    request = shipped(name, tmp_path)
    for path, wanted in {**COMMON, **OWN.get(name, {})}.items():
        value: Any = request.config
        for part in path.split("."):
            value = getattr(value, part)
        assert value == wanted and type(value) is type(wanted), path
        assert request.sources[path].file == f"configs/gen_2dhoi/{name}.yaml", f"{path} should stand in the file"
    for prompt in request.config.video.base_prompt:
        assert "camera remains static" in prompt


def test_the_drill_stands_on_the_table_of_the_stage(tmp_path: Path) -> None:
    drill = resolve(shipped("manipulation", tmp_path), "cordless_drill")
    assert (drill.dataset, drill.scene, drill.blender_file_name) == (
        "ComAsset",
        "indoor2-manipulation",
        "indoor2-manipulation.blend",
    )
    assert drill.obj_scale == (2.5, 2.5, 2.5)
    assert drill.obj_pos == (0.0, 0.0, 0.6)
    assert (drill.character_pos_mode, drill.character_azimuth, drill.character_distance) == ("polar", 180.0, 0.58)
    assert drill.character_face_object and drill.character_z == 0.0
    assert drill.camera_azimuth == -42.0 and drill.camera_azimuth_rand_max == (-16.0, 16.0)
    assert drill.camera_elevation == (12.0, 12.0) and drill.camera_radius == (3.4, 3.4)
    assert drill.obj_pos[2] + drill.camera_offset[2] == pytest.approx(0.65)
    assert (drill.render_width, drill.render_height) == (1280, 720)


def test_the_readmes_command_line(tmp_path: Path) -> None:
    words = "--config manipulation.yaml --category cordless_drill --character kid --results_dir results --skip_step4"
    request, _ = read_command_line(["-b", "-P", "run_batch.py", "--", *words.split()], tmp_path, ROOT)
    assert request.categories == ("cordless_drill",)
    assert request.results_dir == tmp_path / "results"
    assert request.config.skip_step4 and not request.config.skip_step1
    assert request.data_dirs == (tmp_path / "data", ROOT / "data")


def test_reference_page_is_current() -> None:
    """The committed page is what `python -m grail_addon.cli.reference` writes."""
    out = io.StringIO()
    with redirect_stdout(out):
        runpy.run_module("grail_addon.cli.reference", run_name="__main__")
    page = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    assert page == out.getvalue(), "run: python -m grail_addon.cli.reference > docs/configuration.md"
    for model in (RunConfig, SceneSettings, StaticObject, RenderingConfig, VideoConfig, ScaleConfig, SimulationConfig):
        for name, info in model.model_fields.items():
            assert info.description, f"{model.__name__}.{name} has no meaning"
            assert f"| `{name}` |" in page
    for flag in FLAGS:
        assert f"| `--{flag.name}" in page


@pytest.mark.parametrize("name", PIPELINES)
def test_printed_configuration_means_the_same(name: str, tmp_path: Path) -> None:
    first = shipped(name, tmp_path, "--set", "gate.hand_edge.fail_below=1", "--num_rand_scenes", "2,5", "--verbose")
    (tmp_path / "printed.yaml").write_text(print_config(first), encoding="utf-8")
    second = load("printed.yaml", (), Places(tmp_path, tmp_path))
    folded = {"objects", "object_config", "scene_config", "dataset", "category"}
    assert second.config.model_dump(exclude=folded) == first.config.model_dump(exclude=folded)
    assert (second.dataset, second.categories) == (first.dataset, first.categories)
    for category in first.categories:
        assert resolve(second, category).model_dump() == resolve(first, category).model_dump()


def test_the_farm_example_is_what_the_section_takes() -> None:
    data, _ = read_yaml(ROOT / "configs/farm/slurm.yaml", "slurm.yaml")
    farm = FarmConfig.model_validate(data.pop("farm"))
    assert not data and (farm.engine, farm.workers, farm.slurm.partition) == ("slurm", 64, "gpu")
