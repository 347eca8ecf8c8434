# SPDX-License-Identifier: GPL-3.0-or-later
"""A scene of the user's own as a pipeline file: where object, person and camera stand, in a scene's keys."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import yaml

from .arrays import Array
from .errors import InputError, Problem

DATASET = "MyObjects"
DIGITS = 5
STEEPEST_DEG = 89.0
LEAST_RADIUS = 0.05
PERSON_DISTANCE = 0.6
"""Metres from the object at which a person stands whom nobody has placed."""


def file_name(text: str) -> str:
    """`text` as a name of a file, a scene or an object: letters, digits, `-` and `_`."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", text.strip()).strip("_-")


@dataclass(frozen=True, eq=False)
class CameraPlace:
    """Where a camera stands, as a scene's keys have it: degrees, metres; offset (3,) of its target from the object."""

    azimuth: float
    elevation: float
    radius: float
    offset: Array


def camera_place(position: Array, forward: Array, obj_pos: Array) -> CameraPlace:
    """The keys that put a camera at `position` (3,), looking along `forward` (3,), with the target beside `obj_pos` (3,).

    Raises InputError where it looks away from the object, or nearly straight up or down.
    """
    ahead = forward / np.linalg.norm(forward)
    radius = float((obj_pos - position) @ ahead)
    if radius < LEAST_RADIUS:
        raise InputError(Problem("The camera looks away from the object.", "Turn it towards the object."))
    elevation = math.degrees(math.asin(float(np.clip(-ahead[2], -1.0, 1.0))))
    if abs(elevation) > STEEPEST_DEG:
        raise InputError(Problem("The camera looks straight up or down.", "Tilt it by two degrees or more."))
    target = position + radius * ahead
    return CameraPlace(math.degrees(math.atan2(-ahead[1], -ahead[0])), elevation, radius, target - obj_pos)


@dataclass(frozen=True, eq=False)
class OwnScene:
    """What a pipeline file says of a scene. Metres, degrees (XYZ Euler). character_pos: None where nobody has placed a
    person: then one stands behind the object, seen from the camera. support: name of the thing that the object has to stand
    on; empty: whatever is there."""

    name: str
    task: str
    category: str
    obj_pos: Array
    obj_rot: Array
    obj_scale: Array
    camera: CameraPlace
    character: str
    character_pos: Array | None
    character_turn: float
    support: str = ""


def _plain(values: Array) -> list[float]:
    return [round(float(value), DIGITS) + 0.0 for value in values]


def _person(scene: OwnScene) -> dict[str, Any]:
    if scene.character_pos is not None:
        turn = round(scene.character_turn, DIGITS)
        return {"character_pos": _plain(scene.character_pos), "character_rot": [0.0, 0.0, turn]}
    return {
        "character_pos_mode": "polar",
        "character_azimuth": round((scene.camera.azimuth + 360.0) % 360.0 - 180.0, DIGITS),
        "character_distance": PERSON_DISTANCE,
        "character_z": 0.0,
        "character_face_object": True,
    }


def pipeline_data(scene: OwnScene, folders: Mapping[str, str]) -> dict[str, Any]:
    """Content of the pipeline file. folders: keys that name folders -> paths, as `results_dir`."""
    camera = scene.camera
    keys = {
        "obj_pos": _plain(scene.obj_pos),
        **({"obj_support": scene.support} if scene.support else {}),
        **_person(scene),
        "camera_azimuth": round(camera.azimuth, DIGITS),
        "camera_elevation": round(camera.elevation, DIGITS),
        "camera_radius": round(camera.radius, DIGITS),
        "camera_offset": _plain(camera.offset),
    }
    own = {"scene": scene.name, "obj_rot": _plain(scene.obj_rot), "obj_scale": _plain(scene.obj_scale)}
    return {
        "task": scene.task,
        "dataset": DATASET,
        "category": [scene.category],
        "character": scene.character,
        **folders,
        "skip_step2": True,
        "scenes": {scene.name: keys},
        "objects": {scene.category: own},
    }


def pipeline_text(scene: OwnScene, folders: Mapping[str, str], head: str) -> str:
    """The pipeline file. head: a comment for its first line."""
    body = yaml.safe_dump(pipeline_data(scene, folders), sort_keys=False, allow_unicode=True, default_flow_style=None)
    return f"# {head}\n{body}"
