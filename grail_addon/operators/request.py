# SPDX-License-Identifier: GPL-3.0-or-later
"""From the panels' settings to a request, through the same door as the command line."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy

from .. import properties
from ..preferences import preferences

if TYPE_CHECKING:
    from ..core.config.request import Request
    from ..core.errors import Problem


NAMES = ("dataset", "category", "character")
"""Settings of Setup that are keys of a pipeline file under the same names."""
PANEL_LABELS = {
    "results_dir": "Results", "rendering.gpu": "Device", "video.budget_usd": "Budget (USD)", "video.kling_host": "Kling Address",
    "rendering.num_rand_scenes": "Variants", "rendering.same_for_all": "What Varies",
    "dataset": "Dataset", "category": "Objects", "objects": "Objects", "character": "Person",
}  # fmt: skip
"""Key path -> what the panels or the preferences call it."""


def working_folder() -> Path:
    """Where relative paths start: beside the .blend, or the user's own folder while it is not saved."""
    return Path(bpy.path.abspath("//")) if bpy.data.filepath else Path.home()


def results_folder(context: bpy.types.Context) -> Path:
    """The folder that the request writes to; absolute."""
    chosen = properties.settings(context).results_dir or preferences().results_dir
    return Path(bpy.path.abspath(chosen)) if chosen else working_folder() / "grail_results"


@dataclass(frozen=True)
class RequestInputs:
    """What the panels ask for, as plain data that may be handed to a thread and compared.

    file: the pipeline file or its name; working: where relative paths start; data: the user's data folder, empty for none;
    panel: (key path, value) of what they always set; own: (key path, YAML text) of what is set under Advanced.
    """

    file: str
    working: str
    data: str
    panel: tuple[tuple[str, Any], ...]
    own: tuple[tuple[str, str], ...]

    def load(self, extra: Mapping[str, Any] | None = None) -> Request:
        """The request. extra: key path -> value, over all else. Raises InputError with all that is wrong."""
        from ..core.config.find import Places
        from ..core.config.load import load
        from ..core.config.overrides import Override
        from ..core.config.yaml_source import parse_yaml
        from ..core.project import project_root

        overrides = [Override(key, value, "panel", PANEL_LABELS[key]) for key, value in self.panel]
        overrides += [Override(key, parse_yaml(text, f"panel {key}")[0], "panel", key) for key, text in self.own]
        overrides += [Override(key, value, "panel") for key, value in (extra or {}).items()]
        places = Places(Path(self.working), project_root(), (Path(self.data),) if self.data else ())
        return load(self.file, overrides, places, named_by="panel Pipeline File")


def request_inputs(context: bpy.types.Context) -> RequestInputs:
    """What the panels ask for now; quick, and without a look at any file."""
    own = properties.settings(context)
    found: list[tuple[str, Any]] = [
        ("results_dir", str(results_folder(context))),
        ("rendering.gpu", preferences().device == "GPU"),
        ("video.budget_usd", preferences().budget_usd),
        ("rendering.num_rand_scenes", (own.first_seed, own.first_seed + own.variants - 1)),
    ]
    if preferences().kling_host.strip():
        found.append(("video.kling_host", preferences().kling_host.strip()))
    same = tuple(name for name in ("camera", "light", "placement") if not getattr(own, f"vary_{name}"))
    if same:
        found.append(("rendering.same_for_all", same))
    for name in NAMES:
        text = getattr(own, name).strip().strip(",")
        if text:
            found.append((name, text))
    return RequestInputs(
        bpy.path.abspath(own.config_file) if own.task == properties.FILE else own.task,
        str(working_folder()),
        bpy.path.abspath(preferences().data_dir) if preferences().data_dir else "",
        tuple(found),
        tuple((item.name, item.value) for item in own.overrides),
    )


def file_at_fault(problem: Problem, working: Path) -> str:
    """The file that a problem names, as a whole path; empty where it names none, or one that is not there.

    working: where relative paths start; else the extension's own folder is meant.
    """
    from ..core.project import project_root

    if not problem.file:
        return ""
    places = [folder / problem.file for folder in (working, project_root())]  # a whole path stays as it is
    return next((str(path) for path in places if path.is_file()), "")


def build_request(context: bpy.types.Context, extra: Mapping[str, Any] | None = None) -> Request:
    """The request that the panels mean. extra: key path -> value, over all else: what one operator needs.

    Raises InputError with all that is wrong.
    """
    return request_loader(context, extra)()


def request_loader(context: bpy.types.Context, extra: Mapping[str, Any] | None = None) -> Callable[[], Request]:
    """As `build_request`, in two halves: this reads the panels, and what it returns reads files, in any thread."""
    inputs = request_inputs(context)
    return lambda: inputs.load(extra)


def override_text(context: bpy.types.Context, key: str) -> str | None:
    """What is set under Advanced for a key path, as YAML; None where nothing is."""
    found = properties.settings(context).overrides.get(key)
    return None if found is None else str(found.value)


def set_override(context: bpy.types.Context, key: str, value: Any) -> None:
    """Set a key path over the pipeline file."""
    own = properties.settings(context)
    item = own.overrides.get(key) or own.overrides.add()
    item.name, item.value = key, json.dumps(value)


def clear_override(context: bpy.types.Context, key: str) -> None:
    """Let the pipeline file's value of a key path count again."""
    own = properties.settings(context)
    index = own.overrides.find(key)
    if index >= 0:
        own.overrides.remove(index)
