# SPDX-License-Identifier: GPL-3.0-or-later
"""What one object is rendered with: default < scene < object entry < pipeline file < overrides."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any

from ..errors import InputError
from .check import problems_of, suggest
from .cross import RAND_KEYS, check_object
from .layers import Layer, Merged, Source, leaves, merge
from .request import Request, SceneLayers
from .scene import ObjectEntry, ResolvedObject, SceneSettings, rand_range


def fallback_name(category: str, names: Container[str]) -> str | None:
    """The entry that serves `category`: its own, or for `canned_food_3` that of `canned_food`; None without either."""
    return next((name for name in (category, re.sub(r"_\d+$", "", category)) if name in names), None)


def _entries(layers: Sequence[Layer], category: str) -> list[Layer]:
    found = []
    for layer in layers:
        name = fallback_name(category, layer.data)
        if name is not None:
            found.append(layer.below(name))
    return found


def _choose_scene(request: Request, entries: Sequence[Layer], overrides: Sequence[Layer]) -> tuple[str, Source]:
    """Scene of an object and who says so: an override of its own key, one of `scene` (--scene), its key in the pipeline
    file, the pipeline's `scene`, its entry."""
    run = request.sources["scene"]
    run_rank = 3.0 if run.is_override else {"pipeline file": 1.0}.get(run.kind, -1.0)
    candidates = [(run_rank, str(request.config.scene), run)] if request.config.scene else []
    for layer in (*entries, *overrides):
        if layer.data.get("scene") is not None:
            rank = {"override": 4.0, "pipeline file": 2.0}.get(layer.kind, 0.0)
            candidates.append((rank, str(layer.data["scene"]), layer.source(("scene",))))
    if not candidates:
        where = entries[-1].source(()) if entries else run
        raise InputError(where.problem("names no scene.", "Give the object a `scene`, or use --scene NAME."))
    _, name, source = max(candidates, key=lambda c: c[0])
    return name, source


def _scene_layers(layers: SceneLayers, scene: str, source: Source) -> list[Layer]:
    found = [layer.below(scene) for layer in layers.scenes if scene in layer.data]
    if not found:
        names = list(dict.fromkeys(name for layer in layers.scenes for name in layer.data))
        fix = suggest(scene, names) or (f"Scenes: {', '.join(names)}." if names else "There are no scenes.")
        raise InputError(source.problem(f"scene `{scene}` is not defined.", fix))
    return found


def merge_object(request: Request, category: str) -> tuple[str, Source, Merged]:
    """Scene of an object, who chose it, and the object's settings merged. Raises InputError."""
    layers = request.layers
    entries = _entries(layers.objects, category)
    set_entries = _entries([layers.overrides.below("objects")], category)
    if not entries and not set_entries:
        names = list(dict.fromkeys(name for layer in layers.objects for name in layer.data))
        files = " or ".join(dict.fromkeys(layer.file for layer in layers.objects if layer.data)) or "the configuration"
        where = request.sources["category"]
        raise InputError(where.problem(f"`{category}` is not an object of {files}.", suggest(category, names)))
    scene, source = _choose_scene(request, entries, set_entries)
    scenes = _scene_layers(layers, scene, source)
    set_scene = layers.overrides.below("scenes", scene)
    return scene, source, merge([*scenes, *entries, set_scene, *set_entries])


def _pair(value: float | tuple[float, float], mirrored: bool = False) -> tuple[float, float]:
    if isinstance(value, tuple):
        return value
    return (-value + 0.0, value) if mirrored else (value, value)


_GENERAL = {"render_width": "width", "render_height": "height", "scene_variety": "scene_variety"}
"""Key of a scene -> the key under `rendering` that stands in for it."""


def _own_or_general(request: Request, entry: ObjectEntry, merged: Merged, key: str) -> tuple[Any, Source]:
    """A key that `rendering` has, too: the scene's own wins, unless only the general one is overridden."""
    own, own_source = getattr(entry, key), merged.exact((key,))
    general = request.sources[f"rendering.{_GENERAL[key]}"]
    if own is not None and (not general.is_override or own_source.is_override):
        return own, own_source
    return getattr(request.config.rendering, _GENERAL[key]), general


def _final(
    request: Request, entry: ObjectEntry, merged: Merged, scene: str
) -> tuple[dict[str, Any], dict[str, Source]]:
    values = {name: getattr(entry, name) for name in SceneSettings.model_fields}
    sources = {name: merged.exact((name,)) for name in SceneSettings.model_fields if name != "static_objects"}
    for path, _ in leaves({"static_objects": entry.model_dump()["static_objects"]}):
        sources[".".join(path)] = merged.exact(path)
    for name in RAND_KEYS:
        low, high = rand_range(values[f"{name}_rand_max"], values[f"{name}_rand_min"])
        values |= {f"{name}_rand_min": low, f"{name}_rand_max": high}
    for key in _GENERAL:
        values[key], sources[key] = _own_or_general(request, entry, merged, key)
    values["camera_azimuth_rand_max"] = _pair(entry.camera_azimuth_rand_max, mirrored=True)
    values["camera_elevation"] = _pair(entry.camera_elevation)
    values["camera_radius"] = _pair(entry.camera_radius)
    values["blender_file_name"] = entry.blender_file_name or f"{scene}.blend"
    values["character_z"] = entry.obj_pos[2] if entry.character_z is None else entry.character_z
    return values, sources


class LazySettings(Mapping[str, ResolvedObject]):
    """Settings of a request's objects, resolved with the first use and kept."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._known: dict[str, ResolvedObject] = {}

    def __getitem__(self, category: str) -> ResolvedObject:
        if category not in self._known:
            if category not in self._request.categories:
                raise KeyError(category)
            self._known[category] = resolve(self._request, category)
        return self._known[category]

    def __iter__(self) -> Iterator[str]:
        return iter(self._request.categories)

    def __len__(self) -> int:
        return len(self._request.categories)


def resolve(request: Request, category: str) -> ResolvedObject:
    """Final settings of one object, with the origin of each. Raises InputError with all that is wrong."""
    scene, scene_source, merged = merge_object(request, category)
    merged.data.pop("scene", None)
    problems = problems_of(ObjectEntry, merged.data, merged.nearest)
    if problems:
        raise InputError(problems)
    entry = ObjectEntry.model_validate(merged.data)
    problems = check_object(entry, merged)
    if problems:
        raise InputError(problems)
    values, sources = _final(request, entry, merged, scene)
    origins: Mapping[str, Source] = {"scene": scene_source, "dataset": request.sources["dataset"], **sources}
    return ResolvedObject(**values, dataset=request.dataset, category=category, scene=scene, sources=dict(origins))
