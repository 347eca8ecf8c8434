# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be made: the validated configuration, the objects with their settings, and where things are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .layers import Layer, Source
from .run import RunConfig
from .scene import ResolvedObject


@dataclass(frozen=True)
class SceneLayers:
    """Scenes and object entries by where they stand, each list from the lowest to the highest precedence."""

    scenes: tuple[Layer, ...]
    objects: tuple[Layer, ...]
    overrides: Layer


@dataclass(frozen=True)
class Shard:
    """Part `index` (from 0) of `count` parts of the work."""

    count: int = 1
    index: int = 0

    def cut(self, total: int) -> slice:
        """This part of a sequence of that length: contiguous, and as long as the others or one longer or shorter."""
        return slice(total * self.index // self.count, total * (self.index + 1) // self.count)


@dataclass(frozen=True)
class Request:
    """What is to be made.

    config: files and overrides merged; `config.scenes` and `config.objects` hold them by name, but what an object
    is rendered with stands in `settings`, by category. sources: key path -> origin, for all keys outside scenes and
    objects. categories: objects to run, in order. All paths are absolute. config_file: the pipeline file.
    data_dirs: folders searched for assets, first match wins. env_file: holds the keys of the paid services.
    """

    config: RunConfig
    sources: Mapping[str, Source]
    dataset: str
    categories: tuple[str, ...]
    layers: SceneLayers
    cwd: Path
    project_root: Path
    config_file: Path
    results_dir: Path
    data_dirs: tuple[Path, ...]
    env_file: Path | None = None
    shard: Shard = Shard()
    settings: Mapping[str, ResolvedObject] = field(default_factory=dict)
