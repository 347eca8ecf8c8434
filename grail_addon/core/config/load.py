# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads files and command line into a `Request`. Everything that is wrong is told at once; nothing is written.

Precedence: command line > pipeline file > object entry > scene > default.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from ..errors import InputError, Problem
from .check import problems_of, suggest, value_at
from .cli import CommandLine, command_line, read_options
from .cross import check_run
from .find import Places, find_file, not_found
from .layers import KeyPath, Layer, Merged, Source, merge
from .objects import ObjectsFile, ScenesFile
from .options import run_options
from .request import Request, SceneLayers
from .resolve import fallback_name, resolve
from .run import RunConfig
from .yaml_source import read_yaml

DEFAULT_CONFIG = "manipulation"
PIPELINE_FOLDER = Path("configs", "gen_2dhoi")
OBJECTS_FOLDER = Path("configs", "objects")
T = TypeVar("T")


class _Problems:
    """Collects what is wrong, so that one run shows it all."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def catch(self, step: Callable[[], T]) -> T | None:
        """Result of a step, or None with its problems kept."""
        try:
            return step()
        except InputError as error:
            self.found += error.problems
            return None

    def stop_if_any(self) -> None:
        """Raise all that was found, each once."""
        if self.found:
            raise InputError(list(dict.fromkeys(self.found)))


def _read_layer(path: Path, places: Places) -> Layer:
    shown = places.shown(path)
    data, lines = read_yaml(path, shown)
    return Layer("pipeline file", data, shown, lines)


def find_config(text: str, places: Places) -> Path:
    """The pipeline file that `--config TEXT` means. Raises InputError naming where it was looked for."""
    roots = (places.cwd, places.project_root)
    folders = [folder for root in roots for folder in (root, root / PIPELINE_FOLDER)]
    path = find_file(text, folders)
    if path is None:
        message, fix = not_found(text, folders, places)
        raise InputError(Problem(message, fix, file="command line --config"))
    return path


def _beside(key: str, cli: CommandLine, pipeline: Layer, config: Path, places: Places) -> Layer | None:
    """The file that `object_config` or `scene_config` names, as a layer; None if there is none."""
    merged = merge([pipeline, cli.keys])
    text = merged.data.get(key)
    if not isinstance(text, str) or not text:
        return None  # a wrong type is reported with all other types
    roots = [places.cwd, places.project_root]
    folders = [config.parent, *roots, *(root / OBJECTS_FOLDER for root in roots)]
    if merged.exact((key,)).kind == "command line":
        folders = [*folders[1:], config.parent]
    path = find_file(text, folders)
    if path is None:
        message, fix = not_found(text, folders, places)
        raise InputError(merged.exact((key,)).problem(message, fix))
    return _read_layer(path, places)


def _scene_file(layer: Layer | None) -> tuple[Layer, list[Problem]]:
    if layer is None:
        return Layer("scene", {}), []
    if "scenes" in layer.data:
        return layer.below("scenes", kind="scene"), problems_of(ScenesFile, layer.data, layer.source)
    problems = problems_of(ScenesFile, {"scenes": layer.data}, lambda path: layer.source(path[1:]))
    return layer.below(kind="scene"), problems


def _check_cli_names(cli: Layer, layers: SceneLayers, selected: Sequence[str]) -> Iterator[Problem]:
    """`--set scenes.NAME...` and `--set objects.NAME...` have to mean something that exists."""
    scenes = {name for layer in layers.scenes for name in layer.data}
    for name in cli.below("scenes").data:
        if name not in scenes:
            yield cli.source(("scenes", name)).problem(f"scene `{name}` is not defined.", suggest(name, scenes))
    objects = {name for layer in layers.objects for name in layer.data} | set(selected)
    for name in cli.below("objects").data:
        if fallback_name(name, objects) is None:
            yield cli.source(("objects", name)).problem(f"there is no object `{name}`.", suggest(name, objects))


def _model_leaves(model: BaseModel, prefix: KeyPath = ()) -> Iterator[KeyPath]:
    for name in type(model).model_fields:
        path, value = (*prefix, name), getattr(model, name)
        if path in (("scenes",), ("objects",)):
            continue
        if isinstance(value, BaseModel):
            yield from _model_leaves(value, path)
        elif isinstance(value, dict) and value:
            for key, inner in value.items():
                yield from _model_leaves(inner, (*path, key))
        else:
            yield path


def _run_config(run: Merged, layers: SceneLayers, problems: _Problems) -> RunConfig:
    cli = layers.command_line
    data = {
        **run.data,
        "scenes": merge([*layers.scenes, cli.below("scenes")]).data,
        "objects": merge([*layers.objects, cli.below("objects")]).data,
    }
    problems.found += problems_of(RunConfig, data, run.nearest)
    problems.stop_if_any()
    config = RunConfig.model_validate(data)
    problems.found += check_run(config, run)
    return config


def _dataset(config: RunConfig, run: Merged, objects: Layer) -> tuple[str, Source]:
    if config.dataset:
        return config.dataset, run.exact(("dataset",))
    name = value_at(objects.data, ("dataset",))
    if isinstance(name, str):
        source = objects.source(("dataset",))
        return name, Source("object entry", "dataset", source.file, source.line)
    raise InputError(
        Problem("no dataset is given.", "Use --dataset NAME, or `dataset:` in the object config.", key_path="dataset")
    )


def _categories(config: RunConfig, layers: SceneLayers) -> tuple[str, ...]:
    names: Sequence[str] = config.category or [name for layer in layers.objects for name in layer.data]
    if not names:
        fix = "Name an object config with `object_config:` or --object_config."
        raise InputError(Problem("there are no objects to run.", fix, key_path="objects"))
    return tuple(dict.fromkeys(names))


def _layers(
    given: dict[str, Any], config_file: Path, places: Places, problems: _Problems
) -> tuple[Layer, Layer, SceneLayers, dict[str, Any]]:
    """Pipeline file, object config, scene layers and run options; all types checked."""
    pipeline = _read_layer(config_file, places)
    first = command_line(given, ())
    objects = problems.catch(lambda: _beside("object_config", first, pipeline, config_file, places))
    scene_layer = problems.catch(lambda: _beside("scene_config", first, pipeline, config_file, places))
    objects = objects or Layer("object entry", {})
    problems.found += problems_of(RunConfig, pipeline.data, pipeline.source)
    scene_file, faults = _scene_file(scene_layer)
    problems.found += faults
    problems.found += problems_of(ObjectsFile, objects.data, objects.source, root=RunConfig)
    scenes = (scene_file, pipeline.below("scenes", kind="scene"))
    entries = (objects.below("objects", kind="object entry"), pipeline.below("objects"))
    names = [name for layer in (*scenes, *entries) for name in layer.data]
    cli = command_line(given, names)
    problems.found += problems_of(RunConfig, cli.keys.data, cli.keys.source)
    return pipeline, objects, SceneLayers(scenes, entries, cli.keys), cli.options


def load(argv: Sequence[str], cwd: Path, project_root: Path) -> Request:
    """The request that a command line means.

    argv: arguments; what stands before a `--` is ignored. cwd: start of relative paths. project_root: folder with
    `configs/`. Raises InputError with every problem found; `--help` ends in SystemExit as argparse has it.
    """
    places = Places(cwd.absolute(), project_root.absolute())
    given = read_options(argv)
    config_file = find_config(given.get("config", DEFAULT_CONFIG), places)
    problems = _Problems()
    pipeline, objects, layers, raw_options = _layers(given, config_file, places, problems)
    options = problems.catch(lambda: run_options(raw_options, places)) or {}
    problems.stop_if_any()
    run = merge([pipeline.without("scenes", "objects"), layers.command_line.without("scenes", "objects")])
    config = _run_config(run, layers, problems)
    problems.found += _check_cli_names(layers.command_line, layers, config.category or ())
    dataset = problems.catch(lambda: _dataset(config, run, objects))
    categories = problems.catch(lambda: _categories(config, layers)) or ()
    sources = {".".join(path): run.exact(path) for path in _model_leaves(config)}
    if dataset:
        sources["dataset"] = dataset[1]
    request = Request(
        config=config,
        sources=sources,
        dataset=dataset[0] if dataset else "",
        categories=categories,
        layers=layers,
        cwd=places.cwd,
        project_root=places.project_root,
        config_file=config_file,
        results_dir=places.cwd / config.results_dir,
        **options,
    )
    for category in categories:
        problems.catch(lambda name=category: resolve(request, name))  # type: ignore[misc]
    problems.stop_if_any()
    return request
