# SPDX-License-Identifier: GPL-3.0-or-later
"""Which task a scene is for; the gate's thresholds depend on it."""

from __future__ import annotations

from .gate_facts import Task

_WORDS: tuple[tuple[str, Task], ...] = (
    ("pickup-ground", "pickup_ground"),
    ("pickup-table", "pickup_table"),
    ("sitting", "sitting"),
    ("terrain", "terrain_stairs"),
    ("stairs", "terrain_stairs"),
)


def task_of_scene(scene: str) -> Task:
    """The task that a scene's name tells, as GRAIL names its scenes (`indoor2-pickup-ground`); else manipulation."""
    return next((task for word, task in _WORDS if word in scene), "manipulation")
