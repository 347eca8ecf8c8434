# SPDX-License-Identifier: GPL-3.0-or-later
"""A stage of boxes and a small renderer for it, so that the gate can be tried on true pictures without Blender.

Every pixel's ray is cut with every box (slab method), which gives exact depth, ids and masks. Contacts are measured
on the boxes too. The person is 1.32 m of boxes before a table, as in `indoor2-manipulation`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from grail_addon.core.camera import Camera
from grail_addon.core.config.gate import GateConfig
from grail_addon.core.gate.facts import (
    CameraFacts,
    ContactFacts,
    GeometryFacts,
    PictureFacts,
    RegionFacts,
    SupportFacts,
    TextureFacts,
)
from grail_addon.core.gate.judge import judge_frame
from grail_addon.core.gate.types import GateVerdict
from grail_addon.core.sidecars.check import SidecarFacts
from grail_addon.core.variant.framing import orbit_rotation

OBJECT, PERSON = 1, 2
SIDECARS = (
    "frame",
    "depth_png",
    "depth_exr",
    "object_mask",
    "human_mask",
    "cam_k",
    "camera_pickle",
    "first_frame_pose",
)


@dataclass(frozen=True)
class Box:
    name: str
    low: tuple[float, float, float]
    high: tuple[float, float, float]
    id: int
    colour: tuple[float, float, float] = (0.6, 0.6, 0.6)

    def moved(self, x=0.0, y=0.0, z=0.0) -> Box:
        shift = np.array([x, y, z])
        return replace(self, low=tuple(self.low + shift), high=tuple(self.high + shift))

    def corners(self):
        return np.array(
            [
                [x, y, z]
                for x in (self.low[0], self.high[0])
                for y in (self.low[1], self.high[1])
                for z in (self.low[2], self.high[2])
            ]
        )

    def surface(self, n=7):
        """(N, 3) grid over the six faces, corners included."""
        t = np.linspace(0, 1, n)
        a, b = (g.ravel() for g in np.meshgrid(t, t))
        unit = []
        for axis in range(3):
            for side in (0.0, 1.0):
                face = np.empty((len(a), 3))
                face[:, axis], face[:, (axis + 1) % 3], face[:, (axis + 2) % 3] = side, a, b
                unit.append(face)
        return np.asarray(self.low) + np.concatenate(unit) * (np.asarray(self.high) - np.asarray(self.low))


def box(name, centre, size, id, colour=(0.6, 0.6, 0.6)) -> Box:
    c, s = np.asarray(centre, dtype=float), np.asarray(size, dtype=float)
    return Box(name, tuple(c - s / 2), tuple(c + s / 2), id, colour)


def person(x=-0.58, y=0.0, z=0.0) -> dict[str, Box]:
    """Parts of a person who stands at (x, y) on height z and looks to +X; y > 0 is the left side."""
    skin, shirt, cloth, shoe = (0.75, 0.55, 0.45), (0.2, 0.4, 0.7), (0.25, 0.25, 0.3), (0.15, 0.1, 0.1)
    parts = {
        "head": ((0.02, 0, 1.22), (0.17, 0.15, 0.20), skin),
        "torso": ((0, 0, 0.88), (0.18, 0.30, 0.48), shirt),
        "left_leg": ((0, 0.08, 0.35), (0.13, 0.12, 0.58), cloth),
        "right_leg": ((0, -0.08, 0.35), (0.13, 0.12, 0.58), cloth),
        "left_foot": ((0.04, 0.08, 0.03), (0.22, 0.09, 0.06), shoe),
        "right_foot": ((0.04, -0.08, 0.03), (0.22, 0.09, 0.06), shoe),
        "left_arm": ((0.04, 0.22, 0.9), (0.08, 0.08, 0.4), shirt),
        "right_arm": ((0.04, -0.22, 0.9), (0.08, 0.08, 0.4), shirt),
        "left_hand": ((0.12, 0.24, 0.68), (0.10, 0.05, 0.10), skin),
        "right_hand": ((0.12, -0.24, 0.68), (0.10, 0.05, 0.10), skin),
    }
    return {n: box(n, np.add(c, (x, y, z)), s, PERSON, colour) for n, (c, s, colour) in parts.items()}


def room() -> dict[str, Box]:
    wood, wall = (0.5, 0.35, 0.2), (0.72, 0.7, 0.66)
    things = {
        "floor": box("floor", (0, 0, -0.05), (20, 20, 0.1), 10, (0.42, 0.4, 0.38)),
        "wall": box("wall", (0, 1.9, 1.5), (20, 0.1, 5), 11, wall),
        "side wall": box("side wall", (-2.4, 0, 1.5), (0.1, 20, 5), 12, (0.6, 0.62, 0.66)),
        "table": box("table", (0, 0, 0.58), (0.6, 0.9, 0.04), 13, wood),
    }
    for i, (sx, sy) in enumerate([(-1, -1), (-1, 1), (1, -1), (1, 1)]):
        things[f"table leg {i}"] = box("table", (sx * 0.27, sy * 0.42, 0.28), (0.04, 0.04, 0.56), 13, wood)
    return things


@dataclass(frozen=True)
class Stage:
    """What one case is built of; a case replaces what it spoils."""

    things: dict[str, Box] = field(default_factory=room)
    body: dict[str, Box] = field(default_factory=person)
    thing: Box = field(default_factory=lambda: box("drill", (0, 0, 0.71), (0.18, 0.08, 0.22), OBJECT, (0.8, 0.5, 0.1)))
    azimuth: float = -60.0
    elevation: float = 12.0
    radius: float = 3.4
    roll: float = 0.0
    target: tuple[float, float, float] = (-0.2, 0.0, 0.65)
    aim_shift: tuple[float, float] = (0.0, 0.0)
    light: float = 1.0
    noise: float = 1.0
    seed: int = 1
    task: str = "manipulation"
    face: tuple[float, float, float] | None = (1.0, 0.0, 0.0)
    regions: dict[str, RegionFacts] = field(default_factory=dict)
    height: int = 216

    def with_things(self, **more: Box) -> Stage:
        return replace(self, things={**self.things, **more})

    def with_parts(self, **more: Box) -> Stage:
        return replace(self, body={**self.body, **more})


@dataclass(frozen=True)
class FrameFacts:
    """Both records of one frame."""

    geometry: GeometryFacts
    picture: PictureFacts

    def verdict(self, config: GateConfig | None = None) -> GateVerdict:
        return judge_frame(self.geometry, self.picture, config or GateConfig())

    def with_geometry(self, **changes) -> FrameFacts:
        return replace(self, geometry=replace(self.geometry, **changes))

    def with_picture(self, **changes) -> FrameFacts:
        return replace(self, picture=replace(self.picture, **changes))


def _cut(boxes, origin, rays):
    """Nearest hit along each ray: depth in units of the ray and index of the box, -1 for none."""
    nearest = np.full(rays.shape[:2], np.inf)
    index = np.full(rays.shape[:2], -1)
    with np.errstate(divide="ignore", invalid="ignore"):
        inverse = 1.0 / rays
        for i, b in enumerate(boxes):
            one, two = (b.low - origin) * inverse, (b.high - origin) * inverse
            enter = np.minimum(one, two).max(axis=2)
            leave = np.maximum(one, two).min(axis=2)
            hit = (enter <= leave) & (leave > 1e-3)
            enter = np.where(enter > 1e-3, enter, leave)
            hit &= enter < nearest
            nearest[hit], index[hit] = enter[hit], i
    return nearest, index


def _gap_and_overlap(a: Box, b: Box):
    apart = np.maximum(np.subtract(b.low, a.high), np.subtract(a.low, b.high))
    gap = float(np.linalg.norm(np.maximum(apart, 0)))
    overlap = float(max(0.0, -apart.max()))
    inside = all(np.greater_equal(a.low, b.low)) and all(np.less_equal(a.high, b.high))
    around = all(np.greater_equal(b.low, a.low)) and all(np.less_equal(b.high, a.high))
    return gap * 1000, overlap * 1000, bool(inside or around)


def contact(these, those) -> ContactFacts:
    pairs = [(*_gap_and_overlap(a, b), b.name) for a in these for b in those]
    deepest = max(pairs, key=lambda p: (p[2], p[1], -p[0]))
    overlap = deepest[1] if deepest[1] > 1e-6 else 0.0
    return ContactFacts(min(p[0] for p in pairs), overlap, any(p[2] for p in pairs), deepest[3])


def camera_of(stage: Stage) -> CameraFacts:
    width, height = stage.height * 16 // 9, stage.height
    focal = float(np.hypot(width, height))
    rotation = orbit_rotation(np.radians(stage.azimuth), np.radians(stage.elevation))
    target = np.asarray(stage.target)
    position = target + rotation[:, 2] * stage.radius
    position = position + rotation[:, 0] * stage.aim_shift[0] + rotation[:, 1] * stage.aim_shift[1]
    c, s = np.cos(np.radians(stage.roll)), np.sin(np.radians(stage.roll))
    rolled = rotation @ np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    return CameraFacts(Camera(rolled, position, focal, width, height), target, 0.0, False)


def joints_of(body) -> dict:
    def at(name, share):
        b = body[name]
        return np.asarray(b.low) + np.asarray(share) * np.subtract(b.high, b.low)

    joints = {"head": at("head", (0.5, 0.5, 0.2)), "head_top": at("head", (0.5, 0.5, 1.0))}
    for side in ("left", "right"):
        joints[f"{side}_wrist"] = at(f"{side}_hand", (0.5, 0.5, 0.9))
        joints[f"{side}_knuckles"] = at(f"{side}_hand", (0.5, 0.5, 0.5))
        joints[f"{side}_fingertips"] = at(f"{side}_hand", (0.5, 0.5, 0.05))
        joints[f"{side}_ankle"] = at(f"{side}_foot", (0.3, 0.5, 0.9))
        joints[f"{side}_ball"] = at(f"{side}_foot", (0.75, 0.5, 0.4))
        joints[f"{side}_toes"] = at(f"{side}_foot", (1.0, 0.5, 0.3))
    return joints


def render(stage: Stage, surface_points: bool = False) -> FrameFacts:
    """Cast the stage and fill in the facts as Blender's side does. surface_points: give the parts' surfaces as well."""
    facts = camera_of(stage)
    camera = facts.camera
    width, height = stage.height * 16 // 9, stage.height
    v, u = np.mgrid[0:height, 0:width] + 0.5
    k = camera.K
    local = np.stack([(u - k[0, 2]) / k[0, 0], -(v - k[1, 2]) / k[1, 1], -np.ones_like(u)], axis=2)
    rays = local @ camera.rotation.T  # one unit of a ray is one metre of depth
    origin = camera.position
    boxes = [*stage.things.values(), *stage.body.values(), stage.thing]
    depth, index = _cut(boxes, origin, rays)
    ids = np.array([b.id for b in boxes] + [0])[index]
    colours = np.array([b.colour for b in boxes] + [(0.8, 0.85, 0.9)])[index]
    hit = origin + rays * np.where(np.isfinite(depth), depth, 0)[:, :, None]
    shade = 0.75 + 0.25 * np.sin(hit @ np.array([2.0, 1.5, 3.0]))
    grain = np.random.default_rng(stage.seed).normal(scale=stage.noise, size=(height, width, 3))
    frame = np.clip(colours * shade[:, :, None] * 255 * stage.light + grain, 0, 255).astype(np.uint8)
    alone, _ = _cut([stage.thing], origin, rays)
    furniture = [b for b in stage.things.values() if b.name != "floor"]
    body = list(stage.body.values())
    geometry = GeometryFacts(
        task=stage.task, depth=np.where(np.isfinite(depth), depth, 0).astype(np.float32),
        id_map=ids.astype(np.int32), names={b.id: b.name for b in boxes}, object_ids=frozenset({OBJECT}),
        character_ids=frozenset({PERSON}), object_amodal=np.isfinite(alone), object_visible=ids == OBJECT,
        character_visible=ids == PERSON, camera=facts, object_points=stage.thing.surface(),
        character_points=np.concatenate([b.surface() for b in body]), joints=joints_of(stage.body),
        face_forward=None if stage.face is None else np.asarray(stage.face),
        contacts={
            "object_support": contact([stage.thing], [stage.things["table"]]),
            "character_object": contact(body, [stage.thing]),
            "character_furniture": contact(body, furniture),
            "character_floor": contact([stage.body["left_foot"], stage.body["right_foot"]], [stage.things["floor"]]),
        },
        support=SupportFacts("table", 0.0, "table"),
        textures=TextureFacts((), {"object": 0.0, "character": 0.0}),
        settle={"stable": True, "settled": True, "on_support": True, "rolls": False, "confidence": 0.9, "unlikely": False, "pose_share": 0.3, "tip_angle_deg": 20.0},
        part_points={p: stage.body[p].surface() for p in ("head", "left_hand", "right_hand", "left_foot", "right_foot")}
        if surface_points else {},
        regions=stage.regions,
        transparent=0.0,
    )  # fmt: skip
    sidecars = {name: SidecarFacts(True, True, stage.seed) for name in SIDECARS}
    return FrameFacts(geometry, PictureFacts(stage.seed, frame, sidecars, frozenset(SIDECARS)))


def patch(low, high, people_may_cover=False, n=12) -> RegionFacts:
    """A level rectangle as a region; low, high: its corners (x, y, z)."""
    x, y = np.meshgrid(np.linspace(low[0], high[0], n), np.linspace(low[1], high[1], n))
    z = np.full(x.size, float(high[2]))
    return RegionFacts(np.stack([x.ravel(), y.ravel(), z], axis=1), people_may_cover)
