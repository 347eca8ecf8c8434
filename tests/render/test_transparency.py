# SPDX-License-Identifier: GPL-3.0-or-later
"""What lets light through: cut-outs, half-transparent materials and glass have whole masks, one depth, and are told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

bpy = pytest.importorskip("bpy")

from grail_addon.core.camera import Camera, look_at  # noqa: E402
from grail_addon.core.files import read_json  # noqa: E402
from grail_addon.core.layout import ObjectId, ResultsLayout, VideoId  # noqa: E402
from grail_addon.core.pose import Pose  # noqa: E402
from grail_addon.core.sidecars.write import read_depth_exr, read_mask  # noqa: E402
from grail_addon.drivers.blocking import drain  # noqa: E402
from grail_addon.stage.measure.posed_mesh import silhouette  # noqa: E402
from grail_addon.stage.render.aim import View, see_alone  # noqa: E402
from grail_addon.stage.render.render import render_geometry  # noqa: E402
from grail_addon.stage.room.scene import OBJECT_ID, Stage  # noqa: E402
from tests.render import clear_things as clear  # noqa: E402
from tests.render.conftest import Project  # noqa: E402
from tests.render.runs import failures, run  # noqa: E402
from tests.render.test_room import add, opened  # noqa: E402
from tests.stage.shapes import box  # noqa: E402

pytestmark = pytest.mark.bpy

POSITION, TARGET = np.array([0.7, -0.8, 1.0]), np.array([0.0, 0.0, 0.4])
CAMERA = Camera(look_at(POSITION, TARGET), POSITION, 110.0, 96, 72)
GLASS = {"KHR_materials_transmission": {"transmissionFactor": 1.0}}
CUT = {"alphaMode": "MASK", "alphaCutoff": 0.5}


def seen(stage: Stage, folder: Path) -> View:
    """The object of the stage, in the air."""
    posed = stage.place_object(Pose(np.eye(3), TARGET, np.ones(3)))
    stage.aim(CAMERA)
    sample = drain(render_geometry(stage.scene, folder / "passes.exr"))
    alone = drain(see_alone(stage, CAMERA, posed, folder / "alone.exr"))
    return View(None, CAMERA, sample, posed, alone)  # type: ignore[arg-type]


def check(view: View) -> None:
    """The masks fit each other, and each pixel of the visible one has a depth on the object's surface."""
    visible = view.seen.ids == OBJECT_ID
    whole = silhouette(view.posed, CAMERA)
    assert (view.amodal & ~whole).sum() <= 2 and (visible != view.amodal).sum() <= 2
    rows, columns = np.nonzero(visible)
    depth = view.seen.depth[rows, columns].astype(np.float64)
    points = CAMERA.unproject(np.column_stack([columns, rows]) + 0.5, depth)
    assert view.posed.distance(points).max() < 0.001


WHOLE: dict[str, Callable[[Path], Path]] = {
    "d 0.498": lambda f: clear.obj(f, "d 0.498"),
    "d 0.3": lambda f: clear.obj(f, "d 0.3"),
    "Tr 0.5": lambda f: clear.obj(f, "Tr 0.5"),
    "d 0.1": lambda f: clear.obj(f, "d 0.1"),
    "map_d of one grey": lambda f: clear.obj(f, "map_d skin.png", Image.new("L", (8, 8), 100)),
    "glTF BLEND factor": lambda f: clear.glb(f, {"alphaMode": "BLEND", "pbrMetallicRoughness": {"baseColorFactor": [1, 0, 0, 0.4]}}),
    "glTF BLEND texture": lambda f: clear.glb(f, {"alphaMode": "BLEND"}, clear.bars(110, 110)),
    "frosted glass": lambda f: clear.glb(f, {"extensions": GLASS, "pbrMetallicRoughness": {"metallicFactor": 0, "roughnessFactor": 0.4}}),
}  # fmt: skip
if bpy.app.build_options.usd:
    WHOLE["USD opacity"] = lambda f: clear.usda(f, 0.35)


@pytest.mark.parametrize("make", WHOLE.values(), ids=WHOLE.keys())
def test_what_is_half_transparent_is_whole_and_told(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    stage = opened(tmp_path, lambda: None)
    drain(stage.load_object(make(tmp_path / "thing")))
    view = seen(stage, tmp_path)
    check(view)
    assert (view.amodal != silhouette(view.posed, CAMERA)).sum() <= 2
    assert view.transparent_share > 0.5
    stage.close()
    assert "object alone" not in bpy.data.scenes and not bpy.data.cameras


def _sixteen_bits(grey: Image.Image) -> Image.Image:
    return Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)


CUT_OUT: dict[str, Callable[[Path], Path]] = {
    "grey map_d": lambda f: clear.obj(f, "map_d skin.png", clear.bars().getchannel("A")),
    "map_d of 16 bits": lambda f: clear.obj(f, "map_d skin.png", _sixteen_bits(clear.bars().getchannel("A"))),
    "map_d with alpha": lambda f: clear.obj(f, "map_Kd skin.png\nmap_d skin.png", clear.bars()),
    "MASK": lambda f: clear.glb(f, CUT, clear.bars()),
    "MASK of soft alpha": lambda f: clear.glb(f, {**CUT, "alphaCutoff": 0.3}, clear.bars(200, 60)),
    "BLEND": lambda f: clear.glb(f, {"alphaMode": "BLEND"}, clear.bars()),
}


@pytest.mark.parametrize("make", CUT_OUT.values(), ids=CUT_OUT.keys())
def test_the_holes_of_a_cut_out_are_no_object(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    stage = opened(tmp_path, lambda: None)
    drain(stage.load_object(make(tmp_path / "thing")))
    view = seen(stage, tmp_path)
    check(view)
    share = view.amodal.sum() / silhouette(view.posed, CAMERA).sum()
    assert 0.6 < share < 0.95, "the bars behind fill a part of the gaps"
    assert view.transparent_share < 0.1
    stage.close()


def test_an_opaque_object_is_seen_without_a_further_render(tmp_path: Path) -> None:
    stage = opened(tmp_path, lambda: None)
    for path in (
        clear.obj(tmp_path / "a", "d 1"),
        clear.glb(tmp_path / "b", {}, clear.bars()),  # its alpha is not used: glTF's OPAQUE
    ):
        drain(stage.load_object(path))
        assert stage.alone is None and seen(stage, tmp_path).transparent_share == 0.0
    stage.close()


@pytest.mark.parametrize("nodes", [clear.half_clear, clear.in_a_group])
def test_nodes_and_the_opacity_of_the_configuration(tmp_path: Path, nodes) -> None:
    stage = opened(tmp_path, lambda: None)
    solid = clear.obj(tmp_path / "thing", "d 1")
    drain(stage.load_object(solid, 0.4))
    view = seen(stage, tmp_path)
    check(view)
    assert view.transparent_share > 0.9
    drain(stage.load_object(solid, 0.0))
    view = seen(stage, tmp_path)
    assert view.transparent_share == 1.0 and not view.amodal.any() and not (view.seen.ids == OBJECT_ID).any()
    stage.close()


@pytest.mark.parametrize("nodes", [clear.half_clear, clear.in_a_group])
def test_a_curtain_before_the_object_has_one_depth(tmp_path: Path, nodes) -> None:
    """What covers the object half is what is seen there: no specks of both."""

    def build() -> None:
        curtain = add("curtain", box((-0.4, -0.4, 0.0), (0.4, -0.399, 0.5)))
        curtain.data.materials.append(clear.material(nodes))

    stage = opened(tmp_path, build)
    drain(stage.load_object(clear.obj(tmp_path / "thing", "d 1")))
    view = seen(stage, tmp_path)
    curtain = view.seen.ids == stage.room["curtain"].number
    assert (curtain != silhouette(stage.room["curtain"], CAMERA)).sum() <= 2
    stage.close()


@pytest.mark.parametrize("opacity", [0.0, 0.02, 0.04])
def test_a_pane_that_nobody_sees_leaves_no_specks(tmp_path: Path, opacity: float) -> None:
    """Of less than 5 %: neither a pane before the object nor the object itself."""

    def build() -> None:
        pane = add("pane", box((-0.4, -0.4, 0.0), (0.4, -0.399, 0.5)))
        pane.data.materials.append(clear.material(lambda tree: clear.half_clear(tree, opacity)))

    stage = opened(tmp_path, build)
    drain(stage.load_object(clear.obj(tmp_path / "thing", "d 1")))
    view = seen(stage, tmp_path)
    check(view)
    assert not (view.seen.ids == stage.room["pane"].number).any() and not stage.scene.objects["pane"].hide_render
    drain(stage.load_object(clear.obj(tmp_path / "other", f"d {opacity}")))
    view = seen(stage, tmp_path)
    assert not (view.seen.ids == OBJECT_ID).any() and not view.amodal.any() and view.transparent_share == 1.0
    stage.close()


def test_frames_are_proved_and_tell_the_share(project: Project) -> None:
    clear.obj(project.root / "Clear" / "half", "d 0.498")
    clear.glb(project.root / "Clear" / "crate", CUT, clear.bars())
    clear.glb(project.root / "Clear" / "glass", {"extensions": GLASS, "alphaMode": "OPAQUE"})
    (project.root / "objects.yaml").unlink()
    names = ("half", "crate", "glass")
    lines = "".join(f"  {name}: {{obj_scale: 1.5, scene: mini}}\n" for name in names)
    (project.root / "objects.yaml").write_text(f"dataset: Clear\nobjects:\n{lines}")
    events = run(project.argv("--num_rand_scenes", "1"))
    assert failures(events) == []
    layout = ResultsLayout(project.results)
    for name in names:
        vid = VideoId(ObjectId("Clear", name), "dummy", "mini", 1)
        record = read_json(layout.manifest(vid))
        assert record["proof"]["proved"], (name, record["proof"])
        numbers = {check["name"]: check for check in record["measurements"]}
        assert numbers["object_visible_share"]["value"] > 0.95, name  # of the crate's bottom the table is seen
        assert numbers["depth_object_share"]["value"] > 0.99
        whole, visible = read_mask(layout.object_mask(vid)), read_mask(layout.object_visible_mask(vid))
        assert visible.sum() > 40 and (whole != visible).sum() <= 0.05 * whole.sum()
        assert (read_depth_exr(layout.depth_exr(vid))[visible] > 0).all()
        told = [r for r in record["reasons"] if r.startswith("the object is transparent: ")]
        assert bool(told) == (name != "crate") and (not told or numbers["object_transparent"]["level"] == "warn")
