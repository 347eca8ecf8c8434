# SPDX-License-Identifier: GPL-3.0-or-later
"""All flags of the command line, in one table. To add one, add a row; a switch without a `key` also needs its field in
`CommandOptions` or `RunOptions`.

A flag either sets a configuration key (`key`), names a place or a shard, or is a switch of the command line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FlagKind = Literal["value", "switch", "list"]
"""value: one text. switch: stands alone or takes true/false. list: may be repeated."""


@dataclass(frozen=True)
class Flag:
    """One flag. `key`: the configuration key it sets; `inverted`: the key becomes the opposite of the switch."""

    name: str
    meaning: str
    kind: FlagKind = "value"
    key: str = ""
    metavar: str = "TEXT"
    inverted: bool = False


FLAGS = (
    Flag("config", "pipeline file, as a path or by name (default: manipulation)", metavar="FILE"),
    Flag("set", "set any key, such as rendering.samples=4 or scenes.NAME.camera_radius=3", "list", metavar="KEY=VALUE"),
    Flag("dataset", "dataset of the objects", key="dataset", metavar="NAME"),
    Flag("category", "object to run; several with commas between or repeated", "list", "category", "NAME"),
    Flag("character", "character", key="character", metavar="NAME"),
    Flag("scene", "scene for all objects", key="scene", metavar="NAME"),
    Flag("results_dir", "folder for all outputs", key="results_dir", metavar="DIR"),
    Flag("object_config", "object config file", key="object_config", metavar="FILE"),
    Flag("scene_config", "file with scenes", key="scene_config", metavar="FILE"),
    Flag("character_dir", "folder of the characters", key="character_dir", metavar="DIR"),
    Flag("g1_xml_path", "MuJoCo XML of the robot that --character g1 shows", key="g1_xml_path", metavar="FILE"),
    Flag("texture_dir", "folder of the characters' textures", key="texture_dir", metavar="DIR"),
    Flag("num_rand_scenes", "N for scene seeds 1..N, or A,B for A..B", key="rendering.num_rand_scenes", metavar="N"),
    Flag("seed", "base seed of all random streams", key="seed", metavar="N"),
    Flag("samples", "render samples per pixel, or auto", key="rendering.samples", metavar="N"),
    Flag("quality", "draft, standard or high, in place of samples", key="rendering.quality", metavar="QUALITY"),
    Flag("gpu", "render on a GPU if there is one", "switch", "rendering.gpu"),
    Flag("no_gpu", "render on the CPU", "switch", "rendering.gpu", inverted=True),
    Flag("skip_step1", "skip settling", "switch", "skip_step1"),
    Flag("skip_step2", "skip the scale probe", "switch", "skip_step2"),
    Flag("skip_step3", "skip rendering", "switch", "skip_step3"),
    Flag("skip_step4", "skip videos", "switch", "skip_step4"),
    Flag("skip_done", "reuse what is up to date", "switch", "skip_done"),
    Flag(
        "verify",
        "with --skip_done: read every file, instead of trusting those whose size and time are as recorded",
        "switch",
    ),
    Flag("verbose", "log in detail", "switch", "verbose"),
    Flag("video_model_api", "who makes the videos: kling-ai or dry-run", key="video.model_api", metavar="NAME"),
    Flag("kling_model_name", "Kling model", key="video.kling_model_name", metavar="NAME"),
    Flag("budget", "hard cap on the money spent in this results folder", key="video.budget_usd", metavar="USD"),
    Flag(
        "engine",
        "who makes the objects: none (this process), local (worker processes), slurm (a job array) or ray (a Ray cluster)",
        key="farm.engine",
        metavar="NAME",
    ),
    Flag(
        "workers",
        "workers at the same time, or auto; on this machine where no engine is named",
        key="farm.workers",
        metavar="N",
    ),
    Flag("ray_address", "Ray cluster to use; without it, one on this machine", key="farm.ray_address", metavar="NAME"),
    Flag("detach", "with --engine slurm: send the work and leave; the same command comes back to it", "switch"),
    Flag("num_job_chunks", "split the work into this many shards (default: 1)", metavar="N"),
    Flag("job_chunk_idx", "the shard that this process does, from 0 (default: 0)", metavar="I"),
    Flag("data_dir", "data folder, searched before ./data; may be repeated", "list", metavar="DIR"),
    Flag("env_file", "file with the keys of the paid services", metavar="FILE"),
    Flag("print_config", "show the resolved configuration and where each value came from, then stop", "switch"),
    Flag("dry_run", "show what would run, then stop", "switch"),
    Flag("explain", "say for each item why it runs or why not, then run", "switch"),
    Flag("log_json", "write events as JSON lines to a file, or to standard output with -", metavar="FILE"),
    Flag("estimate", "show clips, units and money of step 4 without sending, then stop", "switch"),
    Flag("yes", "spend without asking", "switch"),
    Flag("resume", "pick up video tasks that were sent earlier, send none", "switch"),
    Flag("retry_failed", "buy again what the service refused, failed or removed", "switch"),
    Flag("send_again", "send a clip in doubt again: its id is not in the service's console", "list", metavar="ID"),
    Flag("report", "build the report alone, then stop", "switch"),
    Flag("status", "show how far a run over this results folder is, then stop", metavar="DIR"),
    Flag("report_costs", "show what was spent on what, then stop", "switch"),
    Flag("regate", "judge existing frames again under the present thresholds, render nothing", "switch"),
    Flag("send_failed", "send frames to step 4 even if the gate failed them", "switch"),
    Flag("make_terrain", "make stairs, curb or slope and the object config that runs them, then stop", metavar="KIND"),
    Flag("num", "how many pieces of terrain to make (default: 5)", metavar="N"),
    Flag("output_dir", "folder of the terrain; its name is the dataset (default: by kind, in data/)", metavar="DIR"),
    Flag("decisions", "file with a person's approvals and rejections", metavar="FILE"),
)
