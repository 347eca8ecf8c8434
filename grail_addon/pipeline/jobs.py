# SPDX-License-Identifier: GPL-3.0-or-later
"""From a request to the jobs of its objects: settings resolved, files found, items planned."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ..core.config.request import Request
from ..core.config.scene import ResolvedObject
from ..core.errors import InputError, Problem
from ..core.layout import ObjectId, ResultsLayout
from ..core.paths import home_path
from ..core.plan.assets import (  # fmt: skip
    ROBOT,
    Asset,
    AssetRoot,
    as_one,
    character_files,
    find_character,
    find_object,
    find_scene,
    find_static,
)
from ..core.plan.items import Hasher, JobAssets, ObjectJob, plan_object
from ..core.plan.shards import frames_of_shard

# .bin: the buffers of a .gltf, which hold its geometry
_SIDE_SUFFIXES = frozenset({".bin", ".mtl", ".png", ".jpg", ".jpeg", ".tga", ".tif", ".tiff", ".exr", ".webp", ".bmp"})


@dataclass(frozen=True)
class Jobs:
    """The objects that can run, and what keeps the others from running: (object, problems)."""

    ready: tuple[ObjectJob, ...]
    missing: tuple[tuple[ObjectId, tuple[Problem, ...]], ...]


def _absolute(text: str, cwd: Path) -> Path:
    path = home_path(text)
    return path if path.is_absolute() else cwd / path


def _mesh_files(mesh: Path) -> tuple[Path, ...]:
    """The mesh and the buffer, material and texture files beside and below it."""
    beside = [p for p in sorted(mesh.parent.rglob("*")) if p.suffix.lower() in _SIDE_SUFFIXES and p.is_file()]
    return (mesh, *beside)


def find_assets(request: Request, settings: ResolvedObject, roots: Sequence[AssetRoot]) -> JobAssets:
    """Find all files of an object; all that are missing are reported, not only the first."""
    config = request.config
    problems: list[Problem] = []
    character_dir = _absolute(config.character_dir, request.cwd)

    def find_person(name: str) -> Asset:
        if config.g1_xml_path is not None and name.lower() == ROBOT:
            found = Asset(path := _absolute(config.g1_xml_path, request.cwd), path.parent, False)
        else:
            found = find_character(name, character_dir, roots)
        character_files(found.path)  # a robot that cannot be read is told before anything runs
        return found

    looks: tuple[tuple[str, Callable[[], Asset]], ...] = (
        ("object", lambda: find_object(request.dataset, settings.category, roots)),
        ("character", lambda: find_person(config.character)),
        ("scene", lambda: find_scene(settings.blender_file_name, [request.config_file.parent], roots)),
    )
    high = settings.scene_variety == "high"
    scenes = {name: f"scene option {name}" for name in settings.blender_file_options if high}
    people = {name: f"character option {name}" for name in settings.character_options if high}
    looks += tuple(
        (role, partial(find_scene, name, [request.config_file.parent], roots)) for name, role in scenes.items()
    )
    looks += tuple((role, partial(find_person, name)) for name, role in people.items())
    found: dict[str, Asset] = {}
    for role, look in looks:
        try:
            found[role] = look()
        except InputError as error:
            problems += error.problems
    statics = {}
    for name, thing in settings.static_objects.items():
        try:
            statics[name] = find_static(thing.name, roots).path
        except InputError as error:
            problems += error.problems
    poses = tuple(_absolute(text, request.cwd) for text in config.character_init_pose_file or ())
    problems += [
        Problem("this pose file does not exist.", key_path="character_init_pose_file", file=str(p))
        for p in poses
        if not p.is_file()
    ]
    if problems:
        raise InputError(as_one(problems))
    notes = tuple(
        f"{role}: {asset.path}{' (starter set)' if asset.is_starter else ''}" for role, asset in found.items()
    )
    mesh = found["object"].path
    return JobAssets(
        mesh,
        _mesh_files(mesh),
        found["character"].path,
        found["scene"].path,
        statics,
        poses,
        notes,
        config.character,
        tuple(found[role].path for role in scenes.values()),
        tuple((name, found[role].path) for name, role in people.items()),
    )


def make_jobs(request: Request, roots: Sequence[AssetRoot], hasher: Hasher) -> Jobs:
    """Plan the objects of the request's shard; no file of another's is looked at.

    Raises InputError where not one of the objects has its files.
    """
    layout = ResultsLayout(request.results_dir)
    ready, missing = [], []
    for category, frames in frames_of_shard(request, not request.config.skip_step3).items():
        settings = request.settings[category]
        obj = ObjectId(request.dataset, category)
        try:
            assets = find_assets(request, settings, roots)
        except InputError as error:
            missing.append((obj, error.problems))
            continue
        job = ObjectJob(obj, settings, request.config.task, assets)
        ready.append(plan_object(request.config, layout, job, hasher, frames))
    if missing and not ready:
        raise InputError(as_one([problem for _, problems in missing for problem in problems]))
    return Jobs(tuple(ready), tuple(missing))
