# SPDX-License-Identifier: GPL-3.0-or-later
"""Terrain as written files: closed, metric, as its JSON says, within the building codes, the same on every run."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import yaml

from grail_addon.core.terrain import draw
from grail_addon.core.terrain.draw import KINDS, Curb, Kind, Slope, Stairs, draw_terrain
from grail_addon.core.terrain.framing import PERSON, START_Y
from grail_addon.core.terrain.write import make_terrain

trimesh = pytest.importorskip("trimesh")

COUNT = 4


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("terrain")
    for kind in KINDS:
        make_terrain(kind, COUNT, root / f"Syn{kind}")
    return root


def instances(root: Path) -> list[Path]:
    found = sorted(path.parent for path in root.rglob("model.obj"))
    assert len(found) == COUNT * len(KINDS)
    return found


def mesh_of(folder: Path) -> trimesh.Trimesh:
    """As the OBJ's text says: no merging, no splitting."""
    rows = [line.split() for line in (folder / "model.obj").read_text().splitlines()]
    vertices = np.array([[float(x) for x in row[1:]] for row in rows if row[0] == "v"])
    faces = np.array([[int(c.split("/")[0]) - 1 for c in row[1:]] for row in rows if row[0] == "f"])
    return trimesh.Trimesh(vertices, faces, process=False)


def heights(mesh: trimesh.Trimesh, ys: np.ndarray, x: float = 0.0) -> np.ndarray:
    """Highest surface at (x, y) for each y, by barycentric coordinates; -inf where there is none."""
    a, b, c = mesh.triangles.transpose(1, 0, 2)
    out = []
    for y in ys:
        area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
        with np.errstate(divide="ignore", invalid="ignore"):
            s = ((x - a[:, 0]) * (c[:, 1] - a[:, 1]) - (y - a[:, 1]) * (c[:, 0] - a[:, 0])) / area
            t = ((b[:, 0] - a[:, 0]) * (y - a[:, 1]) - (b[:, 1] - a[:, 1]) * (x - a[:, 0])) / area
            hit = (s >= 0) & (t >= 0) & (s + t <= 1)
            z = a[:, 2] + s * (b[:, 2] - a[:, 2]) + t * (c[:, 2] - a[:, 2])
        out.append(z[hit].max(initial=-np.inf))
    return np.array(out)


@pytest.mark.parametrize("kind", KINDS)
def test_draws_keep_to_the_codes(kind: Kind) -> None:
    seen = [draw_terrain(kind, seed, number) for seed in (0, 7) for number in range(1, 101)]
    for terrain in seen:
        if isinstance(terrain, Stairs):
            assert 0.102 <= terrain.rise <= 0.196
            assert terrain.run >= 0.254
            assert 0.6 - 2e-3 <= terrain.run + 2 * terrain.rise <= 0.66 + 2e-3
            assert terrain.width >= 0.914 and terrain.landing >= 0.914
            assert terrain.nosing == 0.0 or 0.019 <= terrain.nosing <= 0.032
            assert terrain.rail_height is None or 0.864 <= terrain.rail_height <= 0.965
        elif isinstance(terrain, Curb):
            assert 0.10 <= terrain.height <= 0.18
        else:
            assert isinstance(terrain, Slope) and 8.0 <= terrain.ratio <= 20.0
            assert terrain.angle_deg == pytest.approx(np.degrees(np.arctan2(terrain.height, terrain.run)))
    assert len({repr(t) for t in seen}) == len(seen)


def test_one_factor_alone_has_a_stream_of_its_own() -> None:
    """A longer flight keeps the width of the shorter one."""
    before = draw_terrain("stairs", 3, 1)
    low, high = draw.STEPS
    try:
        draw.STEPS = (high + 1, high + 1)
        after = draw_terrain("stairs", 3, 1)
    finally:
        draw.STEPS = (low, high)
    assert isinstance(before, Stairs) and isinstance(after, Stairs)
    assert after.steps == high + 1 != before.steps
    assert (after.width, after.rise, after.run, after.surface) == (
        before.width, before.rise, before.run, before.surface,
    )  # fmt: skip


def test_every_shell_is_closed_and_faces_outward(made: Path) -> None:
    for folder in instances(made):
        mesh = mesh_of(folder)
        assert mesh.is_watertight and mesh.is_winding_consistent
        assert all(shell.volume > 0 for shell in mesh.split(only_watertight=False))
        assert mesh.bounds[0][2] == pytest.approx(0.0, abs=1e-6), "it stands on the ground"


def test_json_says_what_was_built(made: Path) -> None:
    for folder in instances(made):
        facts, mesh = json.loads((folder / "terrain.json").read_text()), mesh_of(folder)
        if facts["kind"] == "stairs":
            steps = np.arange(facts["steps"])
            middles = (steps + 0.5) * facts["run"]
            assert heights(mesh, middles) == pytest.approx((steps + 1) * facts["rise"], abs=1e-5)
            assert heights(mesh, np.array([-0.01])) == (
                pytest.approx(facts["rise"], abs=1e-5) if facts["nosing"] > 0.01 else -np.inf
            )
            assert heights(mesh, np.array([facts["depth"] - 0.3])) == pytest.approx(facts["height"], abs=1e-5)
            wide = np.ptp(mesh.vertices[np.abs(mesh.vertices[:, 2] - facts["height"]) < 1e-6][:, 0])
            assert wide == pytest.approx(facts["width"], abs=1e-5)
            assert facts["handrail"] == (mesh.bounds[1][2] > facts["height"] + 0.8)
        elif facts["kind"] == "curb":
            assert heights(mesh, np.array([facts["stone"] / 2])) == pytest.approx(facts["height"], abs=1e-5)
            assert mesh.extents[:2] == pytest.approx([facts["width"], facts["depth"]], abs=1e-5)
        else:
            near, far = heights(mesh, np.array([0.25, 0.75]) * facts["run"])
            assert np.degrees(np.arctan2(far - near, facts["run"] / 2)) == pytest.approx(facts["angle_deg"], abs=1e-2)
            assert heights(mesh, np.array([facts["depth"] - 0.3])) == pytest.approx(facts["height"], abs=1e-5)


def test_each_has_a_texture_that_its_coordinates_stay_within(made: Path) -> None:
    pictures = set()
    for folder in instances(made):
        text = (folder / "model.mtl").read_text()
        name = next(line.split()[1] for line in text.splitlines() if line.startswith("map_Kd"))
        pictures.add((folder / name).read_bytes())
        uv = np.array([[float(x) for x in line.split()[1:]] for line in (folder / "model.obj").read_text().splitlines() if line.startswith("vt ")])  # fmt: skip
        assert uv.min() >= 0.0 and uv.max() <= 1.0
        loaded = trimesh.load(folder / "model.obj", force="mesh", process=False)
        assert loaded.visual.material.image is not None
    assert len(pictures) == COUNT * len(KINDS)


def test_the_same_seed_gives_the_same_files(made: Path, tmp_path: Path) -> None:
    make_terrain("stairs", 2, tmp_path / "Synstairs")
    for folder in ("stairs_1", "stairs_2"):
        for path in (tmp_path / "Synstairs" / folder).iterdir():
            assert path.read_bytes() == (made / "Synstairs" / folder / path.name).read_bytes()


@pytest.mark.parametrize("kind", KINDS)
def test_cameras_of_the_config_see_terrain_and_person_at_both_ends(made: Path, kind: Kind) -> None:
    """Projected by hand: the config's whole range of directions, everything within the frame."""
    config = yaml.safe_load((made / f"Syn{kind}" / "objects.yaml").read_text())
    assert config["dataset"] == f"Syn{kind}" and set(config["objects"]) == {f"{kind}_{n}" for n in range(1, COUNT + 1)}
    for name, entry in config["objects"].items():
        mesh = mesh_of(made / f"Syn{kind}" / name)
        facts = json.loads((made / f"Syn{kind}" / name / "terrain.json").read_text())
        on_top = np.array([0.0, facts["depth"] - 0.5, facts["height"] + PERSON])
        before = np.array([[0.0, START_Y, 0.0], [0.0, START_Y, PERSON]])
        points = np.concatenate([mesh.vertices, before, [on_top]])
        spread = entry["camera_azimuth_rand_max"]
        for turn in np.linspace(-spread, spread, 7):
            a, e = np.radians(entry["camera_azimuth"] + turn), np.radians(entry["camera_elevation"])
            away = np.array([np.cos(e) * np.cos(a), np.cos(e) * np.sin(a), np.sin(e)])
            right = np.array([-np.sin(a), np.cos(a), 0.0])
            up = np.cross(away, right)
            seen = points - (np.array(entry["camera_offset"]) + entry["camera_radius"] * away)
            depth = -seen @ away
            focal = 1468.6  # pixels of a frame 1280 x 720
            u, v = focal * (seen @ right) / depth, focal * (seen @ up) / depth
            assert depth.min() > 0 and np.abs(u).max() < 640 and np.abs(v).max() < 360, (name, turn)
