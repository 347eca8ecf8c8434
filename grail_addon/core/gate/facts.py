# SPDX-License-Identifier: GPL-3.0-or-later
"""What the gate reads of one frame: plain arrays, filled by the stage, measured by `core.gate.measure`.

Frames and units, everywhere in the gate: world metres with z up; pixels (u right, v down) with the centre of the
top left pixel at (0.5, 0.5), so that the picture spans 0..W and 0..H; depth in metres along the optical axis.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array
from ..camera import Camera
from ..sidecars.check import SidecarFacts
from ..task import Task

BodyPart = Literal["head", "left_hand", "right_hand", "left_foot", "right_foot"]
BODY_PARTS: tuple[BodyPart, ...] = get_args(BodyPart)

ContactPair = Literal["object_support", "character_object", "character_furniture", "character_floor"]
CONTACT_PAIRS: tuple[ContactPair, ...] = get_args(ContactPair)


@dataclass(frozen=True)
class ContactFacts:
    """How two things touch, measured on their triangles by the stage.

    gap_mm: shortest distance between the surfaces, 0 when they touch or overlap, None where it was not measured.
    penetration_mm: deepest overlap, 0 when they do not overlap.
    contained: one lies wholly inside the other, so that no surfaces cross. other: name of what was touched.
    """

    gap_mm: float | None
    penetration_mm: float
    contained: bool
    other: str = ""


@dataclass(frozen=True, eq=False)
class RegionFacts:
    """A part of the stage that the task needs to see. points: (N, 3) world points spread over its surface.

    people_may_cover: the character or the object standing before it does not count as hiding it (they will move).
    """

    points: Array
    people_may_cover: bool = False


@dataclass(frozen=True, eq=False)
class CameraFacts:
    """The frame's camera. target: (3,) world point that it was aimed at. floor_z: height of the floor under it, metres.

    animated: the camera, its parents or its data carry an action, driver or constraint that moves it over time.
    """

    camera: Camera
    target: Array
    floor_z: float
    animated: bool


@dataclass(frozen=True)
class SupportFacts:
    """What the object stands on: its name, metres that it is above the height that the configuration says, and the name
    that the configuration asks for, if any."""

    name: str
    offset: float
    wanted: str | None = None


@dataclass(frozen=True)
class TextureFacts:
    """lost: of each picture that cannot be shown, whose it is, its name and why. bare: `object`, `character` -> share of
    its surface whose colour is lost with them."""

    lost: tuple[str, ...]
    bare: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class LooksFacts:
    """What the object's material is at some of its visible pixels. pixels (N, 2): row, column; colours (N, 3): linear,
    NaN where it is not known."""

    pixels: NDArray[np.int64]
    colours: Array


@dataclass(frozen=True, eq=False)
class GeometryFacts:
    """A scene as its camera sees it, known before there is a picture. All maps are (H, W), the frame's size in pixels.

    depth: float32 metres, 0 where unknown.              id_map: int32, what is seen first at the pixel's centre,
    0 = nothing.                                         names: id -> name as the user knows it.
    object_ids, character_ids: which ids are which.      object_amodal: bool, silhouette of the object alone.
    object_visible, character_visible: bool, what occluders leave of them.
    object_points, character_points: (N, 3) world points of the surface (vertices, may be a subsample that keeps
    the extreme ones).
    joints: canonical joint name -> (3,) world; the body parts take those listed in `PART_JOINTS`.
    part_points: body part -> (N, 3) world points of its surface; may be empty, the joints then stand alone.
    face_forward: (3,) unit world vector out of the face, None where the character has no face.
    support: what the object stands on, None where that is not known. textures, looks: None where nobody looked.
    transparent: share of the object's silhouette that lets the background through, None where nobody looked.
    contacts: what the stage measured; a pair that is not there was not measured and says so.
    settle: JSON of the settle verdict (stable, rolls, settled, on_support, confidence ...), None when not settled.
    regions: sitting: `seat`, `seat_approach`; terrain_stairs: `step_01` ... and `landing`; pickup_ground: `floor_reach`.
    """

    task: Task
    depth: NDArray[np.float32]
    id_map: NDArray[np.int32]
    names: Mapping[int, str]
    object_ids: frozenset[int]
    character_ids: frozenset[int]
    object_amodal: NDArray[np.bool_]
    object_visible: NDArray[np.bool_]
    character_visible: NDArray[np.bool_]
    camera: CameraFacts
    object_points: Array
    character_points: Array
    joints: Mapping[str, Array]
    face_forward: Array | None
    contacts: Mapping[ContactPair, ContactFacts]
    settle: Mapping[str, Any] | None
    part_points: Mapping[BodyPart, Array] = field(default_factory=dict)
    regions: Mapping[str, RegionFacts] = field(default_factory=dict)
    support: SupportFacts | None = None
    textures: TextureFacts | None = None
    transparent: float | None = None
    looks: LooksFacts | None = None

    def __post_init__(self) -> None:
        camera = self.camera.camera
        for name in ("depth", "id_map", "object_amodal", "object_visible", "character_visible"):
            shape = getattr(self, name).shape
            if shape != (camera.height, camera.width):
                raise ValueError(f"{name} must be ({camera.height}, {camera.width}), got {shape}")
        for name in ("object_points", "character_points"):
            shape = getattr(self, name).shape
            if len(shape) != 2 or shape[1] != 3 or shape[0] == 0:
                raise ValueError(f"{name} must be (N, 3) with N > 0, got {shape}")

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.camera.camera.width, self.camera.camera.height


@dataclass(frozen=True, eq=False)
class PictureFacts:
    """The written files of a frame. frame: (H, W, 3) uint8, display-referred sRGB. seed: of the scene it shows.

    sidecars: role of a file -> what is known of it; required_sidecars: roles that must be there.
    """

    seed: int
    frame: NDArray[np.uint8]
    sidecars: Mapping[str, SidecarFacts]
    required_sidecars: frozenset[str]

    def __post_init__(self) -> None:
        if self.frame.ndim != 3 or self.frame.shape[2] != 3 or self.frame.dtype != np.uint8:
            raise ValueError(f"frame must be (H, W, 3) uint8, got {self.frame.shape} {self.frame.dtype}")


PART_JOINTS: Mapping[BodyPart, tuple[str, ...]] = {
    "head": ("head", "head_top"),
    "left_hand": ("left_wrist", "left_knuckles", "left_fingertips"),
    "right_hand": ("right_wrist", "right_knuckles", "right_fingertips"),
    "left_foot": ("left_ankle", "left_ball", "left_toes"),
    "right_foot": ("right_ankle", "right_ball", "right_toes"),
}
"""Canonical joints of each body part. A part is measured on those of its joints that the character has."""
