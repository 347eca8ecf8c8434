# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan: what a request will make, item by item, each with a fingerprint of everything its result depends on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from ..config.run import RunConfig
from ..config.scene import ResolvedObject, SceneSettings
from ..config.simulation import SimulationConfig
from ..disk_file import stat_of
from ..files import read_json, sha256_file
from ..fingerprint import changes, fingerprint
from ..layout import ObjectId, ResultsLayout, VideoId
from ..settle.settings import SettleSettings
from ..task import Task
from ..variant.scenery import NEVER_DRAWN, draw_scenery, option_at
from .assets import character_files
from .opened import changed_since
from .shards import Frame, frames_of

Step = Literal["settle", "probe", "render", "video"]

PLAN_VERSION = "plan-1"
PROBE_LOGIC = "probe-1"
RENDER_LOGIC = "frame-1"
"""Raised whenever the code that makes a frame or its sidecars changes what comes out."""

Hasher = Callable[[Path], str]


@dataclass(frozen=True)
class JobAssets:
    """Files that an object's items read. mesh_files: the mesh with its materials and textures.

    statics: name -> mesh file. notes: which copies were taken, for the log. scene_options, character_options (name,
    file): what a variant may show instead, see `shown`.
    """

    mesh: Path
    mesh_files: tuple[Path, ...]
    character: Path
    scene: Path
    statics: Mapping[str, Path]
    pose_files: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()
    character_name: str = ""
    scene_options: tuple[Path, ...] = ()
    character_options: tuple[tuple[str, Path], ...] = ()

    @property
    def sources(self) -> Mapping[str, Path]:
        """Role -> the asset's own file."""
        statics = {f"static {name}": path for name, path in self.statics.items()}
        return {"object": self.mesh, "character": self.character, "scene": self.scene, **statics}

    @property
    def geometry_files(self) -> tuple[Path, ...]:
        """The mesh file, and for a .gltf the buffers beside it."""
        buffers = [p for p in self.mesh_files if p.suffix.lower() == ".bin"]
        return (self.mesh, *(buffers if self.mesh.suffix.lower() == ".gltf" else ()))


@dataclass(frozen=True)
class Item:
    """One unit of work. inputs: what its result depends on, plain JSON data; fingerprint: their hash. sources: role of
    each asset -> its own file, from where its manifest names what else was opened."""

    step: Step
    obj: ObjectId
    vid: VideoId | None
    inputs: Mapping[str, Any]
    manifest: Path
    sources: Mapping[str, Path] = field(default_factory=dict)

    @cached_property
    def fingerprint(self) -> str:
        return fingerprint(self.inputs)

    @property
    def key(self) -> str:
        """Name for events and tables, e.g. `render ComAsset/cordless_drill/kid_..._rand00001`."""
        return f"{self.step} {self.vid or self.obj}"


@dataclass(frozen=True)
class ObjectJob:
    """All items of one object, in the order they run. probed: content of obj_scale.json once the scale is known."""

    obj: ObjectId
    settings: ResolvedObject
    task: Task
    assets: JobAssets
    probe: Item | None = None
    settle: Item | None = None
    renders: tuple[Item, ...] = ()
    probed: Mapping[str, Any] | None = None

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(item for item in (self.probe, self.settle) if item) + self.renders


def shown(job: ObjectJob, vid: VideoId, base_seed: int) -> ObjectJob:
    """`job` with the scene file and the character that a variant shows."""
    assets = job.assets
    if job.settings.scene_variety != "high" or not (assets.scene_options or assets.character_options):
        return job
    numbers = draw_scenery(base_seed, vid, "high")
    scene = option_at((assets.scene, *assets.scene_options), numbers["place"])
    people = ((assets.character_name, assets.character), *assets.character_options)
    name, character = option_at(people, numbers["person"])
    return replace(job, assets=replace(assets, scene=scene, character=character, character_name=name))


def settle_settings(simulation: SimulationConfig) -> SettleSettings:
    """The simulation section as settle takes it."""
    return SettleSettings(
        drop_height=simulation.drop_height,
        settling_time=simulation.settling_time,
        initial_rotation_perturbation=simulation.initial_rotation_perturbation,
        seed=simulation.seed,
        drops=simulation.drops,
        prefer=simulation.prefer,
    )


def caching_hasher() -> Hasher:
    """SHA-256 of files, each read once while its size and time stay the same."""
    known: dict[tuple[Path, int, int], str] = {}

    def hasher(path: Path) -> str:
        stat = path.stat()
        key = (path, stat.st_size, stat.st_mtime_ns)
        if key not in known:
            known[key] = sha256_file(path)
        return known[key]

    return hasher


def settle_inputs(config: RunConfig, settings: SceneSettings, assets: JobAssets, hasher: Hasher) -> dict[str, Any]:
    """What a settled pose depends on: geometry, final scale, start pose, support and simulation."""
    by_hand = {} if settings.obj_rest_rot is None else {"obj_rest_rot": list(settings.obj_rest_rot)}
    return {
        **by_hand,
        "plan": PLAN_VERSION,
        "mesh": [hasher(path) for path in assets.geometry_files],
        "scale": list(settings.obj_scale),
        **({} if settings.obj_unit is None else {"unit": settings.obj_unit}),
        "obj_rot": list(settings.obj_rot),
        "obj_pos": list(settings.obj_pos),
        "scene": hasher(assets.scene),
        "static_objects": _statics(settings, assets, hasher),
        "simulation": settle_settings(config.simulation).fingerprint_inputs(),
    }


def _settings(settings: SceneSettings) -> dict[str, Any]:
    """An object's settings as inputs; keys that came later count once they are set, so that older items stay valid."""
    values = settings.model_dump(mode="json")
    for name in ("obj_unit", "obj_rest_rot", "obj_support"):
        if values[name] is None:
            del values[name]
    for name, usual in (("character_pose", "file"), ("gaze", "ahead")):
        if values[name] == usual:
            del values[name]
    for name in ("blender_file_options", "character_options"):
        del values[name]  # the file that a variant shows is hashed
    if values["scene_variety"] in (None, "low"):
        del values["scene_variety"]
    values["scenery"] = {k: v for k, v in values["scenery"].items() if NEVER_DRAWN.get(k) != v}
    if not values["scenery"]:
        del values["scenery"]
    return values


def _gate(config: RunConfig) -> dict[str, Any]:
    """Thresholds that choose a camera; those that came later and choose none are left out."""
    if config.rendering.max_attempts == 1:
        return {}
    values: dict[str, Any] = config.gate.model_dump(mode="json")
    for limits in (values, *values.get("tasks", {}).values()):
        for name in ("textures_lost", "bare_share", "support_named", "object_looks", "object_transparent"):
            limits.pop(name, None)
    return values


def _statics(settings: SceneSettings, assets: JobAssets, hasher: Hasher) -> dict[str, Any]:
    return {
        name: {**settings.static_objects[name].model_dump(mode="json"), "file": hasher(path)}
        for name, path in assets.statics.items()
    }


def character_hash(path: Path, hasher: Hasher) -> Any:
    """Hash of the character's file; of a robot's, file name -> hash of each."""
    files = character_files(path)
    return hasher(path) if files == (path,) else {file.name: hasher(file) for file in files}


def probe_inputs(config: RunConfig, job: ObjectJob, hasher: Hasher) -> dict[str, Any]:
    """What a probed scale depends on: what the pictures show, the scale it starts from, and how it is judged."""
    settings = _settings(job.settings)
    for name in [n for n in settings if n.startswith("render_") or n in ("character_pose", "gaze")]:
        settings.pop(name)  # probe pictures have a size of their own, and show the character as its file has it
    folder = job.assets.mesh.parent
    return {
        "plan": PLAN_VERSION,
        "logic": PROBE_LOGIC,
        "base_seed": config.seed,
        "object": {path.relative_to(folder).as_posix(): hasher(path) for path in job.assets.mesh_files},
        "character": character_hash(job.assets.character, hasher),
        "character_pose": [hasher(path) for path in job.assets.pose_files],
        "scene": hasher(job.assets.scene),
        "static_objects": _statics(job.settings, job.assets, hasher),
        "settings": settings,
        "judge": config.scale.model_dump(mode="json"),
    }


def render_inputs(
    config: RunConfig, job: ObjectJob, vid: VideoId, settle_fingerprint: str, hasher: Hasher
) -> dict[str, Any]:
    """What a frame and its sidecars depend on. The gate's thresholds count only where they choose the camera."""
    rendering = config.rendering.model_dump(mode="json")
    for name in ("num_rand_scenes", "gpu", "no_rand_seed", "render_start_end", "width", "height", "scene_variety"):
        rendering.pop(name)  # which frames there are and on what device they are made does not change a frame
    if not rendering["same_for_all"]:
        rendering.pop("same_for_all")
    # a quality is another name for its samples
    rendering["samples"] = config.rendering.wanted_samples
    rendering.pop("quality")
    if rendering["samples"] != "auto":
        rendering.pop("auto_psnr")
    assets = shown(job, vid, config.seed).assets
    folder = assets.mesh.parent
    return {
        "plan": PLAN_VERSION,
        "logic": RENDER_LOGIC,
        "base_seed": config.seed,
        "video_id": str(vid),
        "task": job.task,
        "settle": settle_fingerprint,
        "object": {path.relative_to(folder).as_posix(): hasher(path) for path in assets.mesh_files},
        "character": character_hash(assets.character, hasher),
        "character_pose": [hasher(path) for path in assets.pose_files],
        "scene": hasher(assets.scene),
        "static_objects": _statics(job.settings, assets, hasher),
        "settings": _settings(job.settings),
        "rendering": rendering,
        "gate": _gate(config),
    }


def plan_object(
    config: RunConfig,
    layout: ResultsLayout,
    job: ObjectJob,
    hasher: Hasher,
    frames: Sequence[Frame] | None = None,
) -> ObjectJob:
    """Fill in the items of `job` (those it has are ignored). frames: of this object; None for all of them.

    With a probe, settle and frames are those of the scale that the settings hold now; `rescaled` plans them again once
    the probe has ended."""
    settle = probe = None
    if not config.skip_step2:
        path = layout.item_manifest("probe", job.obj)
        probe = Item("probe", job.obj, None, probe_inputs(config, job, hasher), path, job.assets.sources)
    manifest = layout.item_manifest("settle", job.obj)
    if config.simulation.use_initial_state and not (config.skip_step1 and not manifest.is_file()):
        inputs = settle_inputs(config, job.settings, job.assets, hasher)
        settle = Item("settle", job.obj, None, inputs, manifest, job.assets.sources)
    renders = []
    # an object that was never settled is rendered as configured, and its frame says so
    upstream = settle.fingerprint if settle else "unsettled"
    for seed, kind in frames_of(config) if frames is None else frames:
        if not config.skip_step3:
            vid = VideoId(job.obj, config.character, job.settings.scene, seed, kind)
            inputs = render_inputs(config, job, vid, upstream, hasher)
            sources = shown(job, vid, config.seed).assets.sources
            renders.append(Item("render", job.obj, vid, inputs, layout.manifest(vid), sources))
    return replace(job, probe=probe, settle=settle, renders=tuple(renders))


def rescaled(
    config: RunConfig, layout: ResultsLayout, job: ObjectJob, record: Mapping[str, Any], hasher: Hasher
) -> ObjectJob:
    """`job` with the scale of `record` (content of obj_scale.json), its later items planned for it."""
    x, y, z = record["obj_scale"]
    settings = job.settings.model_copy(update={"obj_scale": (float(x), float(y), float(z))})
    frames = [(item.vid.seed, item.vid.kind) for item in job.renders if item.vid is not None]
    again = plan_object(config, layout, replace(job, settings=settings, probed=record), hasher, frames)
    return replace(again, probe=job.probe)


@dataclass(frozen=True)
class Freshness:
    """Whether an item is up to date, and why not, in words for `--explain`."""

    fresh: bool
    why: str


def freshness(item: Item, results_dir: Path, verify: bool = False, hasher: Hasher = sha256_file) -> Freshness:
    """Up to date: the manifest carries this fingerprint, and each file it lists still has its recorded hash, those that
    the item's assets brought with them included.

    verify: hash every file; else those of the results whose size, time and inode are as recorded count as unchanged.
    """
    if not item.manifest.is_file():
        return Freshness(False, "not made yet")
    try:
        manifest = read_json(item.manifest)
        if manifest.get("fingerprint") != item.fingerprint:
            what = changes(manifest.get("plan_inputs", {}), item.inputs) or "the recorded ones do not match their hash"
            return Freshness(False, f"inputs changed: {what}")
        if manifest.get("status") != "done":
            return Freshness(False, "failed last time")
        why = changed_since(manifest.get("opened"), item.sources, hasher)
        if why:
            return Freshness(False, f"inputs changed: {why}")
        written = item.manifest.stat().st_mtime_ns
        for role, entry in manifest["files"].items():
            why = _changed(results_dir / entry["path"], entry, 0 if verify else written)
            if why:
                return Freshness(False, f"{role} {why} ({entry['path']})")
    except (ValueError, KeyError, TypeError, AttributeError):
        return Freshness(False, "its manifest cannot be read")
    except OSError as error:
        return Freshness(False, f"{error.filename or item.manifest} cannot be read")
    return Freshness(True, "up to date")


def _changed(path: Path, entry: Mapping[str, Any], written: int) -> str:
    """What is other than the entry says, or nothing. written: when the manifest was, in ns; 0 to trust hashes alone."""
    try:
        stat = path.stat()
    except FileNotFoundError:
        return "is missing"
    before = stat.st_mtime_ns < written - UNSURE_NS and stat.st_mtime_ns % 10**9 != 0
    if before and entry.get("stat") == list(stat_of(stat)) and entry["sha256"]:
        return ""
    return "" if sha256_file(path) == entry["sha256"] else "was changed since"


UNSURE_NS = 20_000_000
"""A file written so shortly before its manifest could have been written once more within one tick of the file system's
clock, so it is hashed; so is one on a file system that knows whole seconds only."""
