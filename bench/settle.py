# SPDX-License-Identifier: GPL-3.0-or-later
"""Settle the outside meshes and the starter objects, and print the table of docs/settling.md.

    python bench/settle.py [--starts 3] [--starter DIR] [--json FILE]

Needs bpy and trimesh, and the meshes of tests/fetch_outside.py. --starter: a folder built by starter/build.py.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import trimesh
import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from grail_addon.core.mesh import MeshData
from grail_addon.core.settle.result import SettleResult, SettleSettings
from grail_addon.core.settle.support import FlatSupport
from grail_addon.core.streams import stream
from grail_addon.drivers.blocking import drain
from grail_addon.stage.settle import settle
from tests.outside_meshes import outside_meshes
from tests.settle_truth import compare

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Case:
    name: str
    mesh: MeshData
    scale: Any


def cases(starter: Path | None) -> list[Case]:
    found = []
    scales = yaml.safe_load((ROOT / "configs" / "objects" / "comasset.yaml").read_text())["objects"]
    for outside in outside_meshes():
        mesh = outside.load()
        found.append(Case(outside.name, mesh, outside.size / mesh.size))
    for path in sorted(starter.glob("ComAsset/*/model.obj")) if starter else []:
        raw = trimesh.load(path, force="mesh", process=False)
        mesh = MeshData(np.asarray(raw.vertices, dtype=np.float64), np.asarray(raw.faces, dtype=np.int32))
        found.append(Case(f"starter/{path.parent.name}", mesh, scales[path.parent.name]["obj_scale"]))
    return found


def rotation(name: str, start: int) -> np.ndarray:
    """As modelled for start 0, else drawn evenly."""
    if start == 0:
        return np.eye(3)
    return trimesh.transformations.random_rotation_matrix(stream("bench", name, start).random(3))[:3, :3]


def measure(case: Case, start: int) -> dict[str, Any]:
    wall, cpu = time.perf_counter(), time.process_time()
    result = drain(settle(case.mesh, case.scale, rotation(case.name, start), FlatSupport(), SettleSettings()))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    truth = compare(case.mesh, result)
    return {"name": case.name, "start": start, "faces": len(case.mesh.faces), "angle_deg": truth.angle_deg,
            "height": truth.height, "wall": wall, "cpu": cpu, **plain(result)}  # fmt: skip


def open_heavy_scene() -> None:
    """160 000 vertices under an animated modifier and 200 more objects, in the active scene."""
    bpy.ops.mesh.primitive_grid_add(x_subdivisions=400, y_subdivisions=400)
    heavy = bpy.context.object
    heavy.modifiers.new("wave", "WAVE")
    for _ in range(200):
        bpy.context.scene.collection.objects.link(bpy.data.objects.new("copy", heavy.data))


def plain(result: SettleResult) -> dict[str, Any]:
    data = result.to_json()
    for name in ("trajectory", "footprint"):
        data.pop(name)
    return data


def summary(rows: list[dict[str, Any]]) -> str:
    def share(test: Any) -> str:
        return f"{sum(bool(test(r)) for r in rows)} of {len(rows)}"

    def spread(key: str) -> str:
        values = np.array([r[key] for r in rows])
        return f"{np.median(values):.3g} / {np.percentile(values, 95):.3g} / {values.max():.3g}"

    lines = [
        ("drops settled", f"{len(rows)} ({len({r['name'] for r in rows})} meshes)"),
        ("stable pose trimesh knows, <= 0.5 deg", share(lambda r: r["angle_deg"] <= 0.5)),
        (
            "  or rolling with COM height within 1%",
            share(lambda r: r["angle_deg"] <= 0.5 or (r["rolls"] and r["height"] <= 0.01)),
        ),
        ("verdict stable", share(lambda r: r["stable"])),
        ("verdict settled", share(lambda r: r["settled"])),
        ("gap and penetration < 0.1 mm", share(lambda r: r["gap_mm"] < 0.1 and r["penetration_mm"] < 0.1)),
        ("drift < 1 mm and < 0.5 deg", share(lambda r: r["drift_mm"] < 1 and r["spin_deg"] < 0.5)),
        ("rolls", share(lambda r: r["rolls"])),
        ("nudged", share(lambda r: r["nudges"] > 0)),
        ("angle to nearest known pose, deg (median / p95 / max)", spread("angle_deg")),
        ("snap, deg", spread("snap_deg")),
        ("drift, mm", spread("drift_mm")),
        ("spin, deg", spread("spin_deg")),
        ("confidence >= 0.75", share(lambda r: r["confidence"] >= 0.75)),
        ("wall time, s", spread("wall")),
        ("CPU time, s", spread("cpu")),
    ]
    return "\n".join(f"| {name} | {value} |" for name, value in lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--starts", type=int, default=3, help="start orientations per mesh; the first is as modelled")
    parser.add_argument("--starter", type=Path, default=None, help="folder built by starter/build.py")
    parser.add_argument("--heavy", action="store_true", help="with a scene open that takes 0.1 s and more per frame")
    parser.add_argument("--json", type=Path, default=None, help="write every drop here")
    args = parser.parse_args()
    if args.heavy:
        open_heavy_scene()
    rows = [measure(case, start) for case in cases(args.starter) for start in range(args.starts)]
    print(f"bpy {bpy.app.version_string}\n\n| | |\n| --- | --- |\n{summary(rows)}\n")
    for r in rows:
        if r["angle_deg"] > 0.5 or r["drift_mm"] >= 1 or r["spin_deg"] >= 0.5 or not (r["stable"] and r["settled"]):
            print(f"{r['name']} start {r['start']}: {r['angle_deg']:.2f} deg from a known pose, COM {r['com_method']},"
                  f" drift {r['drift_mm']:.2f} mm {r['spin_deg']:.2f} deg: {' '.join(r['reasons'])}")  # fmt: skip
    if args.json:
        args.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
