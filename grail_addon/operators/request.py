# SPDX-License-Identifier: GPL-3.0-or-later
"""From the panels' settings to a request, through the same door as the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy

from .. import properties
from ..preferences import preferences

if TYPE_CHECKING:
    from ..core.config.overrides import Override
    from ..core.config.request import Request


def working_folder() -> Path:
    """Where relative paths start: beside the .blend, or the user's own folder while it is not saved."""
    return Path(bpy.path.abspath("//")) if bpy.data.filepath else Path.home()


def results_folder(context: bpy.types.Context) -> Path:
    """The folder that the request writes to; absolute."""
    chosen = properties.settings(context).results_dir or preferences().results_dir
    return Path(bpy.path.abspath(chosen)) if chosen else working_folder() / "grail_results"


def panel_overrides(context: bpy.types.Context) -> list[Override]:
    """What the panels set over the pipeline file, each named as the panel calls it. Raises InputError."""
    from ..core.config.overrides import Override
    from ..core.config.yaml_source import parse_yaml

    own = properties.settings(context)

    def panel(key: str, value: Any, label: str) -> Override:
        return Override(key, value, "panel", label)

    found = [
        panel("results_dir", str(results_folder(context)), "Results"),
        panel("rendering.gpu", preferences().device == "GPU", "Device"),
        panel("video.budget_usd", preferences().budget_usd, "Budget"),
        panel("rendering.num_rand_scenes", [own.first_seed, own.first_seed + own.variants - 1], "Variants"),
    ]
    if own.category.strip():
        found.append(panel("category", own.category, "Objects"))
    same = [name for name in ("camera", "light", "placement") if not getattr(own, f"vary_{name}")]
    if same:
        found.append(panel("rendering.same_for_all", same, "Vary"))
    if own.character.strip():
        found.append(panel("character", own.character.strip(), "Person"))
    found += [panel(item.name, parse_yaml(item.value, f"panel {item.name}")[0], item.name) for item in own.overrides]
    return found


def build_request(context: bpy.types.Context, extra: Mapping[str, Any] | None = None) -> Request:
    """The request that the panels mean. extra: key path -> value, over all else: what one operator needs.

    Raises InputError with all that is wrong.
    """
    return request_loader(context, extra)()


def request_loader(context: bpy.types.Context, extra: Mapping[str, Any] | None = None) -> Callable[[], Request]:
    """As `build_request`, in two halves: this reads the panels, and what it returns reads files, in any thread."""
    from ..core.config.find import Places
    from ..core.config.load import load
    from ..core.config.overrides import Override
    from ..core.project import project_root

    own = properties.settings(context)
    file = bpy.path.abspath(own.config_file) if own.task == properties.FILE else own.task
    data = preferences().data_dir
    places = Places(working_folder(), project_root(), (Path(bpy.path.abspath(data)),) if data else ())
    overrides = [*panel_overrides(context), *(Override(key, value, "panel") for key, value in (extra or {}).items())]
    return lambda: load(file, overrides, places, named_by="panel Pipeline File")
