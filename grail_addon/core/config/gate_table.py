# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate's table. Configuration, measuring, judging, sentences, report and docs/gate.md read what is said here."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, get_args

from .gate_check import GateCheck, Group, Subject
from .gate_limit import Limit, Severity, between, high, low

GROUPS: tuple[Group, ...] = get_args(Group)
"""What measurements are about, in the order of the report."""

_WANTED, _ALLOWED = "({t} wanted)", "({t} allowed)"
_SIDES = ("left", "right")


def _edge(key: str, who: str, default: Limit, what: str, group: Group, sides: bool = False) -> GateCheck:
    return GateCheck(
        key, what, "px", default, group, "geometry", "{who}", low="{who} is {edge}", edge=True,
        subjects={f"{side}_{key}": Subject(f"{side} {who}") for side in _SIDES} if sides else {key: Subject(who)},
    )  # fmt: skip


def _visible(
    key: str, who: str, default: Limit, what: str, group: Group, label: str = "{who}", sides: bool = False
) -> GateCheck:
    return GateCheck(
        key, what, "ratio", default, group, "geometry", f"visible part of the {label}",
        low=f"{{who}} is hidden{{by}}: {{v}} of it can be seen {_WANTED}",
        subjects={f"{side}_{key}": Subject(f"{side} {who}") for side in _SIDES} if sides else {key: Subject(who)},
    )  # fmt: skip


_PAIRS: Mapping[str, Subject] = {
    "object_support": Subject("object", "its support"),
    "character_object": Subject("character", "the object"),
    "character_furniture": Subject("character", "furniture"),
    "character_floor": Subject("character", "the floor"),
}


def _gap(pair: str, default: Limit | None, what: str) -> GateCheck:
    return GateCheck(
        f"{pair}_gap", what, "mm", default, "Contact", "geometry", "gap between {who} and {other}",
        high=f"{{who}} floats {{v}} above {{touched}} {_ALLOWED}", subjects={f"{pair}_gap": _PAIRS[pair]},
    )  # fmt: skip


def _overlap(pair: str, default: Limit, what: str) -> GateCheck:
    return GateCheck(
        f"{pair}_penetration", what, "mm", default, "Contact", "geometry", "overlap of {who} and {other}",
        high=f"{{who}} cuts {{v}} into {{touched}} {_ALLOWED}", subjects={f"{pair}_penetration": _PAIRS[pair]},
    )  # fmt: skip


def _question(
    key: str, default: Severity, what: str, group: Group, label: str, sentence: str, *, wrong: bool, **more: Any
) -> GateCheck:
    texts: dict[str, Any] = {"high" if wrong else "low": sentence, **more}
    return GateCheck(key, what, "yes/no", default, group, "geometry", label, wrong=wrong, **texts)


_object = partial(GateCheck, group="Object", record="geometry")
_character = partial(GateCheck, group="Character", record="geometry")
_camera = partial(GateCheck, group="Camera and depth", record="geometry")
_picture = partial(GateCheck, group="Picture", record="picture", unit="level")
_files = partial(GateCheck, group="Files", record="picture", unit="count", default=high(0, None))

CHECKS: tuple[GateCheck, ...] = (
    _visible("object_visible_share", "object", low(0.5, 0.75), "Visible part of the object's silhouette.", "Object"),
    _object("object_area", "Visible area of the object.", "px2", low(60, 250), label="object's visible area", low=f"object is too small in the picture: {{v}} {_WANTED}"),
    _object("object_long_side", "Longer side of the box around the object's visible pixels.", "px", low(12, 24), label="object's longer side", low=f"object is too small in the picture: {{v}} long {_WANTED}"),
    _object("object_short_side", "Shorter side of that box.", "px", None, label="object's shorter side"),
    _edge("object_edge", "object", low(0, 16), "Distance of the object to the frame's edge; negative = cut.", "Object"),
    _object("object_distance", "Distance from the camera to the object.", "m", None, label="distance from camera to object"),
    _character("character_in_frame_share", "Part of the character's surface inside the frame.", "ratio", low(0.97, 0.995), label="character inside the frame", low=f"character is cropped: {{v}} of it is inside the frame {_WANTED}"),
    _character("character_clear_share", "Part of the character that no other thing hides.", "ratio", low(0.4, 0.55), label="character that nothing hides", low=f"character is hidden{{by}}: {{v}} of it is clear {_WANTED}"),
    _character("character_height", "Height of the character in the picture.", "px", low(150, 240), label="character's height in the picture", low=f"character is too small in the picture: {{v}} high {_WANTED}", high=f"character is too large in the picture: {{v}} high {_ALLOWED}"),
    _character("character_area", "Visible area of the character.", "px2", None, label="character's visible area"),
    _character("character_distance", "Distance from the camera to the character.", "m", None, label="distance from camera to character"),
    _edge("head_edge", "head", low(4, 12), "Distance of the head to the frame's edge; negative = outside.", "Character"),
    _edge("hand_edge", "hand", low(4, 12), "Distance of each hand to the frame's edge; negative = outside.", "Character", sides=True),
    _edge("foot_edge", "foot", low(4, 12), "Distance of each foot to the frame's edge; negative = outside.", "Character", sides=True),
    _visible("head_visible_share", "head", low(0.5, 0.8), "Visible part of the head.", "Character"),
    _visible("hand_visible_share", "hand", low(0.25, 0.5), "Visible part of each hand.", "Character", sides=True),
    _visible("foot_visible_share", "foot", low(0.08, 0.25), "Visible part of each foot.", "Character", sides=True),
    _character("face_angle", "Angle between where the face looks and the camera; 0 = into it.", "deg", high(120, 100), label="face's angle to the camera", high=f"face is turned {{v}} away from the camera {_ALLOWED}"),
    _gap("object_support", high(2, 0.5), "Air between the object and what it stands on."),
    _overlap("object_support", high(2, 0.5), "How deep the object cuts into what it stands on."),
    GateCheck("support_offset", "Height of what the object stands on, off the z of `obj_pos`.", "m", high(None, 0.05), "Contact", "geometry", "support's height off obj_pos", high=f"object stands {{v}} above or below the z of obj_pos, on {{n}} {_ALLOWED}"),
    _question("support_named", "fail", "The object stands on another thing than `obj_support` names.", "Contact", "object stands on what obj_support names", "object stands on {n}", wrong=False),
    _gap("character_object", None, "Air between character and object."),
    _overlap("character_object", high(1, 0.1), "How deep character and object cut into each other."),
    _gap("character_furniture", None, "Air between character and furniture."),
    _overlap("character_furniture", high(10, 2), "How deep the character cuts into furniture."),
    _gap("character_floor", high(15, 5), "Air between the character's soles and the floor."),
    _overlap("character_floor", high(15, 5), "How deep the character sinks into the floor."),
    _question("contained", "fail", "One thing lies wholly inside another.", "Contact", "{who} or {other} wholly inside the other", "{who} and {touched}: one lies wholly inside the other", wrong=True, subjects={f"{pair}_contained": subject for pair, subject in _PAIRS.items()}),
    _question("camera_animated", "fail", "The camera moves.", "Camera and depth", "camera moves", "camera is animated", wrong=True),
    _camera("camera_distance", "Distance from camera to target.", "m", between(0.8, 1.5, 6, 12), label="distance from camera to target", low=f"camera is too close: {{v}} from its target {_WANTED}", high=f"camera is too far: {{v}} from its target {_ALLOWED}"),
    _camera("camera_height", "Height of the camera over the floor.", "m", between(0.1, 0.3, 2.6, 4), label="camera's height over the floor", low=f"camera is too low: {{v}} over the floor {_WANTED}", high=f"camera is too high: {{v}} over the floor {_ALLOWED}"),
    _camera("camera_roll", "Tilt of the horizon.", "deg", high(3, 0.5), label="tilt of the horizon", high=f"horizon is tilted by {{v}} {_ALLOWED}"),
    _camera("camera_pitch", "How far the camera looks down.", "deg", between(-30, -10, 40, 60), label="how far the camera looks down", low=f"camera looks up too steeply: {{v}} down {_WANTED}", high=f"camera looks down too steeply: {{v}} {_ALLOWED}"),
    _camera("target_offset", "Distance of the target from the picture's centre, in frame heights.", "ratio", high(0.3, 0.1), config_unit="share of the height", label="target's distance from the centre, of the frame's height", high=f"camera's target is {{v}} of the frame's height from the centre {_ALLOWED}"),
    _camera("near_share", "Part of the picture that is nearer than 0.5 m.", "ratio", high(0.05, 0.005), label="picture nearer than 0.5 m", high=f"{{v}} of the picture is right before the lens{{by}} {_ALLOWED}"),
    _camera("depth_known_share", "Part of the picture with known depth.", "ratio", low(0.5, 0.9), label="picture with known depth", low=f"only {{v}} of the picture has a depth {_WANTED}"),
    _object("depth_object_share", "Part of the object's visible pixels whose depth agrees with its geometry.", "ratio", low(0.95, 0.99), label="depth of the object that agrees with its geometry", low=f"depth map and object disagree: only {{v}} of its pixels lie at its distance {_WANTED}"),
    _object("object_transparent", "Part of the object in the picture that lets the background through (glass, too).", "ratio", high(None, 0.2), label="part of the object that lets the background through", high=f"the object is transparent: {{v}} of it lets the background through {_ALLOWED}"),
    GateCheck("object_looks", "How far the object's hue in the picture is off its material's, where its colours and the light tell.", "deg", high(110, 75), "Object", "picture", "object's hue off its material's", high=f"object does not look like its material: its hue is {{v}} off {_ALLOWED}"),
    _picture("exposure", "Mean brightness.", default=between(20, 45, 210, 235), label="mean brightness", low=f"picture is too dark: mean brightness {{v}} {_WANTED}", high=f"picture is too bright: mean brightness {{v}} {_ALLOWED}"),
    _picture("contrast", "Brightness between the darkest and the brightest 1 %.", default=low(12, 50), label="brightness range", low=f"picture is blank or flat: its brightness spans {{v}} {_WANTED}"),
    _picture("brightness_p01", "Brightness that 1 % of the picture is below.", default=None, label="brightness, darkest 1 %"),
    _picture("brightness_p50", "Median brightness.", default=None, label="brightness, median"),
    _picture("brightness_p99", "Brightness that 1 % of the picture is above.", default=None, label="brightness, brightest 1 %"),
    _picture("clipped_high_share", "Part of the picture that is burnt out.", unit="ratio", default=high(0.3, 0.08), label="burnt out", high=f"{{v}} of the picture is burnt out {_ALLOWED}"),
    _picture("clipped_low_share", "Part of the picture that is black.", unit="ratio", default=high(0.5, 0.2), label="black", high=f"{{v}} of the picture is black {_ALLOWED}"),
    _picture("noise", "Standard deviation of the noise.", default=high(12, 5), label="noise", high=f"picture is noisy: {{v}} {_ALLOWED}"),
    _files("sidecars_missing", "Files of the output contract that are missing.", label="files missing", high="{v} missing: {n}"),
    _files("sidecars_wrong_seed", "Files that were written for another seed.", label="files of another seed", high="{v} from another seed: {n}"),
    _files("sidecars_unproved", "Files that do not agree with the geometry.", label="files that disagree with the geometry", high="{v} not in agreement with the geometry: {n}"),
    GateCheck("textures_lost", "Textures that cannot be shown.", "count", high(None, 0), "Files", "geometry", label="textures that cannot be shown", high="{v} of textures cannot be shown: {n}"),
    GateCheck("bare_share", "Part of the object's and of the character's surface whose colour is lost with a texture.", "ratio", high(0.5, None), "Files", "geometry", "surface of the {who} without its colour", high=f"{{who}} has lost its colour on {{v}} of its surface {_ALLOWED}", subjects={"object_bare_share": Subject("object"), "character_bare_share": Subject("character")}),
    _question("settle_known", "warn", "There is no verdict of settling.", "Settling", "settle verdict present", "object was not settled, or its verdict is lost", wrong=False),
    _question("settle_stable", "fail", "The object's pose is not stable.", "Settling", "object's pose is stable", "object's pose is not stable", wrong=False),
    _question("settle_at_rest", "fail", "The object did not come to rest.", "Settling", "object came to rest", "object did not come to rest", wrong=False),
    _question("settle_on_support", "fail", "The object is not wholly on its support.", "Settling", "object is wholly on its support", "object is not wholly on its support", wrong=False),
    _question("settle_rolls", "warn", "The object rolls.", "Settling", "object rolls", "object rolls: it has no face to rest on", wrong=True),
    _question("settle_unlikely", "warn", "Hardly anybody would see the object stand so.", "Settling", "object's pose is unlikely", "object's pose is unlikely: {n}", wrong=True),
    GateCheck("settle_confidence", "Share of the drops that ended in this pose.", "ratio", low(None, 0.5), "Settling", "geometry", "share of drops that ended in this pose", low=f"only {{v}} of the drops ended in this pose {_WANTED}"),
    _visible("seat_visible_share", "seat", low(0.25, 0.5), "Sitting: visible part of the seat.", "Task"),
    _visible("seat_approach_visible_share", "approach side of the seat", low(0.3, 0.6), "Sitting: visible part of the floor before it.", "Task", label="seat's approach side"),
    GateCheck("step_visible_share", "Stairs: visible part of the step that is seen least.", "ratio", low(0.2, 0.4), "Task", "geometry", "visible part of the step seen least", low=f"a step is hidden ({{n}}): {{v}} of it can be seen {_WANTED}"),
    _visible("landing_visible_share", "landing", low(0.3, 0.6), "Stairs: visible part of the landing.", "Task"),
    _visible("floor_reach_visible_share", "floor within reach", low(0.5, 0.8), "Ground pickup: visible part of the floor that the hands can reach.", "Task"),
)  # fmt: skip

JUDGED: tuple[GateCheck, ...] = tuple(check for check in CHECKS if check.default is not None)
"""The rows that have a key in the `gate:` section."""

CHECK_OF: Mapping[str, GateCheck] = {name: check for check in CHECKS for name in check.measurements}
"""Measurement name -> row."""
