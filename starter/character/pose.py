# SPDX-License-Identifier: GPL-3.0-or-later
"""The relaxed standing pose, computed on the rest skeleton in plain numpy, and linear skinning to measure it.

A pose is one world rotation per bone, D (3,3), that carries the bone's rest orientation R to its posed one, D @ R.
Rotations do not depend on the figure's scale, so the pose is found once, before the figure gets its final size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .macros import Figure
from .surface import unit

# left side, as world directions; the right side mirrors x
_AIMS = {
    "clavicle": (0.97, 0.05, -0.18),
    "upperarm": (0.19, 0.05, -1.0),
    "lowerarm": (0.10, -0.22, -1.0),
    "hand": (0.0, -0.12, -1.0),
    "thigh": (0.035, -0.05, -1.0),
    "calf": (0.045, 0.03, -1.0),
}
_KNUCKLES = (-0.35, -1.0, 0.0)  # from the little finger's root to the index finger's
_FOREARM_TWIST = 0.55
_CURL = (16.0, 22.0, 14.0)
_CURL_OF = {"index": 0.75, "middle": 0.9, "ring": 1.0, "pinky": 1.1}
_GATHER, _THUMB = 0.75, 0.42


def axis_angle(axis: np.ndarray, angle: float) -> np.ndarray:
    """Rotation matrix (3,3) by `angle` radians about the unit vector `axis`."""
    x, y, z = axis
    k = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * k + (1 - np.cos(angle)) * (k @ k)


def arc(start: np.ndarray, end: np.ndarray, share: float = 1.0) -> np.ndarray:
    """Rotation (3,3) that takes unit vector `start` the part `share` of the shortest way to `end`."""
    across = np.cross(start, end)
    sine = float(np.linalg.norm(across))
    if sine < 1e-9:
        return np.eye(3)
    return axis_angle(across / sine, share * float(np.arctan2(sine, start @ end)))


def rest_orientation(direction: np.ndarray, roll: float) -> np.ndarray:
    """Blender's bone matrix (3,3) for an edit bone along `direction` with `roll` radians: Y runs along the bone."""
    x, y, z = unit(direction)
    if 1 + y < 1e-9:
        shortest = np.diag([-1.0, -1.0, 1.0])
    else:
        t = 1 + y
        shortest = np.array([[1 - x * x / t, x, -x * z / t], [-x, y, -z], [-x * z / t, z, 1 - z * z / t]])
    return axis_angle(unit(direction), roll) @ shortest


@dataclass(frozen=True)
class Skeleton:
    """Rest skeleton: names, parents (index or -1), heads and tails (B,3), orientations (B,3,3); parents come first."""

    names: list[str]
    parents: list[int]
    heads: np.ndarray
    tails: np.ndarray
    orientations: np.ndarray

    def index(self, name: str) -> int:
        return self.names.index(name)

    def direction(self, name: str) -> np.ndarray:
        i = self.index(name)
        return unit(self.tails[i] - self.heads[i])


def skeleton_of(figure: Figure) -> Skeleton:
    """The rig's joints measured on the shaped figure."""
    names = figure.bone_names
    heads = np.array([figure.vertices[bone.head].mean(axis=0) for bone in figure.bones])
    tails = np.array([figure.vertices[bone.tail].mean(axis=0) for bone in figure.bones])
    rolls = [bone.roll for bone in figure.bones]
    turns = np.array([rest_orientation(t - h, roll) for h, t, roll in zip(heads, tails, rolls, strict=True)])
    return Skeleton(names, [names.index(b.parent) if b.parent else -1 for b in figure.bones], heads, tails, turns)


class _Poser:
    """World rotations while the pose is being made; a bone without its own entry follows its parent."""

    def __init__(self, skeleton: Skeleton) -> None:
        self.skeleton = skeleton
        self.own: dict[str, np.ndarray] = {}

    def world(self, name: str) -> np.ndarray:
        if name in self.own:
            return self.own[name]
        parent = self.skeleton.parents[self.skeleton.index(name)]
        return np.eye(3) if parent < 0 else self.world(self.skeleton.names[parent])

    def direction(self, name: str) -> np.ndarray:
        return self.world(name) @ self.skeleton.direction(name)

    def aim(self, name: str, target: np.ndarray, share: float = 1.0) -> None:
        self.own[name] = arc(self.direction(name), unit(target), share) @ self.world(name)

    def turn(self, name: str, axis: np.ndarray, angle: float) -> None:
        self.own[name] = axis_angle(unit(axis), angle) @ self.world(name)

    def across_palm(self, side: str) -> np.ndarray:
        """Unit vector from the little finger's root to the index finger's, posed with the hand."""
        heads, index = self.skeleton.heads, self.skeleton.index
        return unit(self.world(f"hand_{side}") @ (heads[index(f"index_01_{side}")] - heads[index(f"pinky_01_{side}")]))


def _twist_hand(pose: _Poser, side: str, mirror: np.ndarray) -> None:
    """Turn the palm towards the thigh; the forearm takes more than half so that the cuff hides the rest."""
    axis = pose.direction(f"hand_{side}")
    wish = np.array(_KNUCKLES) * mirror
    have = pose.across_palm(side)
    have, wish = (unit(v - (v @ axis) * axis) for v in (have, wish))
    angle = float(np.arctan2(np.cross(have, wish) @ axis, have @ wish))
    hand = pose.world(f"hand_{side}")
    pose.turn(f"lowerarm_{side}", pose.direction(f"lowerarm_{side}"), _FOREARM_TWIST * angle)
    pose.own[f"hand_{side}"] = axis_angle(axis, angle) @ hand


def _relax_fingers(pose: _Poser, side: str) -> None:
    middle = pose.direction(f"middle_01_{side}")
    across = pose.across_palm(side) * (-1 if side == "l" else 1)
    for finger, share in _CURL_OF.items():
        pose.aim(f"{finger}_01_{side}", middle, _GATHER)
        for joint, degrees in enumerate(_CURL, start=1):
            pose.turn(f"{finger}_{joint:02d}_{side}", across, np.radians(degrees * share))
    pose.aim(f"thumb_01_{side}", middle, _THUMB)


def relaxed(skeleton: Skeleton) -> np.ndarray:
    """World rotations (B,3,3) of a person standing at ease, arms hanging, feet flat."""
    pose = _Poser(skeleton)
    for side, sign in (("l", 1.0), ("r", -1.0)):
        mirror = np.array([sign, 1.0, 1.0])
        for stem, target in _AIMS.items():
            pose.aim(f"{stem}_{side}", np.array(target) * mirror)
        pose.own[f"foot_{side}"] = np.eye(3)  # as in the rest pose: flat on the ground
        _twist_hand(pose, side, mirror)
        _relax_fingers(pose, side)
    return np.array([pose.world(name) for name in skeleton.names])


def posed_heads(skeleton: Skeleton, world: np.ndarray) -> np.ndarray:
    """(B,3) joints under the rotations `world` (B,3,3), the root bone's head staying where it is."""
    out = skeleton.heads.copy()
    for i, parent in enumerate(skeleton.parents):
        if parent >= 0:
            out[i] = out[parent] + world[parent] @ (skeleton.heads[i] - skeleton.heads[parent])
    return out


def skin(skeleton: Skeleton, world: np.ndarray, vertices: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(N,3) linearly skinned vertices, as Blender's Armature modifier gives them; weights (N,B)."""
    moves = posed_heads(skeleton, world) - np.einsum("bij,bj->bi", world, skeleton.heads)
    blend = np.einsum("nb,bij->nij", weights, world)
    return np.einsum("nij,nj->ni", blend, vertices) + weights @ moves


def local_rotations(skeleton: Skeleton, world: np.ndarray) -> np.ndarray:
    """(B,3,3) rotations in each bone's own rest frame: what a pose bone stores."""
    parents = np.array([np.eye(3) if p < 0 else world[p] for p in skeleton.parents])
    rest = skeleton.orientations
    return np.einsum("bji,bkj,bkl,blm->bim", rest, parents, world, rest)
