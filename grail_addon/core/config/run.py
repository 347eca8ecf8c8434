# SPDX-License-Identifier: GPL-3.0-or-later
"""The pipeline file as a whole: the top-level keys and all sections."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, Strict

from .base import Name, PathText, Says, Section, key, one_or_many
from .farm import FarmConfig
from .gate import GateConfig, TaskName
from .rendering import RenderingConfig
from .scale import ScaleConfig
from .scene import ObjectEntry, SceneSettings
from .simulation import SimulationConfig
from .video import VideoConfig


def _split_at_commas(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(","))
    return value


Categories = Annotated[
    tuple[Name, ...],
    Strict(False),
    BeforeValidator(_split_at_commas),
    Field(min_length=1),
    Says("a name, several with commas between, or a list of names"),
]
PoseFiles = Annotated[
    tuple[PathText, ...],
    Strict(False),
    BeforeValidator(one_or_many),
    Field(min_length=1, max_length=2),
    Says("a path, or [start, end] paths"),
]


class RunConfig(Section):
    """A pipeline file, merged with what the command line sets."""

    task: TaskName = key("manipulation", "What the person is to do; chooses the thresholds of the gate.")
    character: Name = key("kid", "Name of the character, looked for in `character_dir`.")
    character_dir: PathText = key("data/characters", "Folder of the characters.")
    texture_dir: PathText = key("data/characters", "Folder of the characters' textures, where they come apart.")
    character_init_pose_file: PoseFiles | None = key(
        None, "File of the character's start pose, or [start, end] with one for the end frame. Empty = as in its file."
    )
    g1_xml_path: PathText | None = key(
        None, "MuJoCo XML of the robot that the character `g1` stands for. Empty = as `character_dir` has it."
    )
    results_dir: PathText = key("results", "Folder for all outputs; relative to the working directory.")
    object_config: PathText | None = key(
        None, "Object config file; relative to this file, the working directory or the project."
    )
    dataset: Name | None = key(None, "Dataset of the objects. Empty = the one that the object config names.")
    category: Categories | None = key(None, "Objects to run. Empty = all of the object config.")
    scene: Name | None = key(None, "Scene for all objects. Empty = the one in each object's entry.")
    scenes: dict[Name, SceneSettings] = key({}, "Scene name -> settings.")
    scene_config: PathText | None = key(
        None, "File with scenes (a mapping, or one under `scenes:`); `scenes` here wins over it key by key."
    )
    objects: dict[Name, ObjectEntry] = key(
        {}, "Object name -> entry; wins over the object config key by key. Also carries objects that have no file."
    )
    seed: int = key(0, "Base seed of all random streams.", ge=0, le=2**63 - 1)
    verbose: bool = key(False, "Log in detail.")
    skip_step1: bool = key(False, "Skip settling; a cached state is used if it still matches.")
    skip_step2: bool = key(False, "Skip the scale probe; the scale of the object's entry is used.")
    skip_step3: bool = key(False, "Skip rendering.")
    skip_step4: bool = key(False, "Skip videos.")
    skip_done: bool = key(False, "Reuse what is up to date: made from the same inputs, files unchanged.")
    simulation: SimulationConfig = key(SimulationConfig(), "Settling (step 1).")
    scale: ScaleConfig = key(ScaleConfig(), "Scale probe (step 2).")
    rendering: RenderingConfig = key(RenderingConfig(), "Conditioning frames (step 3).")
    video: VideoConfig = key(VideoConfig(), "Prompts and videos (step 4).")
    farm: FarmConfig = key(FarmConfig(), "Several workers for one request.")
    gate: GateConfig = key(GateConfig(), "What a frame must meet before it is sent.")
