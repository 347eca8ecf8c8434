# SPDX-License-Identifier: GPL-3.0-or-later
"""What the Setup panel shows of a request: found out in a thread, kept until the panels ask for something else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import bpy

from ..advanced import KEYS
from ..preferences import key_environment
from .redraw import tag_panels
from .request import NAMES, RequestInputs, file_at_fault, request_inputs
from .state import STATE
from .threads import Work, in_thread

if TYPE_CHECKING:
    from ..core.config.request import Request
    from ..core.errors import Problem
    from ..core.plan.assets import AssetRoot

Fix = Literal["", "FILE", "RESET", "FOLDERS", "RESULTS", "KEYS", "ONLINE"]
"""What a button beside a missing thing does: open the file, reset the value, open the folders' or keys' preferences,
take the default results folder, allow online access."""


PREVIEWED = 4
"""Objects that are on the picture of a dataset."""


@dataclass(frozen=True)
class MissingPart:
    """Something that is missing. for_paid: only the paid steps need it; value: the file or the key path at fault."""

    problem: Problem
    fix: Fix
    value: str = ""
    for_paid: bool = False


@dataclass(frozen=True)
class SetupInputs:
    """What a view was made for; another one is made where any of it changes."""

    inputs: RequestInputs
    is_online: bool
    has_kling: bool
    has_openai: bool

    @classmethod
    def of(cls, context: bpy.types.Context) -> SetupInputs:
        keys = key_environment()
        pair = keys.get("KLING_ACCESS_KEY") and keys.get("KLING_SECRET_KEY")
        has_kling = bool(keys.get("KLING_API_KEY") or pair)
        return cls(request_inputs(context), bpy.app.online_access, has_kling, bool(keys.get("OPENAI_API_KEY")))


@dataclass(frozen=True)
class SetupView:
    """dataset, chosen: what the request names now; datasets, objects, characters: what there is; meshes: of the objects,
    for their pictures; previews: a few meshes of each dataset, for its picture. values, sources: of the keys under Advanced as they are where nothing is set there. file: the pipeline file.
    has_coacd: whether the library is there that cuts objects into convex parts; no platform's zip but macos-x64's lacks it."""

    asked: SetupInputs
    checks: tuple[MissingPart, ...]
    dataset: str = ""
    chosen: tuple[str, ...] = ()
    character: str = ""
    datasets: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    characters: tuple[str, ...] = ()
    meshes: Mapping[str, Path] = field(default_factory=dict)
    previews: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    file: str = ""
    has_coacd: bool = True

    @property
    def is_ready(self) -> bool:
        """Whether all is there that frames need."""
        return not any(not check.for_paid for check in self.checks)


def current_view(context: bpy.types.Context) -> SetupView | None:
    """The view that is at hand, for `draw`; where the panels ask for something else by now, another one follows."""
    asked = SetupInputs.of(context)
    view: SetupView | None = STATE.views.get("setup")
    if (view is None or view.asked != asked) and STATE.views.get("setup_asked") != asked:
        STATE.views["setup_asked"] = asked
        in_thread(lambda: look(asked, view, _series()), _show)
    return view


def refresh(context: bpy.types.Context) -> None:
    """Look at all files again; at once in a Blender without a window."""
    asked = SetupInputs.of(context)
    STATE.views["setup_asked"] = asked
    in_thread(lambda: look(asked, STATE.views.get("setup"), _series()), _show)


def _series() -> tuple[int, int]:
    major, minor = bpy.app.version[:2]
    return major, minor


def _show(work: Work[SetupView]) -> None:
    from ..pipeline.attempt import failure_of

    asked: SetupInputs | None = STATE.views.get("setup_asked")
    if work.error is not None and asked is not None:  # a folder that cannot be read, or a fault of ours
        STATE.views["setup"] = SetupView(
            asked, tuple(MissingPart(problem, "") for problem in failure_of(work.error).problems)
        )
    elif work.value is not None and work.value.asked == asked:
        STATE.views["setup"] = work.value
    tag_panels()


# ---------------------------------------------------------------- in the thread


def look(asked: SetupInputs, before: SetupView | None, series: tuple[int, int]) -> SetupView:
    """Load the request and see what is missing. before: the last view, whose values are shown while a request is wrong."""
    from ..core.errors import InputError
    from ..core.plan.assets import AssetRoot, list_characters, list_objects
    from ..core.project import project_root
    from ..pipeline.starter import starter_roots

    roots = [AssetRoot(folder) for folder in _data_dirs(asked.inputs)] + starter_roots(project_root(), series)
    known = list_objects(roots)
    characters = tuple(list_characters(None, roots))
    previews = {name: tuple(meshes[key] for key in sorted(meshes)[:PREVIEWED]) for name, meshes in known.items()}
    paid, has_coacd = _paid_checks(asked), find_spec("coacd") is not None
    try:
        request = asked.inputs.load({"skip_step4": True})
    except InputError as error:
        checks = tuple(MissingPart(problem, *_fix(problem, asked)) for problem in error.problems)
        dataset = before.dataset if before is not None else ""
        objects = known.get(dataset, {})
        return SetupView(
            asked, checks + paid, dataset, before.chosen if before else (), before.character if before else "",
            tuple(sorted(known)), tuple(sorted(objects)), characters, objects, previews,
            before.values if before else {}, before.sources if before else {}, has_coacd=has_coacd,
        )  # fmt: skip
    objects = known.get(request.dataset, {})
    # what has an entry can run; without any, whatever lies in the dataset's folder
    names = {name for layer in request.layers.objects for name in layer.data} or set(objects)
    values, sources = _values(replace(asked.inputs, own=()).load({"skip_step4": True}) if asked.inputs.own else request)
    return SetupView(
        asked, (*_missing(request, roots), *_results_check(request), *paid), request.dataset, request.categories,
        request.config.character, tuple(sorted(known)), tuple(sorted(names)), characters, objects, previews,
        values, sources, str(request.config_file), has_coacd,
    )  # fmt: skip


def _data_dirs(inputs: RequestInputs) -> list[Path]:
    from ..core.project import project_root

    own = [Path(inputs.data)] if inputs.data else []
    return list(dict.fromkeys([*own, Path(inputs.working) / "data", project_root() / "data"]))


def _fix(problem: Problem, asked: SetupInputs) -> tuple[Fix, str]:
    """(what the button does, with what) for a problem of the request itself."""
    if problem.file.startswith("panel"):
        own = {key for key, _ in asked.inputs.own} | set(NAMES)
        return ("RESET", problem.key_path) if problem.key_path in own else ("", "")
    path = file_at_fault(problem, Path(asked.inputs.working))
    return ("FILE", path) if path else ("", "")


def _missing(request: Request, roots: Sequence[AssetRoot]) -> list[MissingPart]:
    from ..core.errors import InputError
    from ..core.plan.assets import as_one
    from ..pipeline.jobs import find_assets

    problems: list[Problem] = []
    for category in request.categories:
        try:
            find_assets(request, request.settings[category], roots)
        except InputError as error:
            problems += error.problems
    checks = []
    for problem in as_one(problems):
        what, _, _ = problem.message.partition("; looked in ")
        checks.append(MissingPart(replace(problem, message=f"{what.removesuffix('.')}."), "FOLDERS"))
    return checks


def _results_check(request: Request) -> list[MissingPart]:
    from ..core.errors import Problem, disk_problem
    from ..core.paths import check_writable

    try:
        check_writable(request.results_dir)
    except OSError as error:
        problem = Problem(f"Results cannot be written: {disk_problem(error).message}", file=str(error.filename or ""))
        return [MissingPart(problem, "RESULTS")]
    return []


def _paid_checks(asked: SetupInputs) -> tuple[MissingPart, ...]:
    from ..core.errors import Problem

    found = []
    if not asked.is_online:
        found.append(MissingPart(Problem("Online access is off."), "ONLINE", for_paid=True))
    if not asked.has_kling:
        found.append(MissingPart(Problem("There is no Kling key."), "KEYS", for_paid=True))
    if not asked.has_openai:
        found.append(MissingPart(Problem("There is no OpenAI key."), "KEYS", for_paid=True))
    return tuple(found)


def _values(request: Request) -> tuple[dict[str, Any], dict[str, str]]:
    values, sources = {}, {}
    for key in KEYS:
        value: Any = request.config
        for name in key.path.split("."):
            value = getattr(value, name)
        source = request.sources.get(key.path)
        values[key.path] = value
        if source is None or source.kind == "default":
            sources[key.path] = ""
        elif source.is_override:
            sources[key.path] = "panel"
        else:
            sources[key.path] = f"{Path(source.file).name}:{source.line}"
    return values, sources
