# SPDX-License-Identifier: GPL-3.0-or-later
"""A placement stands on the support that the object was settled on, or it is drawn again."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from grail_addon.core.errors import UserError  # noqa: E402
from grail_addon.core.pose import Pose  # noqa: E402
from grail_addon.core.settle.rest import RestPose, as_configured  # noqa: E402
from grail_addon.core.variant.draw import PlacementDraw  # noqa: E402
from grail_addon.drivers.blocking import drain  # noqa: E402
from grail_addon.stage.room.placement import Misfit, Placed, place, place_variant  # noqa: E402
from grail_addon.stage.room.scene import Stage  # noqa: E402
from tests.render.conftest import write_scene  # noqa: E402
from tests.stage.shapes import box, obj_text  # noqa: E402

pytestmark = [pytest.mark.bpy, pytest.mark.usefixtures("empty_file")]

STATIC = SimpleNamespace(
    name="shelf.obj", pos=(1.5, -1.5, 0.28), rot=(0.0, 0.0, 0.0), scale=(1.0, 1.0, 1.0), opacity=1.0
)
DRAW = PlacementDraw(
    obj_offset=(0.0, 0.0, 0.0),
    obj_turn_deg=(0.0, 0.0, 0.0),
    character_position=(-2.0, 2.0, 0.0),
    character_turn_deg=(0.0, 0.0, 0.0),
    static_offsets={"shelf": (0.0, 0.0, 0.0)},
)


@pytest.fixture
def room(tmp_path: Path):
    """The small room: table top at 0.6 within 0.3 x 0.45 m; beside it a shelf with boards at 0.3 and 0.7."""
    write_scene(tmp_path / "mini.blend")
    (tmp_path / "model.obj").write_text(obj_text(box((-0.05, -0.03, -0.02), (0.05, 0.03, 0.02))))
    boards = [box((-0.3, -0.3, z), (0.3, 0.3 if z < 0.5 else 0.0, z + 0.02)) for z in (0.28, 0.68)]
    (tmp_path / "shelf.obj").write_text(
        "\n".join(f"o board{k}\n" + _shifted(obj_text(board), 8 * k) for k, board in enumerate(boards))
    )
    (tmp_path / "dummy.obj").write_text(obj_text(box((-0.1, -0.1, 0.0), (0.1, 0.1, 1.3))))
    stage = Stage(tmp_path / "mini.blend")
    person = drain(stage.add_person(tmp_path / "dummy.obj", "dummy", None, tmp_path))
    drain(stage.add_static("shelf", tmp_path / "shelf.obj", Pose(np.eye(3), np.array(STATIC.pos), np.ones(3)), 1.0))
    drain(stage.load_object(tmp_path / "model.obj"))
    yield stage, person
    stage.close()


def _shifted(text: str, by: int) -> str:
    lines = []
    for line in text.splitlines():
        if line.startswith("f "):
            line = "f " + " ".join(str(int(corner.split("/")[0]) + by) for corner in line.split()[1:])
        lines.append(line)
    return "\n".join(lines)


def settings(**changes: object) -> SimpleNamespace:
    base = {
        "obj_pos": (0.0, 0.0, 0.6),
        "static_objects": {"shelf": STATIC},
        "gaze": "ahead",
        "character_scale": (1.0, 1.0, 1.0),
    }
    return SimpleNamespace(**{**base, **changes})


def rest(stage: Stage, verdict: dict[str, object] | None) -> RestPose:
    return replace(as_configured(stage.imported.mesh, (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)), verdict=verdict)


ON_TABLE = {"support_name": "table", "support_height": 0.6}
ON_BOARD = {"support_name": "shelf", "support_height": 0.3}


@pytest.mark.parametrize("verdict", [ON_TABLE, None])
@pytest.mark.parametrize(
    ("offset", "fits"), [((0.2, 0.3, 0.0), True), ((0.5, 0.0, 0.0), False), ((0.0, -0.6, 0.0), False)]
)
def test_beside_the_table_is_no_place(room, verdict, offset, fits: bool) -> None:
    stage, person = room
    found = drain(place(stage, person, settings(), replace(DRAW, obj_offset=offset), rest(stage, verdict)))
    if fits:
        assert isinstance(found, Placed) and found.support == "table"
        assert found.support_offset == pytest.approx(0.0, abs=1e-6)
    else:
        assert isinstance(found, Misfit)
        assert found.reason == "the object would stand on floor at z 0.00 instead of table at z 0.60"


def test_another_board_of_the_same_shelf_is_no_place(room) -> None:
    stage, person = room
    given = settings(obj_pos=(1.5, -1.35, 0.3))
    assert isinstance(drain(place(stage, person, given, DRAW, rest(stage, ON_BOARD))), Placed)
    there = replace(DRAW, obj_offset=(0.0, -0.3, 0.0))
    given = settings(obj_pos=(1.5, -1.35, 0.55))  # looked for high enough to find the upper board, too
    found = drain(place(stage, person, given, there, rest(stage, ON_BOARD)))
    assert isinstance(found, Misfit) and "instead of shelf at z 0.30" in found.reason


@pytest.mark.parametrize("verdict", [ON_BOARD, None])
def test_a_support_that_moves_takes_the_object_along(room, verdict) -> None:
    stage, person = room
    given = settings(obj_pos=(1.5, -1.35, 0.3))
    moved = replace(DRAW, static_offsets={"shelf": (0.2, 0.0, 0.1)}, obj_offset=(0.2, 0.0, 0.0))
    found = drain(place(stage, person, given, moved, rest(stage, verdict)))
    assert isinstance(found, Placed) and found.support == "shelf"
    assert found.support_offset == pytest.approx(0.0, abs=1e-6)
    gone = replace(DRAW, static_offsets={"shelf": (-1.2, 0.0, 0.0)})
    found = drain(place(stage, person, given, gone, rest(stage, verdict)))
    assert isinstance(found, Misfit) and "stand on floor" in found.reason


def test_drawn_again_until_it_stands_on_the_table(room) -> None:
    stage, person = room
    offsets = [(0.5, 0.0, 0.0), (0.0, 0.6, 0.0), (0.1, 0.1, 0.0)]

    def draw(attempt: int):
        return SimpleNamespace(placement=replace(DRAW, obj_offset=offsets[attempt]), number=attempt)

    variant, placed = drain(place_variant(stage, person, settings(), draw, rest(stage, ON_TABLE)))
    assert variant.number == 2 and placed.support == "table"


def test_where_nothing_is_random_both_names_are_told(room) -> None:
    stage, person = room
    fixed: Callable[[int], SimpleNamespace] = lambda attempt: SimpleNamespace(  # noqa: E731
        placement=replace(DRAW, obj_offset=(0.5, 0.0, 0.0))
    )
    with pytest.raises(UserError, match=r"on floor at z 0\.00 instead of table at z 0\.60 \(as placed\)"):
        drain(place_variant(stage, person, settings(), fixed, rest(stage, ON_TABLE)))


def test_a_support_at_another_height_than_configured_is_measured(room) -> None:
    stage, person = room
    found = drain(place(stage, person, settings(obj_pos=(0.0, 0.0, 0.48)), DRAW, rest(stage, None)))
    assert isinstance(found, Placed) and found.support == "table"
    assert found.support_offset == pytest.approx(0.12, abs=1e-6)


def test_another_table_of_the_variant_is_stood_on(room) -> None:
    """`scene_variety: high` shows another table than the one that the object was settled on, at its own height."""
    stage, person = room
    on_other = {"support_name": "table_round", "support_height": 0.57}
    found = drain(place(stage, person, settings(), DRAW, rest(stage, on_other)))
    assert isinstance(found, Placed), found
    assert found.support == "table"
    assert found.object_mesh.world.bounds[0][2] == pytest.approx(0.6, abs=1e-4)
    # beside that table it still does not go down to the floor
    aside = replace(DRAW, obj_offset=(0.9, 0.0, 0.0))
    assert isinstance(drain(place(stage, person, settings(), aside, rest(stage, on_other))), Misfit)


@pytest.fixture
def slope(tmp_path: Path):
    """A floor with a table that leans by 8 degrees about x, and a block with as much lean on it, as settled."""
    write_scene(tmp_path / "mini.blend")
    with bpy.data.libraries.load(str(tmp_path / "mini.blend")) as (there, here):
        here.scenes = list(there.scenes)
    (scene,) = here.scenes
    scene.objects["table"].rotation_euler[0] = math.radians(8.0)
    for layer in scene.view_layers:
        layer.update()
    bpy.data.libraries.write(str(tmp_path / "lean.blend"), {scene})
    bpy.ops.wm.read_factory_settings(use_empty=True)
    (tmp_path / "model.obj").write_text(obj_text(box((-0.1, -0.06, -0.04), (0.1, 0.06, 0.04))))
    (tmp_path / "dummy.obj").write_text(obj_text(box((-0.1, -0.1, 0.0), (0.1, 0.1, 1.3))))
    stage = Stage(tmp_path / "lean.blend")
    person = drain(stage.add_person(tmp_path / "dummy.obj", "dummy", None, tmp_path))
    drain(stage.load_object(tmp_path / "model.obj"))
    lean = as_configured(stage.imported.mesh, (1.0, 1.0, 1.0), (8.0, 0.0, 0.0))
    up = np.array([0.0, 0.0, 0.04 / math.cos(math.radians(8.0))])
    yield stage, person, replace(lean, translation=up, flat=False)
    stage.close()


@pytest.mark.parametrize(
    ("offset", "turn", "reason"),
    [
        ((0.0, 0.0, 0.0), 0.0, ""),
        ((0.1, 0.15, 0.0), 0.0, ""),
        ((0.0, 0.0, 0.0), 180.0, "the object, as it was settled, would cut into table where that is uneven"),
        ((0.1, 0.0, 0.0), 90.0, "the object, as it was settled, would cut into table where that is uneven"),
    ],
)
def test_on_a_slope_an_object_fits_as_it_was_settled(slope, offset, turn: float, reason: str) -> None:
    stage, person, leaning = slope
    draw = replace(DRAW, obj_offset=offset, obj_turn_deg=(0.0, 0.0, turn))
    found = drain(place(stage, person, settings(static_objects={}), draw, leaning))
    assert getattr(found, "reason", "") == reason
