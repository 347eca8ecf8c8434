# SPDX-License-Identifier: GPL-3.0-or-later
"""The starter scenes as a project for the gate: one pipeline file a task, its cameras as shipped, the person of boxes.

Everything is made in the running Blender, which is emptied.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
import yaml

from grail_addon.core.gate.facts import Task
from grail_addon.core.terrain.write import write_terrain
from starter.objects.catalog import OBJECTS, SEATS
from starter.objects.objfile import write_object
from starter.scenes import build_scenes
from starter.terrain import PIECES, SEED
from tests.render.gate_bench import ROOT, Bench
from tests.render.gate_project import OBSTACLES, write_person
from tests.stage.shapes import box, obj_text

DATASET = "Gate"
HELD = ("mug", "hammer", "toy_truck", "watering_can", "teapot")
TERRAIN = {f"{piece.dataset}_{piece.category}": piece for piece in PIECES}


@dataclass(frozen=True)
class TaskSet:
    """A task's pipeline file, and the categories that its good stages are made of."""

    task: Task
    config: str
    object_config: tuple[str, ...]
    categories: tuple[str, ...]

    @property
    def seeds(self) -> int:
        """Scene seeds of each category, so that there are 20 good stages and more."""
        return -(-20 // len(self.categories))


TASKS: dict[Task, TaskSet] = {
    "pickup_table": TaskSet("pickup_table", "pickup_table", ("comasset",), HELD),
    "pickup_ground": TaskSet("pickup_ground", "pickup_ground", ("comasset",), HELD),
    "sitting": TaskSet("sitting", "sitting", ("chair_sitting",), tuple(seat.category for seat in SEATS)),
    "terrain_stairs": TaskSet(
        "terrain_stairs", "terrain_stairs", ("syn_stairs", "gen_stairs", "terrain"), tuple(TERRAIN)
    ),
}


def _entries(chosen: TaskSet) -> dict[str, dict[str, Any]]:
    """The shipped object entries, in one dataset."""
    found: dict[str, dict[str, Any]] = {}
    for name in chosen.object_config:
        data = yaml.safe_load((ROOT / f"configs/objects/{name}.yaml").read_text(encoding="utf-8"))
        for category, entry in data["objects"].items():
            own = f"{data['dataset']}_{category}" if chosen.task == "terrain_stairs" else category
            if own in chosen.categories:
                found[own] = entry
    return found


def write_task(root: Path, chosen: TaskSet) -> Path:
    """The task's pipeline file below `root`: as shipped, but small, fast, and with things to get in the way."""
    data = yaml.safe_load((ROOT / f"configs/gen_2dhoi/{chosen.config}.yaml").read_text(encoding="utf-8"))
    statics = {
        name: {"name": "cube", "pos": [3 * i, 0, -50], "obj_on_table": False} for i, name in enumerate(OBSTACLES)
    }
    own = {"static_objects": statics, "character_pose": "file"}  # the dummy has no forearms to take a pose with
    data |= {
        "character": "dummy",
        "character_dir": "characters",
        "texture_dir": "characters",
        "results_dir": f"results_{chosen.task}",
        "object_config": f"objects_{chosen.task}.yaml",
        "skip_step4": True,
        "rendering": {
            "samples": 2, "width": 256, "height": 144, "num_rand_scenes": max(chosen.seeds, 2), "gpu": False, "denoise": True,
        },
        "scenes": {name: {**scene, **own} for name, scene in data["scenes"].items()},
    }  # fmt: skip
    data["simulation"] |= {"drops": 2}
    del data["video"]
    path = root / f"{chosen.task}.yaml"
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    objects = {"dataset": DATASET, "objects": _entries(chosen)}
    (root / f"objects_{chosen.task}.yaml").write_text(yaml.safe_dump(objects), encoding="utf-8")
    return path


def write_assets(root: Path) -> None:
    """Scenes, objects, terrain, the person and the cube below `root`."""
    for thing in (*OBJECTS, *SEATS):
        if thing.category in HELD or thing in SEATS:
            write_object(root / DATASET / thing.category, thing.build(), thing.obj_scale, 128)
    for name, piece in TERRAIN.items():
        write_terrain(root / DATASET / name, piece.kind, SEED, piece.number, 128)
    cube = root / "Scene" / "cube" / "model.obj"
    cube.parent.mkdir(parents=True)
    cube.write_text(obj_text(box((-0.5, -0.5, 0.0), (0.5, 0.5, 1.0))))
    names = {scene for chosen in TASKS.values() for scene in _scenes(chosen)}
    build_scenes(root, sorted(names))
    bpy.ops.wm.read_factory_settings(use_empty=True)
    write_person(root / "characters" / "dummy.blend")
    bpy.ops.wm.read_factory_settings(use_empty=True)


def _scenes(chosen: TaskSet) -> set[str]:
    data = yaml.safe_load((ROOT / f"configs/gen_2dhoi/{chosen.config}.yaml").read_text(encoding="utf-8"))
    return set(data["scenes"])


def scene_bench(root: Path, task: Task) -> Bench:
    """The bench of a task over the assets below `root`."""
    chosen = TASKS[task]
    fixed = chosen.categories if task == "terrain_stairs" else ()
    return Bench(write_task(root, chosen), root, {}, fixed)
