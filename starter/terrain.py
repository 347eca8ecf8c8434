# SPDX-License-Identifier: GPL-3.0-or-later
"""The starter terrain: chosen instances of the generator, with the entries that the object configs carry."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grail_addon.core.terrain.draw import Kind
from grail_addon.core.terrain.write import write_terrain

SEED = 0


@dataclass(frozen=True)
class Piece:
    """Instance `number` of the family SEED, as an object of a dataset."""

    dataset: str
    category: str
    kind: Kind
    number: int
    scene: str


PIECES = (
    Piece("SynStairs", "stairs", "stairs", 5, "indoor1-syn-stairs"),
    Piece("SynStairs", "stairs_with_handrail", "stairs", 9, "indoor1-syn-stairs"),
    Piece("GenStairs", "stairs", "stairs", 7, "indoor1-gen-stairs"),
    Piece("Terrain", "curb", "curb", 9, "indoor1-terrain-curb"),
    Piece("Terrain", "curb_brick", "curb", 11, "indoor1-terrain-curb"),
    Piece("Terrain", "slope", "slope", 4, "indoor1-terrain-slope"),
    Piece("Terrain", "slope_with_handrail", "slope", 1, "indoor1-terrain-slope"),
    Piece("Terrain", "slope_with_edges", "slope", 3, "indoor1-terrain-slope"),
)


def build_terrain(root: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """Write {root}/{dataset}/{category}/model.obj for each piece; (dataset, category) -> its entry of an object config."""
    entries = {}
    for piece in PIECES:
        entry = write_terrain(root / piece.dataset / piece.category, piece.kind, SEED, piece.number)
        entries[piece.dataset, piece.category] = {**entry, "scene": piece.scene}
    return entries
