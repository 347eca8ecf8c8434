# SPDX-License-Identifier: GPL-3.0-or-later
"""Poses of the library, poses of a file and gaze, on rigs of every known family and on the starter person."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from grail_addon.core.errors import InputError, UserError  # noqa: E402
from grail_addon.core.variant.poses import LIBRARY, POSES, SIDES, outwards  # noqa: E402
from grail_addon.drivers.blocking import drain  # noqa: E402
from grail_addon.stage.person.person import Person  # noqa: E402
from grail_addon.stage.person.poser import AS_LOADED, Posture  # noqa: E402
from tests.stage import import_samples as samples  # noqa: E402
from tests.stage.rigs import FAMILIES, t_figure  # noqa: E402

pytestmark = [pytest.mark.bpy, pytest.mark.usefixtures("empty_file")]

HERE = ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
THERE = ((1.0, -2.0, 0.5), (0.0, 0.0, 130.0), (1.1, 1.1, 1.1))


def person_of(path: Path, pose: Path | None = None) -> Person:
    samples.fresh()
    return samples.import_person(path, pose)


def save(path: Path) -> Path:
    bpy.ops.wm.save_as_mainfile(filepath=str(path), check_existing=False)
    return path


@pytest.fixture
def figure(tmp_path: Path) -> Callable[..., Path]:
    def make(family: str = "unreal", factor: float = 1.0) -> Path:
        t_figure(FAMILIES[family], factor)
        return save(tmp_path / "figure.blend")

    return make


def assume(person: Person, posture: Posture) -> None:
    drain(person.assume(posture))


def look(person: Person, target: tuple[float, ...], stands: tuple = HERE) -> None:
    drain(person.look_at(np.array(target), *stands))


def direction(person: Person, start: str, end: str) -> np.ndarray:
    found = person.joints(*HERE)
    along = found[end] - found[start]
    return along / np.linalg.norm(along)


@pytest.mark.parametrize("family", list(FAMILIES))
def test_every_family_takes_every_pose(family: str, figure: Callable[..., Path]) -> None:
    factor = 100.0 if family == "renderpeople" else 1.0  # such files are in centimetres
    person = person_of(figure(family, factor))
    assert not any("not known" in note for note in person.notes)
    for name in POSES:
        assume(person, Posture(name))
        parts = person.part_points(*HERE)
        for side in SIDES:
            arm = LIBRARY[name].arms[side]
            assert direction(person, f"{side}_shoulder", f"{side}_elbow") == pytest.approx(
                outwards(side, arm.upper), abs=1e-4
            )
            assert direction(person, f"{side}_elbow", f"{side}_wrist") == pytest.approx(
                outwards(side, arm.fore), abs=1e-4
            )
            assert abs(parts[f"{side}_foot"][:, 2].min()) < 1e-4, "a sole is off the ground"  # type: ignore[index]
        assert abs(person.place(*HERE).world.bounds[0][2]) < 1e-6


def test_a_posture_is_taken_back_to_the_last_bit(figure: Callable[..., Path]) -> None:
    person = person_of(figure())
    before = person.place(*HERE).world.vertices.copy()
    joints = dict(person.joints(*HERE))
    assume(person, Posture("hands_ready", mirrored=True))
    look(person, (0.4, -1.0, 0.6))
    assert np.abs(person.place(*HERE).world.vertices - before).max() > 0.1
    assume(person, AS_LOADED)
    assert (person.place(*HERE).world.vertices == before).all()
    assert all((person.joints(*HERE)[name] == point).all() for name, point in joints.items())
    assert person.gaze is None and person.face_forward(HERE[1]) == pytest.approx([0, -1, 0])


def eye_directions(person: Person) -> list[tuple[np.ndarray, np.ndarray]]:
    """(centre, direction) of both eye bones in the world, as Blender has them."""
    rig = person._handle.armature.block  # type: ignore[union-attr]
    bpy.context.view_layer.update()
    now = rig.evaluated_get(bpy.context.view_layer.depsgraph)
    found = []
    for bone in (b for b in now.pose.bones if "eye" in b.name.lower()):
        head, tail = (np.array(now.matrix_world @ end) for end in (bone.head, bone.tail))
        found.append((head, (tail - head) / np.linalg.norm(tail - head)))
    return found


@pytest.mark.parametrize("family", list(FAMILIES))
def test_both_eyes_meet_what_is_looked_at(family: str, figure: Callable[..., Path]) -> None:
    person = person_of(figure(family))
    for posture in (AS_LOADED, Posture("relaxed")):
        assume(person, posture)
        for target in ((0.2, -0.8, 0.7), (-0.5, -0.7, 1.1), (0.0, -2.0, 1.5)):
            look(person, target)
            person.place(*HERE)
            for centre, sight in eye_directions(person):
                wanted = np.array(target) - centre
                assert sight @ wanted / np.linalg.norm(wanted) > np.cos(np.radians(0.3)), (target, person.gaze)
            assert person.gaze is not None and person.gaze["off"] < 0.3


def test_the_gaze_follows_the_place_of_the_person(figure: Callable[..., Path]) -> None:
    person = person_of(figure())
    body = person.place(*THERE).world
    target = np.array(THERE[0]) + [0.0, 0.0, 0.7] + 0.8 * person.face_forward(THERE[1])
    look(person, tuple(target), THERE)
    person.place(*THERE)
    for centre, sight in eye_directions(person):
        wanted = target - centre
        assert sight @ wanted / np.linalg.norm(wanted) > np.cos(np.radians(0.3))
    assert body.bounds[0][2] == pytest.approx(person.place(*THERE).world.bounds[0][2], abs=1e-6)


def test_what_lies_behind_is_looked_for_as_far_as_the_neck_goes(figure: Callable[..., Path]) -> None:
    person = person_of(figure())
    look(person, (0.0, 3.0, 1.0))
    assert person.gaze is not None and person.gaze["off"] > 60 and abs(person.gaze["head_yaw"]) <= 60


def test_an_unknown_rig_is_said_in_a_sentence(tmp_path: Path) -> None:
    t_figure({role: f"bone{n}_{{s}}" for n, role in enumerate(FAMILIES["unreal"])})
    person = person_of(save(tmp_path / "odd.blend"))
    assert any(n.startswith("odd.blend: this rig is not known (bones bone0_{s}, bone1_{s}, ") for n in person.notes)
    with pytest.raises(
        UserError, match=r"rig of odd is not known: no bone is named like left_upper_arm, .*it has bone0"
    ):
        assume(person, Posture("relaxed"))
    look(person, (0.0, -1.0, 1.0))
    assert person.gaze is None


def test_a_person_without_bones_cannot_be_posed(tmp_path: Path) -> None:
    rig, body = t_figure(FAMILIES["unreal"])
    body.modifiers.clear()
    body.parent = None
    bpy.data.objects.remove(rig)
    person = person_of(save(tmp_path / "statue.blend"))
    with pytest.raises(UserError, match=r"statue has no bones to pose\. Set character_pose: file"):
        assume(person, Posture("relaxed"))


def test_a_bone_that_is_held_is_said(tmp_path: Path) -> None:
    rig, _ = t_figure(FAMILIES["unreal"])
    held = bpy.data.objects.new("handle", None)
    bpy.context.scene.collection.objects.link(held)
    constraint = rig.pose.bones["head"].constraints.new("COPY_ROTATION")
    constraint.target = held
    person = person_of(save(tmp_path / "held.blend"))
    with pytest.raises(UserError, match=r"bone head of held does not turn: .*Set gaze: ahead"):
        look(person, (0.5, -0.8, 0.7))


def quaternions(path: Path, **arrays: object) -> Path:
    np.savez(path, **arrays)  # type: ignore[arg-type]
    return path


BENT = (np.cos(0.3), np.sin(0.3), 0.0, 0.0)
STRAIGHT = (1.0, 0.0, 0.0, 0.0)


def test_poses_of_an_npz(figure: Callable[..., Path], tmp_path: Path) -> None:
    path = figure()
    names = np.array(["forearm_none", "lowerarm_l", "calf_l"])[1:]
    one = quaternions(tmp_path / "one.npz", bone_names=names, quaternions=np.array([BENT, STRAIGHT]))
    two = quaternions(
        tmp_path / "two.npz", bone_names=names, quaternions=np.array([[STRAIGHT, BENT], [BENT, STRAIGHT]])
    )
    alone, several = person_of(path, one), person_of(path, two)
    assert (alone.pose_count, several.pose_count) == (1, 2)
    alone = person_of(path, one)
    wanted = alone.place(*HERE).world.vertices.copy()
    several = person_of(path, two)
    first = several.place(*HERE).world.vertices.copy()
    assume(several, Posture(number=1))
    assert np.abs(several.place(*HERE).world.vertices - wanted).max() < 1e-5
    assert abs(several.place(*HERE).world.bounds[0][2]) < 1e-6
    assume(several, AS_LOADED)
    assert (several.place(*HERE).world.vertices == first).all()


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ({"bone_names": np.array(["head"])}, "should hold quaternions; it holds bone_names"),
        ({"bone_names": np.array(["head"], dtype=object), "quaternions": np.array([BENT])}, "Python objects"),
        ({"bone_names": np.array(["head"]), "quaternions": np.zeros((1, 4))}, "length 1"),
        ({"bone_names": np.array(["head"]), "quaternions": np.array([[np.nan] * 4])}, "length 1"),
        ({"bone_names": np.array(["head"]), "quaternions": np.zeros((2, 4))}, r"\(B, 4\) or \(P, B, 4\)"),
        ({"bone_names": np.array(["haed"]), "quaternions": np.array([BENT])}, "no bone haed. Did you mean head"),
    ],
)
def test_a_wrong_npz_is_said(
    arrays: dict[str, np.ndarray], sentence: str, figure: Callable[..., Path], tmp_path: Path
) -> None:
    path = figure()
    with pytest.raises(InputError, match=sentence):
        person_of(path, quaternions(tmp_path / "wrong.npz", **arrays))
    (tmp_path / "text.npz").write_text("no zip")
    with pytest.raises(InputError, match=r"it is no \.npz"):
        person_of(path, tmp_path / "text.npz")
