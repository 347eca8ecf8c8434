# SPDX-License-Identifier: GPL-3.0-or-later
"""A character's bones: freeze an animation, apply a start pose, read joints."""

from __future__ import annotations

import difflib
import json
import math
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import bpy
import numpy as np
from mathutils import Euler, Quaternion
from numpy.typing import NDArray

from ...core.bones import joint_sources
from ...core.errors import InputError, Problem
from ...core.files import read_json

BoneRotation = tuple[float, ...]
"""Three angles in degrees (local XYZ Euler) or a unit quaternion w, x, y, z; local, as a pose bone has it."""
BonePose = dict[str, BoneRotation]


def _wrong(path: Path, message: str, **where: int) -> InputError:
    return InputError(Problem(message, file=str(path), **where))


def read_poses(path: Path) -> list[BonePose]:
    """The start poses of a file: JSON of bone -> [x, y, z] in degrees, or .npz with `bone_names` (B) and `quaternions`
    (B, 4) or (P, B, 4), w x y z. Raises InputError that names what is wrong."""
    return _read_npz(path) if path.suffix.lower() == ".npz" else [_read_json(path)]


def _read_npz(path: Path) -> list[BonePose]:
    if path.is_file() and not zipfile.is_zipfile(path):
        raise _wrong(path, "The pose file cannot be read: it is no .npz.")
    try:
        with np.load(path, allow_pickle=False) as data:
            missing = [name for name in ("bone_names", "quaternions") if name not in data.files]
            if missing:
                there = ", ".join(data.files[:8]) or "nothing"
                raise _wrong(path, f"The pose file should hold {' and '.join(missing)}; it holds {there}.")
            names, quats = data["bone_names"], np.asarray(data["quaternions"], dtype=np.float64)
    except OSError as error:
        raise _wrong(path, f"The pose file cannot be read: {error.strerror or 'it is damaged'}.") from error
    except (ValueError, zipfile.BadZipFile) as error:
        why = (
            "it holds Python objects; save the names as text (dtype str)" if "pickle" in str(error) else "it is damaged"
        )
        raise _wrong(path, f"The pose file cannot be read: {why}.") from error
    if quats.ndim == 2:
        quats = quats[None]
    if names.ndim != 1 or names.dtype.kind not in "US" or quats.ndim != 3 or quats.shape[1:] != (len(names), 4):
        raise _wrong(path, "`bone_names` should be (B,) texts and `quaternions` (B, 4) or (P, B, 4), w x y z.")
    lengths = np.linalg.norm(quats, axis=2)
    if not np.isfinite(quats).all() or not len(quats) or (np.abs(lengths - 1.0) > 0.01).any():
        raise _wrong(path, "Each quaternion should have length 1, as w, x, y, z.")
    texts = [n.decode("utf-8", "replace") if isinstance(n, bytes) else str(n) for n in names.tolist()]
    return [
        {name: tuple(float(v) for v in quat) for name, quat in zip(texts, pose / length[:, None], strict=True)}
        for pose, length in zip(quats, lengths, strict=True)
    ]


def _read_json(path: Path) -> BonePose:
    try:
        data = read_json(path)
    except OSError as error:
        raise _wrong(path, f"The pose file cannot be read: {error.strerror}.") from error
    except json.JSONDecodeError as error:
        raise _wrong(path, f"The pose file is not JSON: {error.msg}.", line=error.lineno) from error
    except UnicodeDecodeError as error:
        raise _wrong(path, "The pose file is not UTF-8 text.") from error
    if not isinstance(data, dict):
        raise _wrong(path, "The pose file should be a mapping of bone -> [x, y, z] in degrees.")
    pose: BonePose = {}
    for bone, angles in data.items():
        if not isinstance(angles, list) or len(angles) != 3 or not all(_is_number(a) for a in angles):
            raise _wrong(path, f"Bone {bone} should have three angles in degrees, not {json.dumps(angles)}.")
        pose[bone] = tuple(float(a) for a in angles)
    return pose


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def apply_pose(armature: bpy.types.Object, pose: Mapping[str, BoneRotation], file: Path) -> None:
    """Set pose bones' rotations; others stay. Raises InputError for bones it doesn't have."""
    bones = armature.pose.bones
    problems = []
    for name in pose:
        if name not in bones:
            close = difflib.get_close_matches(name, bones.keys(), n=3, cutoff=0.5)
            hint = f"Did you mean {' or '.join(close)}?" if close else ""
            problems.append(Problem(f"The character has no bone {name}.", hint, file=str(file)))
    if problems:
        raise InputError(problems)
    for name, rotation in pose.items():
        if len(rotation) == 4:
            bones[name].rotation_mode = "QUATERNION"
            bones[name].rotation_quaternion = rotation
        else:
            bones[name].rotation_mode = "XYZ"
            bones[name].rotation_euler = [math.radians(a) for a in rotation]


def local_rotations(pose: Mapping[str, BoneRotation]) -> dict[str, NDArray[np.float64]]:
    """Bone -> rotation (3, 3) of its own."""
    turns = {n: Quaternion(r) if len(r) == 4 else Euler([math.radians(a) for a in r]) for n, r in pose.items()}
    return {name: np.array(turn.to_matrix()) for name, turn in turns.items()}


def freeze(objects: Iterable[bpy.types.Object], scene: bpy.types.Scene) -> bool:
    """Stop all animation at its first frame and keep what it shows there; True if there was any.

    objects: all in `scene`, which should be one of our own, since its current frame changes.
    """
    objects = list(objects)
    animated = [block for obj in objects for block in _animated(obj)]
    if not animated:
        return False
    starts = [b.animation_data.action.frame_range[0] for b in animated if b.animation_data.action is not None]
    scene.frame_set(math.floor(min(starts, default=scene.frame_start)))
    depsgraph = scene.view_layers[0].depsgraph
    for obj in objects:
        now = obj.evaluated_get(depsgraph)
        # read all before writing: setting one bone makes nothing else stale, but a driver may
        basis = now.matrix_basis.copy()
        bones = {b.name: b.matrix_basis.copy() for b in now.pose.bones} if now.pose is not None else {}
        obj.matrix_basis = basis
        for name, matrix in bones.items():
            obj.pose.bones[name].matrix_basis = matrix
        keys = getattr(obj.data, "shape_keys", None)
        if keys is not None:
            values = [k.value for k in keys.evaluated_get(depsgraph).key_blocks]
            for key, value in zip(keys.key_blocks, values, strict=True):
                key.value = value
    for block in animated:  # drivers stay
        block.animation_data.action = None
        for track in block.animation_data.nla_tracks:
            track.mute = True
    return True


def _animated(obj: bpy.types.Object) -> list[bpy.types.ID]:
    blocks = [obj, obj.data, getattr(obj.data, "shape_keys", None)]
    return [b for b in blocks if b is not None and _moves(b.animation_data)]


def _moves(data: bpy.types.AnimData | None) -> bool:
    return data is not None and (data.action is not None or any(not t.mute for t in data.nla_tracks))


def joint_positions(armature: bpy.types.Object, depsgraph: bpy.types.Depsgraph) -> dict[str, NDArray[np.float64]]:
    """Joint name (see `core.bones`) -> (3,) world position in the evaluated pose."""
    now = armature.evaluated_get(depsgraph)
    result = {}
    for joint, source in joint_sources(now.pose.bones.keys()).items():
        bone = now.pose.bones[source.bone]
        local = bone.head if source.end == "head" else bone.tail
        result[joint] = np.array(now.matrix_world @ local, dtype=np.float64)
    return result
