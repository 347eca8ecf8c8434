# SPDX-License-Identifier: GPL-3.0-or-later
"""The starter scenes by the names that the pipeline files use."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .plans import bedroom, courtyard, hall, kitchen, living, loft, park, street, study, workshop
from .room import furniture
from .room.plan import Plan
from .room.scene import Lamp, SceneSpec, write_scene
from .room.variety import TABLES
from .room.walls import Opening

KEY = Lamp("key_area", (1.8, 1.8), 110.0, (1.5, -1.7, 2.55), (-0.2, 0.1, 0.5))

HALL_KEY = Lamp("key_area", (4.0, 4.0), 420.0, (2.0, -2.0, 4.4), (-0.5, 0.8, 0.5))
HALL_WINDOWS = Lamp(
    "window_area", (7.5, 3.2), 330.0, (hall.LEFT_X + 0.2, -1.5, 2.2), (1.0, 0.0, 0.3), (0.86, 0.93, 1.0)
)
SUN = (4.8, (-0.35, 0.62, -0.75))


def _window_on_back(hole: Opening, y: float = furniture.BACK, energy: float = 32.0) -> Lamp:
    """Daylight through a window in the back wall."""
    x, z = (hole.x0 + hole.x1) / 2, (hole.z0 + hole.z1) / 2
    size = (hole.x1 - hole.x0, hole.z1 - hole.z0)
    return Lamp("window_area", size, energy, (x, y - 0.2, z), (x - 0.3, 0.0, 0.6), (0.86, 0.93, 1.0))


def _window_on_left(hole: Opening, energy: float = 60.0) -> Lamp:
    """Daylight through a window in the left wall."""
    y, z = (hole.x0 + hole.x1) / 2, (hole.z0 + hole.z1) / 2
    size = (hole.x1 - hole.x0, hole.z1 - hole.z0)
    return Lamp("window_area", size, energy, (furniture.LEFT + 0.2, y, z), (0.3, y + 0.3, 0.4), (0.86, 0.93, 1.0))


def _indoor(name: str, plan: Plan, window: Lamp, support: str) -> SceneSpec:
    """A room that can be shown with any table or without one. support: `table` or `none`, as the file shows it."""
    things = {**plan, "table@support=table;table=plain": furniture.table}
    things |= {f"table_{kind}@support=table;table={kind}": parts for kind, parts in TABLES.items()}
    defaults = {"support": support, "table": "plain", "props": "all"}
    return SceneSpec(name, things, (KEY, window), defaults=defaults)


SPECS: tuple[SceneSpec, ...] = (
    _indoor("indoor2-manipulation", living.PLAN, _window_on_back(furniture.WINDOW), "table"),
    _indoor("indoor2-pickup-table", kitchen.PLAN, _window_on_back(kitchen.WINDOW), "table"),
    _indoor("indoor2-pickup-ground", bedroom.PLAN, _window_on_back(bedroom.WINDOW, bedroom.DEEP), "none"),
    _indoor("indoor1-manipulation", study.PLAN, _window_on_back(study.WINDOW), "table"),
    _indoor("indoor1-sitting", loft.PLAN, _window_on_left(loft.WINDOWS[0]), "none"),
    _indoor("indoor-workshop", workshop.PLAN, _window_on_left(workshop.WINDOW), "none"),
    SceneSpec("indoor1-syn-stairs", hall.PLAN, (HALL_KEY, HALL_WINDOWS)),
    SceneSpec("indoor1-gen-stairs", courtyard.PLAN, (), SUN),
    SceneSpec("indoor1-terrain-curb", street.PLAN, (), SUN),
    SceneSpec("indoor1-terrain-slope", park.PLAN, (), SUN),
)


def build_scenes(root: Path, names: Sequence[str] = ()) -> list[Path]:
    """Write {root}/scenes/{name}.blend for each scene (or those of `names`); return the paths."""
    return [write_scene(root, spec) for spec in SPECS if not names or spec.name in names]
