# SPDX-License-Identifier: GPL-3.0-or-later
"""What is random in a variant, and nothing else: camera, light and placement of one scene seed, without bpy.

Each scalar is drawn from a stream of its own, named by base seed, object, scene seed, factor and attempt. So one
factor can be redrawn (a placement that collides) while all others stay, and a new factor shifts no old one.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from ..arrays import Array
from ..camera import Camera, default_focal, look_at, orbit_position
from ..config.scene import SceneSettings
from ..errors import UserError
from ..layout import VideoId
from ..streams import stream
from .scenery import draw_scenery

Vec3 = tuple[float, float, float]

HDRIS = ("city.exr", "courtyard.exr", "forest.exr", "interior.exr", "studio.exr", "sunrise.exr", "sunset.exr")
"""Blender's own studio-light environments by day; `night.exr` is left out, it leaves the person in the dark."""

SHARED_SEED = 1
"""Scene seed whose draws the factors take that do not vary."""

_BOX_TRIES = 1000
_DAYLIGHT_STOPS, _LAMP_KELVIN = (-1.4, 1.0), (2700.0, 6500.0)


@dataclass(frozen=True)
class CameraDraw:
    """Orbit about `target` (world, metres); angles in degrees, radius in metres."""

    azimuth_deg: float
    elevation_deg: float
    radius: float
    target: Vec3


@dataclass(frozen=True)
class LightDraw:
    """hdri: file name among HDRIS; hdri_turn_deg about +z; hdri_stops, key_stops, window_stops: exposure steps
    against the scene file's own strength; key_kelvin: colour temperature of the room's lamps."""

    hdri: str
    hdri_turn_deg: float
    hdri_stops: float
    key_stops: float
    window_stops: float
    key_kelvin: float


@dataclass(frozen=True)
class PlacementDraw:
    """Object: offset in metres and turn in degrees, on top of its rest pose. Character: point on the ground and XYZ
    Euler turn in degrees, world. static_offsets: name -> offset in metres. Start and end offsets are in here."""

    obj_offset: Vec3
    obj_turn_deg: Vec3
    character_position: Vec3
    character_turn_deg: Vec3
    static_offsets: Mapping[str, Vec3]


@dataclass(frozen=True)
class Variant:
    """All of one variant. scenery: see `scenery.draw_scenery`. camera_attempt, placement_attempt: which redraw this is, from 0."""

    video_id: VideoId
    camera: CameraDraw
    light: LightDraw
    placement: PlacementDraw
    scenery: Mapping[str, float] = field(default_factory=dict)
    camera_attempt: int = 0
    placement_attempt: int = 0

    def parameters(self) -> dict[str, Any]:
        """Every sampled value as plain JSON data, by stream."""
        return {
            "camera": asdict(self.camera),
            "light": asdict(self.light),
            "placement": asdict(self.placement),
            "scenery": dict(self.scenery),
            "camera_attempt": self.camera_attempt,
            "placement_attempt": self.placement_attempt,
        }


class _Draws:
    """Uniform draws of one variant, by factor name."""

    def __init__(self, base_seed: int, vid: VideoId, seed: int) -> None:
        self._names = (base_seed, str(vid.obj), seed)

    def generator(self, factor: str, attempt: int) -> np.random.Generator:
        return stream(*self._names, factor, attempt)

    def uniform(self, factor: str, attempt: int, low: float, high: float) -> float:
        return float(self.generator(factor, attempt).uniform(low, high)) if high > low else float(low)

    def number(self, factor: str, attempt: int, value: float | tuple[float, float]) -> float:
        low, high = value if isinstance(value, tuple) else (value, value)
        return self.uniform(factor, attempt, low, high)

    def triple(self, factor: str, attempt: int, high: Vec3 | None, low: Vec3 | None) -> Vec3:
        """Per axis uniform in [low, high]; no high means no randomness, no low means minus high."""
        if high is None:
            return (0.0, 0.0, 0.0)
        low = low if low is not None else (-high[0], -high[1], -high[2])
        x, y, z = (
            self.uniform(f"{factor}.{axis}", attempt, min(a, b), max(a, b))
            for axis, a, b in zip("xyz", low, high, strict=True)
        )
        return (x, y, z)


def _add(*triples: Vec3) -> Vec3:
    x, y, z = (sum(t[i] for t in triples) for i in range(3))
    return (x, y, z)


def _plus_minus(value: float | tuple[float, float]) -> tuple[float, float]:
    return value if isinstance(value, tuple) else (-value, value)


def _draw_camera(draws: _Draws, scene: SceneSettings, attempt: int) -> CameraDraw:
    low, high = _plus_minus(scene.camera_azimuth_rand_max)
    return CameraDraw(
        azimuth_deg=scene.camera_azimuth + draws.uniform("camera.azimuth", attempt, low, high),
        elevation_deg=draws.number("camera.elevation", attempt, scene.camera_elevation),
        radius=draws.number("camera.radius", attempt, scene.camera_radius),
        target=_add(scene.obj_pos, scene.camera_offset),
    )


def _draw_light(draws: _Draws) -> LightDraw:
    # Ranges found by looking at renders of the starter room: wide enough to vary the data, none too dark or burnt out.
    return LightDraw(
        hdri=HDRIS[int(draws.generator("light.hdri", 0).integers(len(HDRIS)))],
        hdri_turn_deg=draws.uniform("light.hdri_turn", 0, 0.0, 360.0),
        hdri_stops=draws.uniform("light.hdri_stops", 0, -0.5, 0.5),
        key_stops=draws.uniform("light.key_stops", 0, -0.6, 0.6),
        window_stops=draws.uniform("light.window_stops", 0, -0.8, 0.8),
        key_kelvin=draws.uniform("light.key_kelvin", 0, 3200.0, 6000.0),
    )


def _at_any_hour(light: LightDraw, scenery: Mapping[str, float]) -> LightDraw:
    """The light with a time of day, from bright noon to dusk, and any kind of lamp, from candle-like to cool."""
    low, high = _DAYLIGHT_STOPS
    warm, cool = _LAMP_KELVIN
    return replace(
        light,
        window_stops=low + (high - low) * scenery["daylight"],
        key_kelvin=warm + (cool - warm) * scenery["lamps"],
    )


def _box_offset(draws: _Draws, scene: SceneSettings, attempt: int) -> Vec3 | None:
    """Uniform in the include rectangle outside the exclude rectangle; None where the scene names no rectangle."""
    box, out = scene.character_pos_box_include, scene.character_pos_box_exclude
    if box is None:
        return None
    generator = draws.generator("character.box", attempt)
    for _ in range(_BOX_TRIES):
        x, y = float(generator.uniform(box[0], box[2])), float(generator.uniform(box[1], box[3]))
        if out is None or not (out[0] < x < out[2] and out[1] < y < out[3]):
            return (x, y, 0.0)
    raise UserError(
        "character_pos_box_exclude leaves no room in character_pos_box_include.", "Make the excluded box smaller."
    )


def _character_position(draws: _Draws, scene: SceneSettings, attempt: int) -> Vec3:
    if scene.character_pos_mode == "polar":
        azimuth_rand, distance_rand = scene.character_azimuth_rand_max, scene.character_distance_rand_max
        azimuth = math.radians(
            (scene.character_azimuth or 0.0) + draws.uniform("character.azimuth", attempt, -azimuth_rand, azimuth_rand)
        )
        distance = (scene.character_distance or 0.0) + draws.uniform(
            "character.distance", attempt, -distance_rand, distance_rand
        )
        x, y, z = scene.obj_pos
        ground = scene.character_z if scene.character_z is not None else z
        base = (x + distance * math.cos(azimuth), y + distance * math.sin(azimuth), ground)
        spread: Vec3 = (0.0, 0.0, 0.0)  # azimuth and distance have varied already
    else:
        base = scene.character_pos
        spread = draws.triple("character.pos", attempt, scene.character_pos_rand_max, scene.character_pos_rand_min)
    box = _box_offset(draws, scene, attempt)
    return _add(base, spread if box is None else box)


def facing_turn_deg(position: Vec3, towards: Vec3) -> float:
    """Turn about +z, degrees, that makes a character who faces -Y at rest look from `position` to `towards`."""
    return math.degrees(math.atan2(towards[1] - position[1], towards[0] - position[0])) + 90.0


def _draw_placement(draws: _Draws, scene: SceneSettings, vid: VideoId, attempt: int) -> PlacementDraw:
    # An end frame has an object state of its own unless the scene says that both share it.
    state = "object_end" if vid.kind == "end" and not scene.same_obj_state else "object"
    obj_offset = draws.triple(f"{state}.pos", attempt, scene.obj_pos_rand_max, scene.obj_pos_rand_min)
    statics: dict[str, Vec3] = {}
    for name, thing in scene.static_objects.items():
        statics[name] = draws.triple(f"static.{name}.pos", attempt, thing.pos_rand_max, thing.pos_rand_min)
        if thing.obj_on_table:
            obj_offset = _add(obj_offset, statics[name])
    position = _character_position(draws, scene, attempt)
    if vid.kind == "start":
        obj_offset = _add(obj_offset, scene.obj_pos_start_offset)
        position = _add(position, scene.character_pos_start_offset)
    elif vid.kind == "end":
        obj_offset = _add(obj_offset, scene.obj_pos_end_offset)
        position = _add(position, scene.character_pos_end_offset)
    turn = scene.character_rot
    if scene.character_pos_mode == "polar" and scene.character_face_object:
        # where both stand in this very frame, so after its offsets
        turn = (turn[0], turn[1], facing_turn_deg(position, _add(scene.obj_pos, obj_offset)))
    turn = _add(
        turn, draws.triple("character.rot", attempt, scene.character_rot_rand_max, scene.character_rot_rand_min)
    )
    return PlacementDraw(
        obj_offset=obj_offset,
        obj_turn_deg=draws.triple(f"{state}.rot", attempt, scene.obj_rot_rand_max, scene.obj_rot_rand_min),
        character_position=position,
        character_turn_deg=turn,
        static_offsets=statics,
    )


def draw_variant(
    base_seed: int,
    vid: VideoId,
    scene: SceneSettings,
    *,
    camera_attempt: int = 0,
    placement_attempt: int = 0,
    same_for_all: Collection[str] = (),
) -> Variant:
    """The variant `vid` of a scene. The same arguments give the same variant on every machine, in every order.

    same_for_all: those of `camera`, `light`, `placement` that are as for scene seed 1 whatever the variant's own is.
    """

    def draws(factor: str) -> _Draws:
        return _Draws(base_seed, vid, SHARED_SEED if factor in same_for_all else vid.seed)

    variety = scene.scene_variety or "low"
    light = _draw_light(draws("light"))
    if variety == "high":
        hour = replace(vid, seed=SHARED_SEED) if "light" in same_for_all else vid
        light = _at_any_hour(light, draw_scenery(base_seed, hour, variety))
    return Variant(
        video_id=vid,
        camera=_draw_camera(draws("camera"), scene, camera_attempt),
        light=light,
        placement=_draw_placement(draws("placement"), scene, vid, placement_attempt),
        scenery=draw_scenery(base_seed, vid, variety),
        camera_attempt=camera_attempt,
        placement_attempt=placement_attempt,
    )


def camera_of(draw: CameraDraw, width: int, height: int) -> Camera:
    """The posed camera of a draw, with the default focal length."""
    target: Array = np.array(draw.target)
    position = orbit_position(target, math.radians(draw.azimuth_deg), math.radians(draw.elevation_deg), draw.radius)
    return Camera(look_at(position, target), position, default_focal(width, height), width, height)
