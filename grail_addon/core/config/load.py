# SPDX-License-Identifier: GPL-3.0-or-later
"""The door to configuration: files and overrides become a `Request`. All problems are raised at once; nothing is written.

Precedence: overrides > pipeline file > object entry > scene > default.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from ..errors import InputError, Problem
from ..paths import folder_fault, path_fault
from ..project import project_root
from ..yaml_text import KeyPath
from .check import problems_of, suggest, value_at
from .cross import check_run
from .find import Places, find_file, not_found
from .layers import Layer, Merged, Source, merge
from .objects import ObjectsFile, ScenesFile
from .overrides import Override, override_layer
from .request import Request, SceneLayers, Shard
from .resolve import LazySettings, fallback_name
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


def find_config(text: str, places: Places, named_by: str) -> Path:
    """The pipeline file that `text` means. Raises InputError naming where it was looked for."""
    fault = path_fault(text)
    if fault:
        raise InputError(Problem(f"{fault}.", file=named_by))
    roots = (places.cwd, places.project_root)
    folders = [folder for root in roots for folder in (root, root / PIPELINE_FOLDER)]
    path = find_file(text, folders)
    if path is None:
        message, fix = not_found(text, folders, places)
        raise InputError(Problem(message, fix, file=named_by))
    return path


def _beside(key: str, overrides: Layer, pipeline: Layer, config: Path, places: Places) -> Layer | None:
    """The file that `object_config` or `scene_config` names, as a layer; None if there is none."""
    merged = merge([pipeline, overrides])
    text = merged.data.get(key)
    if not isinstance(text, str) or not text or path_fault(text):
        return None  # what is no path is reported with all other types
    roots = [places.cwd, places.project_root]
    folders = [config.parent, *roots, *(root / OBJECTS_FOLDER for root in roots)]
    if merged.exact((key,)).is_override:
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


def _check_names(layers: SceneLayers, selected: Sequence[str]) -> Iterator[Problem]:
    """Overrides of `scenes.NAME...` and `objects.NAME...` have to mean something that exists."""
    overrides = layers.overrides
    scenes = {name for layer in layers.scenes for name in layer.data}
    for name in overrides.below("scenes").data:
        if name not in scenes:
            yield overrides.source(("scenes", name)).problem(f"scene `{name}` is not defined.", suggest(name, scenes))
    objects = {name for layer in layers.objects for name in layer.data} | set(selected)
    for name in overrides.below("objects").data:
        if fallback_name(name, objects) is None:
            yield overrides.source(("objects", name)).problem(f"there is no object `{name}`.", suggest(name, objects))


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
    data = {
        **run.data,
        "scenes": merge([*layers.scenes, layers.overrides.below("scenes")]).data,
        "objects": merge([*layers.objects, layers.overrides.below("objects")]).data,
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
    overrides: Sequence[Override], config_file: Path, places: Places, problems: _Problems
) -> tuple[Layer, Layer, SceneLayers]:
    """Pipeline file, object config and scene layers; all types checked."""
    pipeline = _read_layer(config_file, places)
    first = override_layer(overrides, ())
    objects = problems.catch(lambda: _beside("object_config", first, pipeline, config_file, places))
    scene_layer = problems.catch(lambda: _beside("scene_config", first, pipeline, config_file, places))
    objects = objects or Layer("object entry", {})
    problems.found += problems_of(RunConfig, pipeline.data, pipeline.source)
    scene_file, faults = _scene_file(scene_layer)
    problems.found += faults
    problems.found += problems_of(ObjectsFile, objects.data, objects.source, root=RunConfig)
    scenes = (scene_file, pipeline.below("scenes", kind="scene"))
    entries = (objects.below("objects", kind="object entry"), pipeline.below("objects"))
    named = override_layer(overrides, [name for layer in (*scenes, *entries) for name in layer.data])
    problems.found += problems_of(RunConfig, named.data, named.source)
    return pipeline, objects, SceneLayers(scenes, entries, named)


def load(
    file: str | Path = DEFAULT_CONFIG,
    overrides: Sequence[Override] = (),
    places: Places | None = None,
    shard: Shard = Shard(),  # noqa: B008 (frozen)
    named_by: str = "",
    check_objects: bool = True,
) -> Request:
    """The request that a pipeline file and overrides mean.

    file: a path, or a name as `--config` takes it. places: by default the working directory and `project_root()`. named_by: who names the file, for messages, e.g. `command line --config`.
    check_objects: resolve the settings of the shard's objects now; else each is with its first use.
    Raises InputError with every problem found.
    """
    places = places or Places(Path.cwd(), project_root())
    config_file = find_config(str(file), places, named_by)
    problems = _Problems()
    pipeline, objects, layers = _layers(overrides, config_file, places, problems)
    problems.stop_if_any()
    run = merge([pipeline.without("scenes", "objects"), layers.overrides.without("scenes", "objects")])
    config = _run_config(run, layers, problems)
    problems.found += _check_names(layers, config.category or ())
    dataset = problems.catch(lambda: _dataset(config, run, objects))
    categories = problems.catch(lambda: _categories(config, layers)) or ()
    fault = folder_fault(places.cwd / config.results_dir)
    if fault:
        problems.found.append(run.exact(("results_dir",)).problem(f"{fault}."))
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
        data_dirs=tuple(dict.fromkeys([*places.data_dirs, places.cwd / "data", places.project_root / "data"])),
        env_file=places.env_file,
        shard=shard,
    )
    request = replace(request, settings=LazySettings(request))
    if check_objects:
        # with fewer objects than shards, a shard may have a part of any
        own = categories[shard.cut(len(categories))] if len(categories) >= shard.count else categories
        for name in own:
            problems.catch(lambda name=name: request.settings[name])  # type: ignore[misc]
    problems.stop_if_any()
    return request
