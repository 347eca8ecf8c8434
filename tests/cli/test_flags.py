# SPDX-License-Identifier: GPL-3.0-or-later
"""Flags that cannot be right: each is one line that names the flag, and what was meant where that can be guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from grail_addon.cli.arguments import read_command_line
from grail_addon.core.config.request import Shard
from tests.core.config.config_project import complaints, project

THINGS = "configs/gen_2dhoi/things.yaml"
CLI = "command line"
WRONG_FLAGS = {
    "unknown": (["--categori", "mug"], [f"{CLI}: unknown flag --categori. Did you mean --category?"]),
    "no abbreviation": (["--cat=mug"], [f"{CLI}: unknown flag --cat. Did you mean --category or --character?"]),
    "several": (
        ["--foo", "--sampels", "3"],
        [f"{CLI}: unknown flag --foo.", f"{CLI}: unknown flag --sampels. Did you mean --samples?"],
    ),
    "stray word": (["mug"], [f"{CLI}: unexpected word `mug`; flags start with `--`."]),
    "nothing after it": (["--samples"], [f"{CLI}: argument --samples: expected one argument."]),
    "switch": (["--skip_step1", "maybe"], [f"{CLI} --skip_step1: takes true or false, not `maybe`."]),
    "both": (["--gpu", "--no_gpu"], [f"{CLI}: --gpu and --no_gpu exclude each other. Keep one."]),
    "type": (
        ["--samples", "few"],
        [f'{CLI} --samples: rendering.samples: should be a whole number from 1 to 65536 or `auto`, not "few".'],
    ),
    "range": (
        ["--seed", "-1"],
        [f"{CLI} --seed: seed: should be a whole number from 0 to 9223372036854775807, not -1."],
    ),
    "seeds": (
        ["--num_rand_scenes", "5,3"],
        [
            f"{CLI} --num_rand_scenes: rendering.num_rand_scenes: should be [first, last], but first seed 5 is more than "
            "last seed 3."
        ],
    ),
    "money": (["--budget", "-3"], [f"{CLI} --budget: video.budget_usd: should be a number from 0 to 1000000, not -3."]),
    "name": (
        ["--character", "a/b"],
        [f'{CLI} --character: character: should be a name without spaces and slashes, not "a/b".'],
    ),
    "category": (
        ["--category", "mugg,mug"],
        [f"{CLI} --category: category: `mugg` is not an object of {THINGS}. Did you mean mug?"],
    ),
    "scene": (["--scene", "stag"], [f"{CLI} --scene: scene: scene `stag` is not defined. Did you mean stage?"]),
    "set without value": (
        ["--set", "seed"],
        [f"{CLI} --set: `seed` should be KEY=VALUE. Example: --set rendering.samples=4"],
    ),
    "set without key": (
        ["--set", "a..b=1"],
        [f"{CLI} --set: `a..b=1` should be KEY=VALUE. Example: --set rendering.samples=4"],
    ),
    "set, broken value": (
        ["--set", "seed=[1"],
        [f"{CLI} --set: seed: YAML: expected ',' or ']', but got '<stream end>'."],
    ),
    "set, unknown key": (
        ["--set", "rendering.sample=4"],
        [f"{CLI} --set: rendering.sample: unknown key `sample`. Did you mean samples?"],
    ),
    "set, unknown section": (
        ["--set", "renderin.samples=4"],
        [f"{CLI} --set: renderin: unknown key `renderin`. Did you mean rendering?"],
    ),
    "set, unknown scene": (
        ["--set", "scenes.stag.camera_radius=2"],
        [f"{CLI} --set: scenes.stag: scene `stag` is not defined. Did you mean stage?"],
    ),
    "set, unknown object": (
        ["--set", "objects.mag.obj_scale=2"],
        [f"{CLI} --set: objects.mag: there is no object `mag`. Did you mean mug?"],
    ),
    "set, part of a list": (
        ["--set", "scenes.stage.obj_pos.2=0.7"],
        [f'{CLI} --set: scenes.stage.obj_pos: should be [x, y, z], three numbers, not {{"2": 0.7}}.'],
    ),
    "set, inside a value": (
        ["--set", "rendering=5", "--set", "rendering.samples=4"],
        [f"{CLI} --set: rendering.samples: sets a key inside a value."],
    ),
    "chunk beyond": (
        ["--num_job_chunks", "2", "--job_chunk_idx", "2"],
        [f"{CLI} --job_chunk_idx: is 2, but there are only 2 chunks. With --num_job_chunks 2 it runs from 0 to 1."],
    ),
    "chunk alone": (
        ["--job_chunk_idx", "1"],
        [f"{CLI} --job_chunk_idx: is 1, but there are only 1 chunks. With --num_job_chunks 1 it runs from 0 to 0."],
    ),
    "no chunks": (["--num_job_chunks", "0"], [f"{CLI} --num_job_chunks: should be a whole number from 1, not `0`."]),
    "chunk is no number": (
        ["--job_chunk_idx", "x"],
        [f"{CLI} --job_chunk_idx: should be a whole number from 0, not `x`."],
    ),
    "data folder": (["--data_dir", "nowhere"], [f"{CLI} --data_dir: folder `nowhere` not found."]),
    "env file": (["--env_file", ".env"], [f"{CLI} --env_file: file `.env` not found."]),
    "decisions": (["--decisions", "d.json"], [f"{CLI} --decisions: file `d.json` not found."]),
    "object config": (
        ["--object_config", "thing"],
        [
            f"{CLI} --object_config: object_config: file `thing` not found; looked in ., configs/objects/, "
            "configs/gen_2dhoi/. Did you mean things?",
        ],
    ),
}


@pytest.mark.parametrize(("argv", "lines"), WRONG_FLAGS.values(), ids=WRONG_FLAGS)
def test_wrong_flag(argv: list[str], lines: list[str], tmp_path: Path) -> None:
    assert complaints(project(tmp_path), *argv) == lines


def test_help_names_every_flag(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        read_command_line(["--help"], tmp_path, tmp_path)
    assert caught.value.code == 0
    text = capsys.readouterr().out
    assert "--job_chunk_idx" in text and "--set KEY=VALUE" in text


def test_all_run_options(tmp_path: Path) -> None:
    project(tmp_path)
    (tmp_path / "keys.env").write_text("", encoding="utf-8")
    (tmp_path / "d.json").write_text("{}", encoding="utf-8")
    (tmp_path / "mine").mkdir()
    words = (
        "--num_job_chunks 4 --job_chunk_idx 3 --print_config --dry_run --explain --log_json - --estimate --budget 2.5 "
        "--yes --resume --report_costs --regate --send_failed --decisions d.json --env_file keys.env --data_dir mine "
        "--skip_done --skip_step1 --skip_step2=true --skip_step3 false --video_model_api dry-run "
        "--kling_model_name kling-v3 --verbose --seed 7 --num_rand_scenes 4 --gpu false"
    )
    request, options = read_command_line(["--config", "run", *words.split()], tmp_path, tmp_path)
    assert (request.shard, options.log_json) == (Shard(4, 3), "-")
    switches = [
        "print_config",
        "dry_run",
        "explain",
        "estimate",
        "yes",
        "report_costs",
        "regate",
    ]
    run_switches = ["resume", "send_failed"]
    assert all(getattr(options, name) is True for name in switches)
    assert all(getattr(options.run, name) is True for name in run_switches)
    assert (options.decisions, request.env_file) == (tmp_path / "d.json", tmp_path / "keys.env")
    assert request.data_dirs == (tmp_path / "mine", tmp_path / "data")
    config = request.config
    assert (config.skip_done, config.skip_step1, config.skip_step2, config.skip_step3) == (True, True, True, False)
    assert (config.video.model_api, config.video.kling_model_name) == ("dry-run", "kling-v3")
    assert (config.seed, config.verbose, config.rendering.gpu, config.video.budget_usd) == (7, True, False, 2.5)
    assert config.rendering.scene_seeds == (1, 2, 3, 4)
    plain, options = read_command_line(["--config", "run"], tmp_path, tmp_path)
    assert not any(getattr(options, name) for name in switches)
    assert not any(getattr(options.run, name) for name in run_switches)
    assert (plain.shard, options.log_json, options.decisions) == (Shard(1, 0), None, None)
