# SPDX-License-Identifier: GPL-3.0-or-later
"""A run is asked to stop while Blender works on a large mesh (its importer reads it, it is settled, its files are written),
which lets nothing of Python run: it stops within 3 seconds, says so, leaves nothing half, and the next run goes on."""

from __future__ import annotations

import json
import os
import shutil
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from grail_addon.cli.leave import SESSION_PREFIX
from grail_addon.core.files import TEMP_MARK
from tests.render.conftest import Project
from tests.ui.speed import lateness
from tests.waiting import PATIENCE, until

pytestmark = [
    pytest.mark.bpy,
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="signals as POSIX sends them"),
]

RUN_BATCH = Path(__file__).resolve().parents[2] / "run_batch.py"
STOPS_WITHIN = 3.0
"""Seconds on a machine that does nothing else."""
TRIES = 3
ACROSS, ALONG = 2000, 1250  # of the grid: 5 million triangles


def bumpy_ball() -> tuple[np.ndarray, np.ndarray]:
    """Points (N, 3) and triangles (M, 3)."""
    u, v = np.meshgrid(np.linspace(0, 2 * np.pi, ACROSS, endpoint=False), np.linspace(0.001, np.pi - 0.001, ALONG))
    radius = 0.05 * (1 + 0.05 * np.sin(9 * u) * np.sin(7 * v))
    points = radius[..., None] * np.stack([np.sin(v) * np.cos(u), np.sin(v) * np.sin(u), np.cos(v)], axis=-1)
    row, column = np.arange(ALONG - 1)[:, None] * ACROSS, np.arange(ACROSS)[None]
    a, b = row + column, row + (column + 1) % ACROSS
    corners = [np.stack(t, axis=-1).reshape(-1, 3) for t in ((a, b + ACROSS, b), (a, a + ACROSS, b + ACROSS))]
    return points.reshape(-1, 3).astype("<f4"), np.concatenate(corners).astype("<i4")


def write_ply(path: Path, points: np.ndarray, faces: np.ndarray) -> None:
    rows = np.empty(len(faces), dtype=[("corners", "u1"), ("of", "<i4", 3)])
    rows["corners"], rows["of"] = 3, faces
    header = (
        f"ply\nformat binary_little_endian 1.0\nelement vertex {len(points)}\nproperty float x\nproperty float y\n"
        f"property float z\nelement face {len(faces)}\nproperty list uchar int vertex_indices\nend_header\n"
    )
    path.write_bytes(header.encode() + points.tobytes() + rows.tobytes())


def write_obj(path: Path, points: np.ndarray, faces: np.ndarray) -> None:
    with path.open("w") as handle:
        handle.write("\n".join("v {:.6f} {:.6f} {:.6f}".format(*row) for row in points.tolist()) + "\n")
        handle.write("\n".join("f {} {} {}".format(*row) for row in (faces + 1).tolist()) + "\n")


def write_glb(path: Path, points: np.ndarray, faces: np.ndarray) -> None:
    low, high = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    content = {
        "asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0]}], "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]}],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": len(points), "type": "VEC3", "min": low, "max": high},
            {"bufferView": 1, "componentType": 5125, "count": faces.size, "type": "SCALAR"},
        ],
        "bufferViews": [
            {"buffer": 0, "byteOffset": 0, "byteLength": points.nbytes},
            {"buffer": 0, "byteOffset": points.nbytes, "byteLength": faces.nbytes},
        ],
        "buffers": [{"byteLength": points.nbytes + faces.nbytes}],
    }  # fmt: skip
    text = json.dumps(content).encode()
    text += b" " * (-len(text) % 4)
    size = 12 + 8 + len(text) + 8 + points.nbytes + faces.nbytes
    path.write_bytes(
        struct.pack("<4sII", b"glTF", 2, size) + struct.pack("<II", len(text), 0x4E4F534A) + text
        + struct.pack("<II", points.nbytes + faces.nbytes, 0x004E4942) + points.tobytes() + faces.tobytes()
    )  # fmt: skip


WRITERS = {".ply": write_ply, ".obj": write_obj, ".glb": write_glb}


@pytest.fixture(scope="module")
def huge_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same mesh in each format."""
    folder, mesh = tmp_path_factory.mktemp("huge"), bumpy_ball()
    made = {}
    for suffix, write in WRITERS.items():
        made[suffix] = folder / f"model{suffix}"
        write(made[suffix], *mesh)
    return made


def with_huge(project: Project, file: Path) -> list[str]:
    """The command line for a small object and then the huge one."""
    (project.root / "Test").unlink()
    for name in ("block", "huge"):
        (project.root / "Test" / name).mkdir(parents=True)
    source = project.root / "mini.yaml"
    (project.root / "Test" / "block" / "model.obj").symlink_to(source.resolve().parent / "Test/block/model.obj")
    (project.root / "Test" / "huge" / file.name).symlink_to(file)
    (project.root / "objects.yaml").unlink()
    (project.root / "objects.yaml").write_text(
        "dataset: Test\nobjects:\n  block: {obj_scale: 2, scene: mini}\n  huge: {scene: mini}\n"
    )
    return [
        sys.executable, str(RUN_BATCH), "--",
        *project.argv("--num_rand_scenes", "1", "--skip_done", "--log_json", str(project.root / "log.jsonl")),
    ]  # fmt: skip


def _block_is_made(log: Path) -> bool:
    """Whether the object before the huge one is done with."""
    lines = log.read_text().splitlines() if log.is_file() else []
    return any('"kind": "done"' in line and '"step": "render"' in line for line in lines)


Wait = Callable[[Path, "subprocess.Popen[str]"], None]
"""Returns when the run, whose log the path is, is as far as it should be."""


def wait_for_importer(log: Path, process: subprocess.Popen[str]) -> None:
    """Return when the importer reads the huge object: what is printed meanwhile goes to a file without a name."""
    printed_to = Path(f"/proc/{process.pid}/fd/2")
    _wait_for(
        process,
        lambda: _block_is_made(log) and (sys.platform != "linux" or "(deleted)" in str(printed_to.readlink())),
    )


def wait_for_settle(log: Path, process: subprocess.Popen[str]) -> None:
    """Return when the huge object is about to be settled."""
    _wait_for(process, lambda: _is_begun(log, "settle"))


def wait_for_file(name: str) -> Wait:
    """What returns when that file of the huge object is being written."""

    def wait(log: Path, process: subprocess.Popen[str]) -> None:
        generation = log.parent / "results" / "generation"
        _wait_for(process, lambda: any(generation.rglob(f"huge/{TEMP_MARK}*-{name}")))

    return wait


def _wait_for(process: subprocess.Popen[str], holds: Callable[[], bool]) -> None:
    def happened() -> bool:
        assert process.poll() is None, process.communicate()[0]
        return holds()

    until(happened, seconds=300.0)


def _is_begun(log: Path, step: str) -> bool:
    lines = log.read_text().splitlines() if log.is_file() else []
    return any('"kind": "start"' in line and f'"step": "{step}"' in line and "Test/huge" in line for line in lines)


def stopped(
    project: Project, command: list[str], number: signal.Signals, wait: Wait = wait_for_importer
) -> tuple[float, int, str]:
    """Run a command line with the huge object, and ask it to stop when `wait` returns: the seconds until it has, as on a
    machine that does nothing else, its exit code and what it printed."""
    process = subprocess.Popen(
        command, cwd=project.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        env={**os.environ, "TMPDIR": str(temporary(project))},
    )  # fmt: skip
    try:
        wait(project.root / "log.jsonl", process)
        before = lateness()
        assert process.poll() is None, process.communicate()[0]
        sent = time.monotonic()
        os.killpg(process.pid, number)  # as a terminal does it, or a batch system
        out, _ = process.communicate(timeout=PATIENCE)
        took = time.monotonic() - sent
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    return took / max(before, lateness()), process.returncode, out


def temporary(project: Project) -> Path:
    """Where the run's own temporary files go."""
    folder = project.root / "temporary"
    folder.mkdir(exist_ok=True)
    return folder


def stops(project: Project, command: list[str], number: signal.Signals, wait: Wait) -> None:
    """It stops in time, says so and leaves nothing half. A busy machine is given some tries."""
    for _ in range(TRIES):
        shutil.rmtree(project.results, ignore_errors=True)
        (project.root / "log.jsonl").unlink(missing_ok=True)
        took, code, out = stopped(project, command, number, wait)
        if took < STOPS_WITHIN:
            break
    assert took < STOPS_WITHIN, out
    assert code == (130 if sys.platform == "linux" else code), out
    assert "Stopped" in out and "finished" in out and "Traceback" not in out
    assert list(project.results.rglob(f"{TEMP_MARK}*")) == []
    assert list((project.results / ".writers").iterdir()) == []
    if sys.platform == "linux":
        assert [path.name for path in temporary(project).iterdir() if path.name.startswith(SESSION_PREFIX)] == []


def goes_on(project: Project, command: list[str]) -> None:
    """What was finished before the stop stays, and the next run goes on from there."""
    manifests = list((project.results / "generation" / "manifests").rglob("dummy_*.json"))
    assert [json.loads(path.read_text())["status"] for path in manifests] == ["done"], "what was finished stays"
    again = subprocess.run(
        [*command, "--category", "block"], cwd=project.root, capture_output=True, text=True, timeout=600, check=False
    )
    assert again.returncode == 0, again.stdout + again.stderr
    assert "0 done, 2 up to date, 0 failed" in again.stdout, "the next run goes on from there"


@pytest.mark.parametrize(
    ("suffix", "number"), [(".glb", signal.SIGTERM), (".ply", signal.SIGINT), (".obj", signal.SIGTERM)]
)
def test_stop_while_a_large_file_is_read(
    project: Project, huge_files: dict[str, Path], suffix: str, number: signal.Signals
) -> None:
    command = with_huge(project, huge_files[suffix])
    stops(project, command, number, wait_for_importer)
    goes_on(project, command)


@pytest.mark.parametrize(
    ("wait", "number"),
    [
        pytest.param(wait_for_settle, signal.SIGTERM, id="settle"),
        pytest.param(wait_for_file("initial_state.usdc"), signal.SIGINT, id="animation"),
        pytest.param(wait_for_file("model.obj"), signal.SIGTERM, id="mesh"),
    ],
)
def test_stop_while_a_large_mesh_is_worked_on(
    project: Project, huge_files: dict[str, Path], wait: Wait, number: signal.Signals
) -> None:
    command = with_huge(project, huge_files[".ply"])
    config = project.root / "mini.yaml"
    text = config.read_text().replace("simulation: {", "simulation: {save_usd: true, ")
    config.unlink()  # it is a link to the one of all tests
    config.write_text(text)
    stops(project, command, number, wait)
    goes_on(project, command)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_worker_stops_while_a_large_mesh_is_worked_on(
    project: Project, huge_files: dict[str, Path], number: signal.Signals
) -> None:
    stops(project, [*with_huge(project, huge_files[".ply"]), "--workers", "2"], number, wait_for_settle)
