# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run is asked to do: the validated configuration, the objects, and the options of this run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .layers import Layer, Source
from .run import RunConfig


@dataclass(frozen=True)
class SceneLayers:
    """Scenes and object entries by where they stand, each list from the lowest to the highest precedence."""

    scenes: tuple[Layer, ...]
    objects: tuple[Layer, ...]
    command_line: Layer


@dataclass(frozen=True)
class Request:
    """A run.

    config: files and command line merged; `config.scenes` and `config.objects` hold them by name, but what an object
    is rendered with comes from `resolve.resolve(request, category)`. sources: key path -> origin, for all keys
    outside scenes and objects. categories: objects to run, in order. All paths are absolute.
    config_file: the pipeline file. data_dirs: folders searched for assets, first match wins.
    The remaining fields are the flags of the same names.
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
    decisions: Path | None = None
    log_json: str | None = None
    num_job_chunks: int = 1
    job_chunk_idx: int = 0
    print_config: bool = False
    dry_run: bool = False
    explain: bool = False
    estimate: bool = False
    yes: bool = False
    resume: bool = False
    retry_failed: bool = False
    report_costs: bool = False
    regate: bool = False
    send_failed: bool = False
