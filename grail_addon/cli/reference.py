# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the reference page of all keys and flags from the models: `python -m grail_addon.cli.reference`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from ..core.config.describe import expects, may_be_empty, nested, show, unit_of
from ..core.config.gate import GateConfig
from ..core.config.gate_limit import Limit
from ..core.config.objects import ObjectsFile
from ..core.config.run import RunConfig
from ..core.config.scene import ObjectEntry, SceneSettings, StaticObject
from .flags import FLAGS

INTRO = """# Configuration

Written by `python -m grail_addon.cli.reference` from the models; do not edit by hand.

## Where values come from

Command line > pipeline file > object entry > scene > default. In words, for one object, the last one that speaks wins:

1. the default in the tables below,
2. the scene's settings: `scenes.NAME` of the file that `scene_config` names, then `scenes.NAME` of the pipeline file,
3. the object's entry in the object config,
4. the object's entry under `objects` of the pipeline file,
5. the command line: `--set scenes.NAME.key=value`, then `--set objects.NAME.key=value`.

Mappings merge key by key; a list or a value is replaced whole. A category such as `canned_food_3` that has no entry uses
that of `canned_food`. The scene of an object is, in this order: `--set objects.NAME.scene`, `--scene`, its `scene` under
`objects` of the pipeline file, the pipeline file's `scene`, its `scene` in the object config.
`--print_config` shows the result and where each value came from; its output is a pipeline file that means the same.

## Files and paths

- `--config NAME` is looked for beside the caller, in `configs/gen_2dhoi/` there, then in the project and its
  `configs/gen_2dhoi/`; the ending `.yaml` may be left out. Without `--config` it is `manipulation`.
- `object_config` and `scene_config` are looked for beside the pipeline file, in the working directory, in the project,
  and in `configs/objects/` of both; given on the command line, the working directory comes first.
- `results_dir` is relative to the working directory.
- Assets are looked for in each `--data_dir`, then in `data/` of the working directory and of the project.
- Files are YAML 1.2: booleans are `true` and `false` only, a key may stand once. Tags (`!!...`), aliases that multiply
  into more than 100000 values, and nesting of more than 20 levels are refused.

## Units

Metres, seconds and degrees; world z is up. Azimuths turn about +z from +X, counter-clockwise. Rotations are XYZ Euler
angles (R = Rz Ry Rx). Random amounts are drawn uniformly per scene seed: between `*_rand_min` and `*_rand_max` per axis,
and where only the maximum is given, between minus and plus it.

Every number has bounds. Where a table names none: coordinates lie within 10000 m of the origin, angles within 3600
degrees, factors between 0.000001 and 1000000, and the numbers of a gate's limit within what its unit can be (a share:
0 to 1). Names take up to 80 letters; paths and names hold no control characters.
"""

_HEADER = "| key | type | unit | default | meaning |\n|---|---|---|---|---|"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _default(value: Any) -> str:
    if isinstance(value, BaseModel):
        value = value.model_dump(exclude_none=True)
    if isinstance(value, dict):
        value = {k: v.model_dump(exclude_none=True) if isinstance(v, BaseModel) else v for k, v in value.items()}
    return "" if value is None else f"`{show(value, 200)}`"


def _rows(model: type[BaseModel], leave_out: frozenset[str] = frozenset()) -> Iterator[str]:
    for name, info in model.model_fields.items():
        if name in leave_out:
            continue
        inner = nested(info.annotation)[1]
        kind = "limit" if inner is Limit else expects(info)
        if may_be_empty(info):
            kind += ", or empty"
        default = "" if inner not in (None, Limit) and name != "tasks" else _default(info.default)
        yield f"| `{name}` | {_cell(kind)} | {unit_of(info)} | {_cell(default)} | {_cell(info.description or '')} |"


def _table(title: str, text: str, model: type[BaseModel], leave_out: frozenset[str] = frozenset()) -> str:
    return "\n".join([f"## {title}", "", text, "", _HEADER, *_rows(model, leave_out)]) + "\n"


def _flags() -> str:
    rows = ["## Flags", "", "After `--`. A switch may be followed by `true` or `false`.", ""]
    rows += ["| flag | sets | meaning |", "|---|---|---|"]
    for flag in FLAGS:
        name = f"--{flag.name}" if flag.kind == "switch" else f"--{flag.name} {flag.metavar}"
        rows.append(f"| `{name}` | {f'`{flag.key}`' if flag.key else ''} | {_cell(flag.meaning)} |")
    return "\n".join(rows) + "\n"


def reference() -> str:
    """The page as Markdown."""
    parts = [INTRO, _flags(), _table("Pipeline file", "Top-level keys; sections follow.", RunConfig)]
    for name, info in RunConfig.model_fields.items():
        kind, model = nested(info.annotation)
        if kind == "model" and model is not None and model is not GateConfig:
            parts.append(_table(f"`{name}`", info.description or "", model))
    parts.append(
        _table("`gate`", "A limit is a mapping of the keys below; it replaces only what it names.", GateConfig)
    )
    parts.append(_table("A limit of `gate`", "Numbers that a measurement is compared with.", Limit))
    parts.append(_table("`scenes.NAME`", "Settings of a scene.", SceneSettings))
    parts.append(_table("`static_objects.NAME`", "A further mesh in a scene.", StaticObject))
    parts.append(_table("Object config", "Keys of an object config file.", ObjectsFile))
    entry = frozenset(SceneSettings.model_fields)
    parts.append(_table("`objects.NAME`", "Any key of `scenes.NAME`, and:", ObjectEntry, entry))
    return "\n".join(parts)


if __name__ == "__main__":
    sys.stdout.write(reference())
