# SPDX-License-Identifier: GPL-3.0-or-later
"""Combinations of keys that are each right alone but cannot be together."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import Problem
from .base import Section
from .layers import Merged, Source
from .run import RunConfig
from .scene import ObjectEntry, SceneSettings, StaticObject, rand_range

RAND_KEYS = ("obj_pos", "obj_rot", "character_pos", "character_rot")


def _at(source: Source, key: str, message: str, fix: str = "") -> Problem:
    """A problem with `key` that is shown where a neighbouring key stands."""
    return source.problem(message, fix, ".".join([*source.key_path.split(".")[:-1], key]))


def _rand_pair(values: Section, prefix: str, source: Source) -> Iterator[Problem]:
    highest, lowest = getattr(values, f"{prefix}_max"), getattr(values, f"{prefix}_min")
    if lowest is not None and highest is None:
        yield _at(source, f"{prefix}_min", f"needs `{prefix}_max`.", "Give both, or only the maximum.")
        return
    low, high = rand_range(highest, lowest)
    for axis, a, b in zip("xyz", low, high, strict=True):
        if a > b and lowest is None:
            yield _at(
                source, f"{prefix}_max", f"is negative in {axis}.", f"Give `{prefix}_min` too, or a value from 0."
            )
        elif a > b:
            yield _at(source, f"{prefix}_min", f"is more than `{prefix}_max` in {axis}: {a:g} > {b:g}.")


def _polar(entry: SceneSettings, merged: Merged) -> Iterator[Problem]:
    mode = merged.nearest(("character_pos_mode",))
    for key in ("character_azimuth", "character_distance"):
        if getattr(entry, key) is None:
            source = merged.sources.get((key,), mode)  # an explicit null, or where a value is missed
            yield _at(source, key, "is needed with `character_pos_mode: polar`.")
    distance, spread = entry.character_distance, entry.character_distance_rand_max
    if distance is not None and spread >= distance:
        where = merged.nearest(("character_distance_rand_max",))
        message = f"lets the character reach the object: {spread:g} m from a distance of {distance:g} m."
        yield where.problem(message, "Keep it below `character_distance`.")


def _boxes(entry: SceneSettings, merged: Merged) -> Iterator[Problem]:
    include, exclude = entry.character_pos_box_include, entry.character_pos_box_exclude
    if exclude is None:
        return
    source = merged.nearest(("character_pos_box_exclude",))
    if include is None:
        yield source.problem("needs `character_pos_box_include`.")
    elif (
        exclude[0] <= include[0] and exclude[1] <= include[1] and exclude[2] >= include[2] and exclude[3] >= include[3]
    ):
        yield source.problem("covers all of `character_pos_box_include`: no place is left.")


def check_object(entry: ObjectEntry, merged: Merged) -> list[Problem]:
    """Impossible combinations among one object's settings; `merged` has the origin of each."""
    problems: list[Problem] = []
    for name in RAND_KEYS:
        prefix = f"{name}_rand"
        given = f"{prefix}_min" if getattr(entry, f"{prefix}_min") is not None else f"{prefix}_max"
        problems += _rand_pair(entry, prefix, merged.nearest((given,)))
    if entry.character_pos_mode == "polar":
        problems += _polar(entry, merged)
    problems += _boxes(entry, merged)
    for name, mesh in entry.static_objects.items():
        problems += _static(name, mesh, merged)
    return problems


def _static(name: str, mesh: StaticObject, merged: Merged) -> Iterator[Problem]:
    path = ("static_objects", name)
    if not mesh.name:
        source = merged.nearest(path)
        parts = source.key_path.split(".")
        shown = ".".join([*parts[: parts.index("static_objects") + 2], "name"])
        yield source.problem("is needed: the mesh file.", key_path=shown)
    given = "pos_rand_min" if mesh.pos_rand_min is not None else "pos_rand_max"
    yield from _rand_pair(mesh, "pos_rand", merged.nearest((*path, given)))


def check_run(config: RunConfig, merged: Merged) -> list[Problem]:
    """Impossible combinations outside scenes and objects."""
    problems = []
    video = config.video
    if video.seg_idx_for_tail_image >= video.num_video_segments:
        message = f"is segment {video.seg_idx_for_tail_image}, but the last one is {video.num_video_segments - 1}."
        fix = "Segments count from 0; `video.num_video_segments` says how many there are."
        problems.append(merged.nearest(("video", "seg_idx_for_tail_image")).problem(message, fix))
    if video.use_all_tail_images and not config.rendering.render_start_end:
        problems.append(
            merged.nearest(("video", "use_all_tail_images")).problem("needs `rendering.render_start_end: true`.")
        )
    return problems
