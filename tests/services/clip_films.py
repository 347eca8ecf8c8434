# SPDX-License-Identifier: GPL-3.0-or-later
"""Clips of the stage of boxes, good ones and ones that go wrong in one way: a person, an object, a camera, all animated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.gate_stage_boxes import OBJECT, PERSON, Box, Stage, _cut, box, camera_of, person

FPS, FRAMES, STEP = 24, 121, 12
"""A new picture every STEP frames."""

Script = Callable[[Stage, float], Stage]
"""(the stage at the start, how far the clip is: 0..1) -> the stage then."""


@dataclass(frozen=True)
class Film:
    """script: what happens; start: what the conditioning frame shows. words: part of the reason that is expected; empty for
    a clip that is good. spoil: changes finished pictures (rgb, phase)."""

    name: str
    script: Script
    words: str = ""
    start: Stage = field(default_factory=lambda: Stage(height=216))
    spoil: Callable[[NDArray[np.float64], float], NDArray[np.float64]] | None = None


def picture(stage: Stage) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """(rgb 0..255, ids) of a stage, with a pattern on every surface that moves along with it."""
    camera = camera_of(stage).camera
    v, u = np.mgrid[0 : camera.height, 0 : camera.width] + 0.5
    k = camera.K
    local = np.stack([(u - k[0, 2]) / k[0, 0], -(v - k[1, 2]) / k[1, 1], -np.ones_like(u)], axis=2)
    rays = local @ camera.rotation.T
    boxes = [*stage.things.values(), *stage.body.values(), stage.thing]
    depth, index = np.full(rays.shape[:2], np.inf), np.full(rays.shape[:2], -1)
    for number, one in enumerate(boxes):
        pixels, far = camera.project(one.corners())
        low, high = np.zeros(2, int), np.array([camera.width, camera.height])
        if (far > 0.05).all():  # only where the box can be seen
            low = np.clip(np.floor(pixels.min(axis=0)).astype(int), 0, high)
            high = np.clip(np.ceil(pixels.max(axis=0)).astype(int) + 1, 0, high)
        where = np.s_[low[1] : high[1], low[0] : high[0]]
        if rays[where].size == 0:
            continue
        near, hit = _cut([one], camera.position, rays[where])
        closer = (hit == 0) & (near < depth[where])
        depth[where][closer], index[where][closer] = near[closer], number
    hit = camera.position + rays * np.where(np.isfinite(depth), depth, 0)[:, :, None]
    lows = np.array([b.low for b in boxes] + [(0, 0, 0)])[index]
    colours = np.array([b.colour for b in boxes] + [(0.8, 0.85, 0.9)])[index]
    return colours * _pattern(hit - lows, index)[:, :, None] * 255, np.array([b.id for b in boxes] + [0])[index]


def _pattern(places: NDArray[np.float64], index: NDArray[np.int64]) -> NDArray[np.float64]:
    """Brightness 0.7..1.2 by two sizes of blocks on a surface."""
    result = np.full(index.shape, 0.75)
    for size, share in ((0.35, 0.25), (0.11, 0.2)):
        cell = np.floor(places / size + 1e-4)
        noise = np.sin(cell @ np.array([12.9898, 78.233, 37.719]) + index * 4.1) * 43758.5453
        result += share * (noise - np.floor(noise))
    return result


def make(film: Film, folder: Path) -> tuple[Path, Path, Path, Path]:
    """(conditioning frame, person mask, object mask, clip) of a film, as files."""
    frame, ids = picture(film.start)
    files = tuple(folder / name for name in ("frame.png", "person.png", "object.png", "clip.mp4"))
    Image.fromarray(np.clip(frame, 0, 255).astype(np.uint8)).save(files[0])
    for path, number in zip(files[1:3], (PERSON, OBJECT), strict=True):
        Image.fromarray(((ids == number) * 255).astype(np.uint8)).save(path)
    noises = np.random.default_rng(7).normal(scale=film.start.noise, size=(5, *frame.shape))
    with av.open(str(files[3]), "w") as out:
        stream = out.add_stream("libx264", rate=FPS, options={"preset": "ultrafast", "crf": "21"})
        stream.width, stream.height, stream.pix_fmt = frame.shape[1], frame.shape[0], "yuv420p"
        shown = frame
        for number in range(FRAMES):
            phase = number / (FRAMES - 1)
            if number % STEP == 0:
                shown = picture(film.script(film.start, phase))[0]
                shown = shown if film.spoil is None else film.spoil(shown, phase)
            noisy = np.clip(shown + noises[number % 5], 0, 255).astype(np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(noisy, format="rgb24")))
        out.mux(stream.encode())
    return files[0], files[1], files[2], files[3]


# ---------------------------------------------------------------- what may happen


def ease(phase: float, start: float, end: float) -> float:
    return float(np.clip((phase - start) / (end - start), 0, 1))


def hands(stage: Stage, reach: float, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Stage:
    """Both hands at the object by `reach` 0..1, and moved with it."""
    body, target = dict(stage.body), np.add(stage.thing.low, stage.thing.high) / 2
    for side, sign in (("left", 1), ("right", -1)):
        hand, arm = body[f"{side}_hand"], body[f"{side}_arm"]
        at = np.add(hand.low, hand.high) / 2
        goal = target + np.array([0.0, sign * 0.07, 0.0])
        shift = (goal - at) * reach + (x, y, z)
        body[f"{side}_hand"] = hand.moved(*shift)
        body[f"{side}_arm"] = box(
            f"{side}_arm",
            np.add(arm.low, arm.high) / 2 + shift * 0.5,
            (0.08 + abs(shift[0]) * 0.8, 0.08, 0.4 - 0.2 * reach),
            PERSON,
            arm.colour,
        )
    return replace(stage, body=body)


def handled(x: float = 0.0, y: float = 0.0, z: float = 0.0, back: bool = False) -> Script:
    """The hands take the object and move it by (x, y, z) metres; back: and put it where it was."""

    def script(stage: Stage, phase: float) -> Stage:
        share = ease(phase, 0.3, 0.6) - (ease(phase, 0.7, 0.95) if back else 0.0)
        moved = hands(stage, ease(phase, 0.0, 0.3), x * share, y * share, z * share)
        return replace(moved, thing=stage.thing.moved(x * share, y * share, z * share))

    return script


def whole_person(stage: Stage, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Stage:
    return replace(stage, body={name: part.moved(x, y, z) for name, part in stage.body.items()})


def then(*scripts: Script) -> Script:
    """All at once, one after another applied; each but the first is given what the one before made of the stage."""

    def script(stage: Stage, phase: float) -> Stage:
        for one in scripts:
            stage = one(stage, phase)
        return stage

    return script


def still(stage: Stage, phase: float) -> Stage:
    return stage


def camera(**path: Callable[[Stage, float], float]) -> Script:
    return lambda stage, phase: replace(stage, **{name: value(stage, phase) for name, value in path.items()})


def other_person(colour: tuple[float, float, float] | None, x: float, y: float) -> Script:
    """Someone walks in from the side to (x, y) and stays."""

    def script(stage: Stage, phase: float) -> Stage:
        share = ease(phase, 0.3, 0.7)
        if share == 0.0:
            return stage
        someone = person(x + 2.2 * (1 - share), y)
        parts = {f"other {n}": p if colour is None else replace(p, colour=colour) for n, p in someone.items()}
        return stage.with_things(**parts)

    return script


def without_object(since: float) -> Script:
    return lambda stage, phase: replace(stage, thing=stage.thing.moved(z=-50)) if phase >= since else stage


def object_as(thing: Callable[[Box], Box]) -> Script:
    return lambda stage, phase: replace(stage, thing=thing(stage.thing))


def larger(one: Box) -> Box:
    size = np.subtract(one.high, one.low) * 1.6
    return replace(box(one.name, np.add(one.low, one.high) / 2 + (0, 0, size[2] * 0.18), size, OBJECT, one.colour))


LIFT = handled(z=0.25)
CHAIR = box("chair", (-0.35, 0.6, 0.22), (0.42, 0.42, 0.44), OBJECT, (0.7, 0.2, 0.15))
SITTING = Stage(height=216, task="sitting", thing=CHAIR, body=person(0.05, 0.35), target=(-0.1, 0.3, 0.6))
STAIRS = box("stairs", (-0.9, 0.7, 0.15), (0.9, 0.7, 0.3), OBJECT, (0.35, 0.55, 0.35))
CLIMBING = Stage(
    height=216, task="terrain_stairs", thing=STAIRS, body=person(-1.75, 0.7), target=(-0.9, 0.4, 0.6), radius=4.2
)
GROUND = Stage(
    height=216,
    task="pickup_ground",
    thing=box("bag", (-0.1, -0.75, 0.12), (0.22, 0.16, 0.24), OBJECT, (0.75, 0.15, 0.45)),
    body=person(-0.55, -0.75),
    target=(-0.3, -0.4, 0.6),
)
GREEN = Stage(
    height=216, task="pickup_table", thing=box("can", (0.0, 0.05, 0.70), (0.12, 0.12, 0.2), OBJECT, (0.1, 0.65, 0.3))
)


def sit_down(stage: Stage, phase: float) -> Stage:
    return whole_person(
        stage, x=-0.22 * ease(phase, 0.1, 0.5), y=0.1 * ease(phase, 0.1, 0.5), z=-0.25 * ease(phase, 0.3, 0.7)
    )


def climb(stage: Stage, phase: float) -> Stage:
    return whole_person(stage, x=0.75 * phase, z=0.3 * ease(phase, 0.3, 0.6))


def slides(x: float) -> Script:
    return lambda stage, phase: replace(stage, thing=stage.thing.moved(x=x * ease(phase, 0.2, 0.7)))


def walks_out(stage: Stage, phase: float) -> Stage:
    return whole_person(stage, x=-3.5 * ease(phase, 0.5, 0.85), y=-2.0 * ease(phase, 0.5, 0.85))


def flicker(shown: NDArray[np.float64], phase: float) -> NDArray[np.float64]:
    return shown * (1.0 + 0.07 * np.sin(phase * 19))


FILMS = (
    Film("lift", LIFT),
    Film("push along the table", handled(y=0.28)),
    Film("pull", handled(x=0.16, y=-0.2)),
    Film("lift and put back", handled(z=0.25, back=True)),
    Film("lift high", handled(z=0.4)),
    Film("lift while the light flickers", LIFT, spoil=flicker),
    Film("lift in a noisy clip", LIFT, start=Stage(height=216, noise=5.0)),
    Film("lift from another side", LIFT, start=Stage(height=216, azimuth=-110.0)),
    Film("lift seen from above", LIFT, start=Stage(height=216, elevation=28.0)),
    Film("can from the table", handled(z=0.3), start=GREEN),
    Film("can carried along", then(handled(y=-0.3, z=0.1)), start=GREEN),
    Film("bag from the ground", handled(z=0.35), start=GROUND),
    Film("sits down", sit_down, start=SITTING),
    Film("climbs", climb, start=CLIMBING),
    Film("person steps aside with the object", then(handled(y=0.25, z=0.1), lambda s, p: whole_person(s, y=0.12 * ease(p, 0.4, 0.8)))),
    Film("camera pans", then(LIFT, camera(azimuth=lambda s, p: s.azimuth + 6 * p)), "camera moves"),
    Film("camera zooms", then(LIFT, camera(radius=lambda s, p: s.radius * (1 - 0.08 * p))), "camera moves"),
    Film("camera drifts", then(LIFT, camera(aim_shift=lambda s, p: (0.1 * p, 0.0))), "camera moves"),
    Film("camera shakes", then(LIFT, camera(roll=lambda s, p: 2.0 * np.sin(p * 40))), "camera moves"),
    Film("cut to another side", then(LIFT, camera(azimuth=lambda s, p: s.azimuth + (55 if p > 0.5 else 0))), "jumps"),
    Film("cut closer", then(LIFT, camera(radius=lambda s, p: s.radius * (0.6 if p > 0.6 else 1))), "jumps"),
    Film("object vanishes in the hands", then(LIFT, without_object(0.55)), "not seen at the end"),
    Film("object vanishes from the table", without_object(0.3), "not seen at the end"),
    Film("person walks out", then(LIFT, walks_out), "not in view to the end"),
    Film("person vanishes", then(LIFT, lambda s, p: whole_person(s, z=-30.0 * (p > 0.6))), "not in view to the end"),
    Film("second person", then(LIFT, other_person((0.2, 0.6, 0.25), 0.9, 0.9)), "else comes"),
    Film("second person dressed alike", then(LIFT, other_person(None, 0.95, 0.8)), "else comes"),
    Film("something rolls in", then(LIFT, lambda s, p: s.with_things(ball=box("ball", (0.9, 0.2 + 1.2 * (1 - p), 0.25), (0.4, 0.4, 0.5), 20, (0.9, 0.85, 0.1))) if p > 0.3 else s), "else comes"),
    Film("object only touched", lambda s, p: hands(s, 0.75 * ease(p, 0.1, 0.4) - 0.75 * ease(p, 0.6, 0.9)), "not moved"),
    Film("nothing happens", still, "not moved"),
    Film("object moves by itself", lambda s, p: replace(s, thing=s.thing.moved(z=0.55 * ease(p, 0.2, 0.7), y=0.5 * ease(p, 0.2, 0.7))), "no hand near"),
    Film("object of another colour", then(LIFT, object_as(lambda b: replace(b, colour=(0.15, 0.3, 0.9)))), "does not start"),
    Film("object larger", then(LIFT, object_as(larger)), "does not start"),
    Film("object elsewhere", then(LIFT, object_as(lambda b: b.moved(y=0.25))), "does not start"),
    Film("object missing", without_object(0.0), "does not start"),
    Film("chair slides", then(sit_down, slides(0.5)), "stays where it is", SITTING),
    Film("stairs slide", then(climb, slides(0.6)), "stays where it is", CLIMBING),
)  # fmt: skip
