# SPDX-License-Identifier: GPL-3.0-or-later
"""The person's shape: a mix of adult macro targets, and what the other modules need of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .data import BaseMesh, RigBone, read_base, read_rig, read_target, read_weights
from .people import Shape

RACES = ("african", "asian", "caucasian")


def macro_targets(shape: Shape) -> dict[str, float]:
    """Target file (relative to `targets/macrodetails`) -> weight, as MakeHuman combines its macro sliders."""
    share = {"male": shape.male, "female": 1.0 - shape.male}
    mix: dict[str, float] = {}
    for gender, part in share.items():
        for race in RACES:
            mix[f"{race}-{gender}-young.target.gz"] = part * shape.races[race]
        # longer legs and a smaller head: 7.7 heads tall
        mix[f"proportions/{gender}-young-averagemuscle-averageweight-idealproportions.target.gz"] = part
        if shape.muscle:
            kind = "max" if shape.muscle > 0 else "min"
            mix[f"universal-{gender}-young-{kind}muscle-averageweight.target.gz"] = part * abs(shape.muscle)
        if shape.weight:
            kind = "max" if shape.weight > 0 else "min"
            mix[f"universal-{gender}-young-averagemuscle-{kind}weight.target.gz"] = part * abs(shape.weight)
    return {name: weight for name, weight in mix.items() if weight > 0.0}


@dataclass(frozen=True)
class Figure:
    """The shaped base mesh with its rig: `vertices` (V,3) m, `weights` (V,B), joints by cube name (3,)."""

    base: BaseMesh
    vertices: np.ndarray
    bones: list[RigBone]
    weights: np.ndarray

    @property
    def bone_names(self) -> list[str]:
        return [bone.name for bone in self.bones]

    def bone_index(self, name: str) -> int:
        return self.bone_names.index(name)

    def joint(self, name: str) -> np.ndarray:
        """(3,) centre of the cube group `joint-{name}`."""
        return self.vertices[self.base.group_vertices(f"joint-{name}")].mean(axis=0)


def _shaped(base: BaseMesh, folder: Path, shape: Shape) -> np.ndarray:
    vertices = base.vertices.copy()
    for name, weight in macro_targets(shape).items():
        vertices += weight * read_target(folder / "targets" / "macrodetails" / name, len(vertices))
    for name, weight in shape.face.items():
        vertices += weight * read_target(folder / "targets" / f"{name}.target.gz", len(vertices))
    return vertices


_LANDMARKS = ("l-ankle", "l-knee", "l-upper-leg", "spine-1", "neck", "l-eye")


def _in_place(base: BaseMesh, vertices: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """Bring the joints to the heights and depths of the usual figure, so that collar, hems and hairline fit everyone."""

    def levels(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        joints = np.array([points[base.group_vertices(f"joint-{name}")].mean(axis=0) for name in _LANDMARKS])
        body = points[base.group_vertices("body")]
        z = np.concatenate([[body[:, 2].min()], joints[:, 2], [body[:, 2].max()]])
        return z, np.concatenate([[joints[0, 1]], joints[:, 1], [joints[-1, 1]]])

    (z, y), (usual_z, usual_y) = levels(vertices), levels(usual)
    out = vertices.copy()
    out[:, 1] += np.interp(vertices[:, 2], z, usual_y - y)
    out[:, 2] = np.interp(vertices[:, 2], z, usual_z)
    return out


def load_figure(folder: Path, shape: Shape) -> Figure:
    """Read base mesh, targets, rig and weights from an `mpfb2` folder."""
    base = read_base(folder / "3dobjs" / "base.obj")
    vertices = _shaped(base, folder, shape)
    if shape != Shape():
        vertices = _in_place(base, vertices, _shaped(base, folder, Shape()))
        vertices[:, :2] *= shape.width
    bones = read_rig(folder / "rigs" / "standard" / "rig.game_engine.json", base)
    names = [bone.name for bone in bones]
    weights = read_weights(folder / "rigs" / "standard" / "weights.game_engine.json", names, len(vertices))
    eyes = [_eye_bone(base, vertices, side) for side in ("l", "r")]
    return Figure(base, vertices, [*bones, *eyes], np.hstack([weights, np.zeros((len(vertices), len(eyes)))]))


def _eye_bone(base: BaseMesh, vertices: np.ndarray, side: str) -> RigBone:
    """From the middle of the eyeball to its front."""
    shell = base.group_vertices(f"helper-{side}-eye")
    front = shell[np.argsort(vertices[shell, 1])[:4]]
    return RigBone(f"eye_{side}", "head", shell, front, 0.0)
