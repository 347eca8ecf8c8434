# SPDX-License-Identifier: GPL-3.0-or-later
"""The starter objects as written files: closed shells, life size, textures, the same bytes on every run."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from starter.objects.boxes import box, extrude
from starter.objects.canvas import Canvas, png_bytes
from starter.objects.catalog import DATASET, OBJECTS, SEATS, build_objects
from starter.objects.objfile import write_object
from starter.objects.shapes import Part, Station, lathe, loft, sweep

trimesh = pytest.importorskip("trimesh")

# category -> lowest and highest believable longest side in metres
LONGEST = {
    "cordless_drill": (0.22, 0.30),
    "hammer": (0.28, 0.36),
    "screwdriver": (0.18, 0.28),
    "mug": (0.10, 0.14),
    "teapot": (0.20, 0.30),
    "water_bottle": (0.22, 0.30),
    "canned_food": (0.09, 0.13),
    "spray_bottle": (0.20, 0.30),
    "watering_can": (0.25, 0.40),
    "camera": (0.11, 0.16),
    "toy_truck": (0.16, 0.30),
    "hand_weight": (0.18, 0.28),
    "chair": (0.80, 0.95),
    "carver_chair": (0.80, 0.95),
    "stool": (0.40, 0.50),
    "office_chair": (0.90, 1.15),
    "armchair": (0.75, 0.95),
    "bench": (1.0, 1.3),
    "club_chair": (0.65, 0.80),
}
ALL = (*OBJECTS, *SEATS)
NAMES = [thing.category for thing in ALL]


@dataclass(frozen=True)
class Loaded:
    """An OBJ as its text says: no merging, no splitting."""

    vertices: np.ndarray
    faces: np.ndarray
    uv: np.ndarray
    normals: np.ndarray


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("starter")
    assert build_objects(root) == NAMES
    return root / DATASET


def read(folder: Path) -> Loaded:
    rows: dict[str, list[list[float]]] = {"v": [], "vt": [], "vn": []}
    faces = []
    for line in (folder / "model.obj").read_text().splitlines():
        kind, *rest = line.split()
        if kind in rows:
            rows[kind].append([float(x) for x in rest])
        elif kind == "f":
            faces.append([int(corner.split("/")[0]) - 1 for corner in rest])
    return Loaded(np.array(rows["v"]), np.array(faces), np.array(rows["vt"]), np.array(rows["vn"]))


def shells(mesh: Loaded) -> list[trimesh.Trimesh]:
    whole = trimesh.Trimesh(mesh.vertices, mesh.faces, process=False)
    groups = trimesh.graph.connected_components(whole.face_adjacency, nodes=np.arange(len(mesh.faces)), min_len=1)
    return [whole.submesh([group], append=True, repair=False) for group in groups]


def solid(part: Part) -> bool:
    mesh = trimesh.Trimesh(part.vertices, part.faces, process=False)
    return bool(mesh.is_watertight and mesh.is_winding_consistent and mesh.volume > 0)


def test_there_are_enough_things_and_a_drill() -> None:
    assert len(NAMES) >= 8
    assert "cordless_drill" in NAMES
    assert set(NAMES) == set(LONGEST)


@pytest.mark.parametrize("name", NAMES)
def test_every_shell_is_closed_and_faces_outward(built: Path, name: str) -> None:
    mesh = read(built / name)
    assert np.bincount(mesh.faces.ravel(), minlength=len(mesh.vertices)).min() > 0  # no loose vertex
    pieces = shells(mesh)
    assert sum(len(p.faces) for p in pieces) == len(mesh.faces)
    for piece in pieces:
        assert piece.is_watertight
        assert piece.is_winding_consistent
        assert piece.volume > 0


@pytest.mark.parametrize("name", NAMES)
def test_life_size_after_obj_scale(built: Path, name: str) -> None:
    thing = ALL[NAMES.index(name)]
    mesh = read(built / name)
    low, high = LONGEST[name]
    extents = np.ptp(mesh.vertices * thing.obj_scale, axis=0)
    assert low <= extents.max() <= high
    assert extents.min() > 0.02
    assert len(mesh.faces) <= 15_000
    assert abs(mesh.vertices[:, 2].min()) < 0.01  # built resting near z = 0


@pytest.mark.parametrize("name", NAMES)
def test_textures_are_referenced_and_whole(built: Path, name: str) -> None:
    folder = built / name
    assert "mtllib model.mtl" in (folder / "model.obj").read_text()[:200]
    maps = dict(line.split() for line in (folder / "model.mtl").read_text().splitlines() if line.startswith("map_"))
    assert {"map_Kd", "map_Pr"} <= set(maps)
    assert {p.name for p in folder.glob("*.png")} == set(maps.values())
    for file in maps.values():
        data = (folder / file).read_bytes()
        assert data[:8] == b"\x89PNG\r\n\x1a\n"
        side = struct.unpack(">II", data[16:24])
        assert side[0] == side[1]
        assert 256 <= side[0] <= 1024
    mesh = read(folder)
    assert mesh.uv.min() >= 0
    assert mesh.uv.max() <= 1
    assert np.abs(np.linalg.norm(mesh.normals, axis=1) - 1).max() < 0.01


@pytest.mark.parametrize("name", NAMES)
def test_charts_keep_their_proportions(built: Path, name: str) -> None:
    """Texel density, as the square root of area ratios, stays within a factor of 3 of its median on 95 % of the area."""
    mesh = read(built / name)
    corners = mesh.vertices[mesh.faces]
    uv = mesh.uv.reshape(-1, 3, 2)
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    a, b = uv[:, 1] - uv[:, 0], uv[:, 2] - uv[:, 0]
    flat = np.abs(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])
    density = np.sqrt(flat / np.maximum(area, 1e-15))
    typical = np.median(density)
    good = (density > typical / 3) & (density < typical * 3)
    assert area[good].sum() / area.sum() > 0.95


@pytest.mark.slow
def test_same_bytes_when_built_again(built: Path, tmp_path: Path) -> None:
    build_objects(tmp_path)
    first = sorted(p.relative_to(built) for p in built.rglob("*") if p.is_file())
    again = sorted(p.relative_to(tmp_path / DATASET) for p in tmp_path.rglob("*") if p.is_file())
    assert first == again
    for path in first:
        assert (built / path).read_bytes() == (tmp_path / DATASET / path).read_bytes(), path


def test_the_drill_stands_on_its_battery(built: Path) -> None:
    mesh = read(built / "cordless_drill")
    pieces = shells(mesh)
    volume = np.array([p.volume for p in pieces])
    centre = (np.array([p.center_mass for p in pieces]) * volume[:, None]).sum(axis=0) / volume.sum()
    foot = mesh.vertices[mesh.vertices[:, 2] < mesh.vertices[:, 2].min() + 0.0005]
    assert (foot[:, :2].min(axis=0) + 0.005 < centre[:2]).all()
    assert (centre[:2] < foot[:, :2].max(axis=0) - 0.005).all()


def test_shapes_close_whatever_their_form() -> None:
    star = [
        (np.cos(t) * r, np.sin(t) * r) for t, r in zip(np.linspace(0, 2 * np.pi, 11)[:-1], [1.0, 0.5] * 5, strict=True)
    ]
    assert solid(box(0.3, 0.2, 0.1, 0.02))
    assert solid(extrude(star, 0.2, 0.03, 0.02))
    assert solid(lathe([(0, 0), (1, 0), (1, 1), (0.9, 1), (0.9, 0.1), (0, 0.1)], 16))
    assert solid(loft([Station(0, 0.2, 0.1), Station(1, 0.1, 0.2, x=0.3)], 20, 0.03, 0.03))
    assert solid(sweep([(0, 0, 0), (0, 0, 1), (1, 0, 2)], 0.1))


def test_an_outline_that_crosses_itself_is_refused() -> None:
    with pytest.raises(ValueError, match="crosses itself"):
        extrude([(0, 0), (1, 1), (1, 0), (0, 1)], 0.1, 0.001, 0.0)


def test_box_has_its_exact_size_and_charts() -> None:
    part = box(0.3, 0.2, 0.1, 0.02)
    assert np.allclose(np.ptp(part.vertices, axis=0), [0.3, 0.2, 0.1])
    assert np.allclose(part.uv.reshape(-1, 2).min(axis=0), 0)
    assert np.allclose(part.uv.reshape(-1, 2).max(axis=0), part.size)


def test_paint_lands_where_the_chart_says(tmp_path: Path) -> None:
    """A red front on a box: every texel that its front faces point at is red, and no other side is."""

    def paint(c: Canvas) -> None:
        c.fill((0.0, 0.0, 1.0))
        c.rect(0.0, 0.0, 0.3, 0.1, (1.0, 0.0, 0.0))

    part = box(0.3, 0.2, 0.1, 0.01).painted(paint)
    write_object(tmp_path, [part], 1.0, 256)
    image = pytest.importorskip("PIL.Image").open(tmp_path / "model_color.png")
    pixels = np.asarray(image)[::-1]
    mesh = read(tmp_path)
    middles = mesh.uv.reshape(-1, 3, 2).mean(axis=1) * 256
    normals = mesh.normals.reshape(-1, 3, 3).mean(axis=1)
    for (u, v), normal in zip(middles, normals, strict=True):
        red = pixels[int(v), int(u), 0] > 200
        if abs(normal).max() > 0.999:  # flat sides only
            assert red == (normal[1] < -0.999)


def test_png_round_trip() -> None:
    image_module = pytest.importorskip("PIL.Image")
    import io

    pixels = np.random.default_rng(1).uniform(0, 1, (7, 5, 3))
    read_back = np.asarray(image_module.open(io.BytesIO(png_bytes(pixels))))
    assert np.abs(read_back[::-1] / 255.0 - pixels).max() < 0.003
