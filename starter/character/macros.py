# SPDX-License-Identifier: GPL-3.0-or-later
"""The person's shape: a mix of adult macro targets, and what the other modules need of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .data import BaseMesh, RigBone, read_base, read_rig, read_target, read_weights

RACES = ("african", "asian", "caucasian")
GENDERS = ("male", "female")


def macro_targets() -> dict[str, float]:
    """Target file (relative to `targets/macrodetails`) -> weight: halfway between genders, races in equal parts."""
    mix = {f"{race}-{gender}-young.target.gz": 0.5 / 3.0 for race in RACES for gender in GENDERS}
    for gender in GENDERS:
        # longer legs and a smaller head: 7.7 heads tall
        mix[f"proportions/{gender}-young-averagemuscle-averageweight-idealproportions.target.gz"] = 0.5
    return mix


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


def load_figure(folder: Path) -> Figure:
    """Read base mesh, targets, rig and weights from an `mpfb2` folder."""
    base = read_base(folder / "3dobjs" / "base.obj")
    vertices = base.vertices.copy()
    for name, weight in macro_targets().items():
        vertices += weight * read_target(folder / "targets" / "macrodetails" / name, len(vertices))
    bones = read_rig(folder / "rigs" / "standard" / "rig.game_engine.json", base)
    names = [bone.name for bone in bones]
    weights = read_weights(folder / "rigs" / "standard" / "weights.game_engine.json", names, len(vertices))
    return Figure(base, vertices, bones, weights)
