# SPDX-License-Identifier: GPL-3.0-or-later
"""The pipeline file as a whole: the top-level keys and all sections."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, Strict

from .base import Section, key
from .gate import GateConfig
from .objects import ObjectEntry
from .rendering import RenderingConfig
from .scale import ScaleConfig
from .scene import SceneSettings
from .simulation import SimulationConfig
from .video import VideoConfig


def _path_list(value: object) -> object:
    if isinstance(value, list):
        return tuple(value)
    return (value,) if isinstance(value, str) else value


PathText = Annotated[str, Field(min_length=1)]
Name = Annotated[str, Field(pattern=r"^[^/\\\s]+$")]  # becomes part of file names
PoseFiles = Annotated[
    tuple[PathText, ...], Strict(False), BeforeValidator(_path_list), Field(min_length=1, max_length=2)
]


class RunConfig(Section):
    """A pipeline file, merged with what the command line sets."""

    character: Name = key("kid", "Name of the character, looked for in `character_dir`.")
    character_dir: PathText = key("data/characters", "Folder of the characters.")
    texture_dir: PathText = key("data/characters", "Folder of the characters' textures, where they come apart.")
    character_init_pose_file: PoseFiles | None = key(
        None, "File of the character's start pose, or [start, end] with one for the end frame. Empty = as in its file."
    )
    results_dir: PathText = key("results", "Folder for all outputs; relative to the working directory.")
    object_config: PathText | None = key(
        None, "Object config file; relative to this file, the working directory or the project."
    )
    dataset: Name | None = key(None, "Dataset of the objects. Empty = the one that the object config names.")
    category: PathText | None = key(
        None, "Object to run, several separated by commas. Empty = all of the object config."
    )
    scene: Name | None = key(None, "Scene for all objects. Empty = the one in each object's entry.")
    scenes: dict[Name, SceneSettings] = key({}, "Scene name -> settings.")
    scene_config: PathText | None = key(
        None, "File with the scenes (a mapping, or one under `scenes:`), instead of `scenes` here."
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
    gate: GateConfig = key(GateConfig(), "What a frame must meet before it is sent.")
