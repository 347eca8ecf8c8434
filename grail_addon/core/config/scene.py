# SPDX-License-Identifier: GPL-3.0-or-later
"""A scene under `scenes:`: where object, character and camera stand, and by how much each varies.

World: metres, z up. Angles in degrees. Azimuths turn about +z from +X, counter-clockwise; a camera or a polar
character at azimuth `a`, distance `d` stands at centre + d * (cos a, sin a). Euler angles are XYZ (R = Rz @ Ry @ Rx).
Random amounts are drawn per scene seed from named streams, uniformly.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, Strict

from .base import (
    TURNS,
    Angle,
    Angles3,
    Box2,
    Height,
    Name,
    PathText,
    Position3,
    Range,
    Says,
    Scale3,
    Section,
    Text,
    Within,
    key,
    usable_path,
)  # fmt: skip
from .layers import Source
from .rendering import Pixels, Variety

Names = Annotated[tuple[Name, ...], Strict(False), Says("a list of names")]


def _spread(value: float | tuple[float, float]) -> float | tuple[float, float]:
    if not isinstance(value, tuple) and value < 0:
        raise ValueError(f"should be 0 or more (it means plus or minus), but is {value:g}; [lo, hi] gives a range")
    return value


def rand_range(
    highest: tuple[float, float, float] | None, lowest: tuple[float, float, float] | None
) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """(lowest, highest) that a `*_rand_max`/`*_rand_min` pair means: no maximum = zeros, no minimum = -maximum."""
    top = highest or (0.0, 0.0, 0.0)
    x, y, z = top
    # + 0.0 turns -0.0 into 0.0, so that equal settings have equal text and fingerprint
    return lowest or (-x + 0.0, -y + 0.0, -z + 0.0), top


Elevation = Annotated[float | Range, AfterValidator(Within(-89, 89)), Says("a number or [lo, hi], from -89 to 89")]
Radius = Annotated[float | Range, AfterValidator(Within(0.01, 1000)), Says("a number or [lo, hi], from 0.01 to 1000")]
Spread = Annotated[
    float | Range,
    AfterValidator(_spread),
    AfterValidator(Within(-TURNS, TURNS)),
    Says("a number from 0, or [lo, hi]"),
]

_MIN = "Lower bound of the same draw; empty = minus `{}`."


class StaticObject(Section):
    """A further mesh that stands still in the scene, such as a table."""

    name: Annotated[str, AfterValidator(usable_path), Says("a path")] = key(
        "", "Mesh file, looked for in `Scene/` of the data folders and as a path. Needed."
    )
    pos: Position3 = key((0.0, 0.0, 0.0), "Position; z is where its lowest point comes to stand.", "m")
    rot: Angles3 = key((0.0, 0.0, 0.0), "Rotation, XYZ Euler.", "degrees")
    scale: Scale3 = key((1.0, 1.0, 1.0), "Scale: a number or [x, y, z].")
    opacity: float = key(1.0, "1 = opaque, 0 = invisible.", ge=0, le=1)
    pos_rand_max: Position3 | None = key(None, "Upper bound of a random offset per axis. Empty = none.", "m")
    pos_rand_min: Position3 | None = key(None, _MIN.format("pos_rand_max"), "m")
    obj_on_table: bool = key(True, "The object stands on this mesh and takes part in its random offset.")

    @property
    def pos_rand_range(self) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
        """Lowest and highest random offset per axis (metres)."""
        return rand_range(self.pos_rand_max, self.pos_rand_min)


class SceneSettings(Section):
    """Keys of a scene. An object's entry may override each of them."""

    blender_file_name: PathText | None = key(
        None, "The scene's .blend file, looked for in the data folders. Empty = the scene's name."
    )
    blender_file_options: Names = key(
        (), "Further scene files: with `scene_variety: high` each scene seed shows one of them or `blender_file_name`."
    )
    character_options: Names = key(
        (), "Further characters: with `scene_variety: high` each scene seed shows one of them or `character`."
    )
    scene_variety: Variety | None = key(
        None, "How much the places of variants differ in this scene. Empty = `rendering.scene_variety`."
    )
    scenery: dict[Name, Name] = key({}, "Factor of the scene file -> the option that is always shown.")

    obj_pos: Position3 = key((0.0, 0.0, 0.0), "Where the object stands; z is the expected height of its support.", "m")
    obj_support: Text | None = key(
        None,
        "Name, in the scene file or under `static_objects`, of the thing that the object has to stand on; on another one "
        "the frame fails. Empty = whatever is under `obj_pos`.",
    )
    obj_rot: Angles3 = key(
        (0.0, 0.0, 0.0), "Orientation before settling (or as used if not settled), XYZ Euler.", "degrees"
    )
    obj_rest_rot: Angles3 | None = key(
        None,
        "A person's decision: the object rests turned so (XYZ Euler) and is not dropped; statics and a run of the "
        "simulation judge the pose. Empty = it is dropped.",
        "degrees",
    )
    obj_scale: Scale3 = key((1.0, 1.0, 1.0), "Scale of the mesh: a number or [x, y, z].")
    obj_unit: Literal["m", "cm", "mm", "in"] | None = key(
        None,
        "Unit of the numbers in the mesh file. Empty = metres (or as the file itself says), and an object that would be "
        "far too large in them is asked about.",
    )
    obj_opacity: float = key(1.0, "1 = opaque, 0 = invisible.", ge=0, le=1)
    obj_pos_rand_max: Position3 | None = key(
        None, "Upper bound of a random offset of `obj_pos` per axis. Empty = none.", "m"
    )
    obj_pos_rand_min: Position3 | None = key(None, _MIN.format("obj_pos_rand_max"), "m")
    obj_rot_rand_max: Angles3 | None = key(
        None, "Upper bound of a random turn per axis (a settled object turns about z only). Empty = none.", "degrees"
    )
    obj_rot_rand_min: Angles3 | None = key(None, _MIN.format("obj_rot_rand_max"), "degrees")
    same_obj_state: bool = key(False, "Start and end frame of a seed share the object's random offset and turn.")
    obj_pos_start_offset: Position3 = key((0.0, 0.0, 0.0), "Added to the object's position in the start frame.", "m")
    obj_pos_end_offset: Position3 = key((0.0, 0.0, 0.0), "Added to the object's position in the end frame.", "m")

    character_pos_mode: Literal["absolute", "polar"] = key(
        "absolute",
        "`absolute`: at `character_pos`. `polar`: at `character_azimuth` and `character_distance` from `obj_pos`.",
    )
    character_pos: Position3 = key((0.0, 0.0, 0.0), "Point on the ground between the feet (mode `absolute`).", "m")
    character_rot: Angles3 = key(
        (0.0, 0.0, 0.0), "Rotation, XYZ Euler; [0, 0, 0] stands upright and faces -Y.", "degrees"
    )
    character_scale: Scale3 = key((1.0, 1.0, 1.0), "Scale: a number or [x, y, z].")
    character_azimuth: Angle | None = key(None, "Direction from the object to the character (mode `polar`).", "degrees")
    character_distance: float | None = key(
        None, "Horizontal distance between object and character (mode `polar`).", "m", gt=0, le=1000
    )
    character_azimuth_rand_max: float = key(
        0.0, "The azimuth varies by plus or minus this (mode `polar`).", "degrees", ge=0, le=180
    )
    character_distance_rand_max: float = key(
        0.0, "The distance varies by plus or minus this (mode `polar`).", "m", ge=0, le=1000
    )
    character_z: Height | None = key(
        None, "Height of the character's ground in mode `polar`. Empty = z of `obj_pos`.", "m"
    )
    character_face_object: bool = key(
        False,
        "Turn the character about z so that it looks at the object (mode `polar`); replaces z of `character_rot`.",
    )
    character_pos_rand_max: Position3 | None = key(
        None, "Upper bound of a random offset of `character_pos` per axis (mode `absolute`). Empty = none.", "m"
    )
    character_pos_rand_min: Position3 | None = key(None, _MIN.format("character_pos_rand_max"), "m")
    character_rot_rand_max: Angles3 | None = key(
        None, "Upper bound of a random turn per axis. Empty = none.", "degrees"
    )
    character_rot_rand_min: Angles3 | None = key(None, _MIN.format("character_rot_rand_max"), "degrees")
    character_pos_box_include: Box2 | None = key(
        None,
        "Rectangle [x1, y1, x2, y2] of offsets from the character's position, drawn instead of "
        "`character_pos_rand_max`.",
        "m",
    )
    character_pos_box_exclude: Box2 | None = key(
        None, "Rectangle left out of `character_pos_box_include`, for example the chair itself.", "m"
    )
    character_pos_start_offset: Position3 = key(
        (0.0, 0.0, 0.0), "Added to the character's position in the start frame.", "m"
    )
    character_pos_end_offset: Position3 = key(
        (0.0, 0.0, 0.0), "Added to the character's position in the end frame.", "m"
    )

    character_pose: Literal["file", "any", "relaxed", "arms_out", "hand_forward", "hands_ready"] = key(
        "file",
        "How the character stands. `file`: as its file or `character_init_pose_file` says. `any`: one of the others for "
        "each scene seed, or its mirror image. They need a rig whose bones are known, see docs/assets.md.",
    )
    gaze: Literal["ahead", "object", "camera"] = key(
        "ahead",
        "Where the character looks: head and eyes turn to the object or to the camera, within what people do with ease. "
        "`ahead`: as its file has it.",
    )

    camera_azimuth: Angle = key(-60.0, "Direction from the target to the camera.", "degrees")
    camera_azimuth_rand_max: Spread = key(
        0.0, "Random amount added to the azimuth: a number means plus or minus it, [lo, hi] means lo to hi.", "degrees"
    )
    camera_elevation: Elevation = key(
        12.0, "Height angle of the camera above the target's horizon: a number, or [lo, hi] to draw from.", "degrees"
    )
    camera_radius: Radius = key(3.4, "Distance from the target to the camera: a number, or [lo, hi] to draw from.", "m")
    camera_offset: Position3 = key(
        (0.0, 0.0, 0.0),
        "Target of the camera relative to `obj_pos` (before random offsets, so that the camera stays put).",
        "m",
    )

    static_objects: dict[Name, StaticObject] = key({}, "Further meshes in the scene: name -> settings.")
    render_width: Pixels | None = key(
        None, "Frame width of this scene. Wins over `rendering.width`, unless that is on the command line.", "pixels"
    )
    render_height: Pixels | None = key(
        None, "Frame height of this scene. Wins over `rendering.height`, unless that is on the command line.", "pixels"
    )


class ObjectEntry(SceneSettings):
    """One object: its scene, and any key of the scene as an override."""

    scene: Name | None = key(None, "Scene that the object is shown in; a name under `scenes`.")


class ResolvedObject(SceneSettings):
    """What one object is settled and rendered with: every key final.

    No range is left open: `*_rand_max` and `*_rand_min` are both given (zeros = no random amount), the camera's
    angles and radius are (lowest, highest) pairs, and frame size, scene file and the character's ground are known.
    `sources` says where each key came from; it is no part of the values (not dumped, not compared in files).
    """

    dataset: str
    category: str
    scene: str
    blender_file_name: str
    scene_variety: Variety
    render_width: int
    render_height: int
    obj_pos_rand_max: Position3
    obj_pos_rand_min: Position3
    obj_rot_rand_max: Angles3
    obj_rot_rand_min: Angles3
    character_pos_rand_max: Position3
    character_pos_rand_min: Position3
    character_rot_rand_max: Angles3
    character_rot_rand_min: Angles3
    character_z: Height
    camera_azimuth_rand_max: Range
    camera_elevation: Range
    camera_radius: Range
    sources: dict[str, Source] = Field(exclude=True, repr=False)
