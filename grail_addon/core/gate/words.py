# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate's findings in a user's words: what each number is called and what is said when it is too low or too high."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from .facts import BODY_PARTS, CONTACT_PAIRS, ContactPair
from .types import Measurement, Unit

Side = Literal["", "low", "high"]


@dataclass(frozen=True)
class Words:
    """label: name of the number. low, high: sentences; {v} value, {t} threshold, {by} who is in the way, {n} the note.

    limit: key in the `gate:` section that judges it, empty for a number that is only recorded.
    wrong: for yes/no questions, the answer that is judged.
    """

    label: str
    low: str = ""
    high: str = ""
    limit: str = ""
    wrong: bool | None = None


_EDGE = "{label} is {edge}"


def _words() -> dict[str, Words]:
    table = {**_OBJECT, **_CHARACTER, **_SETTLE, **_CAMERA, **_PICTURE, **_SIDECARS, **_TASK}
    for part in BODY_PARTS:
        label = part.replace("_", " ")
        kind = part.rsplit("_", 1)[-1]
        table[f"{part}_edge"] = Words(label, _EDGE, limit=f"{kind}_edge")
        table[f"{part}_visible_share"] = Words(
            f"visible part of the {label}",
            f"{label} is hidden{{by}}: {{v}} of it can be seen ({{t}} wanted)",
            limit=f"{kind}_visible_share",
        )
    for pair in CONTACT_PAIRS:
        table |= _contact_words(pair)
    return table


_PAIR_NAMES: Mapping[ContactPair, tuple[str, str]] = {
    "object_support": ("object", "its support"),
    "character_object": ("character", "the object"),
    "character_furniture": ("character", "furniture"),
    "character_floor": ("character", "the floor"),
}
_MUST_TOUCH: tuple[ContactPair, ...] = ("object_support", "character_floor")


def _contact_words(pair: ContactPair) -> dict[str, Words]:
    who, whom = _PAIR_NAMES[pair]
    gap = f"{pair}_gap" if pair in _MUST_TOUCH else ""
    return {
        f"{pair}_gap": Words(
            f"gap between {who} and {whom}", high=f"{who} floats {{v}} above {{n:{whom}}} ({{t}} allowed)", limit=gap
        ),
        f"{pair}_penetration": Words(
            f"overlap of {who} and {whom}",
            high=f"{who} cuts {{v}} into {{n:{whom}}} ({{t}} allowed)",
            limit=f"{pair}_penetration",
        ),
        f"{pair}_contained": Words(
            f"{who} or {whom} wholly inside the other",
            high=f"{who} and {{n:{whom}}}: one lies wholly inside the other",
            limit="contained",
            wrong=True,
        ),
    }


_OBJECT = {
    "object_visible_share": Words(
        "visible part of the object",
        "object is hidden{by}: {v} of it can be seen ({t} wanted)",
        limit="object_visible_share",
    ),
    "object_area": Words(
        "object's visible area", "object is too small in the picture: {v} ({t} wanted)", limit="object_area"
    ),
    "object_long_side": Words(
        "object's longer side", "object is too small in the picture: {v} long ({t} wanted)", limit="object_long_side"
    ),
    "object_short_side": Words("object's shorter side"),
    "object_edge": Words("object", _EDGE, limit="object_edge"),
    "object_distance": Words("distance from camera to object"),
    "depth_object_share": Words(
        "depth of the object that agrees with its geometry",
        "depth map and object disagree: only {v} of its pixels lie at its distance ({t} wanted)",
        limit="depth_object_share",
    ),
}
_CHARACTER = {
    "character_in_frame_share": Words(
        "character inside the frame",
        "character is cropped: {v} of it is inside the frame ({t} wanted)",
        limit="character_in_frame_share",
    ),
    "character_clear_share": Words(
        "character that nothing hides",
        "character is hidden{by}: {v} of it is clear ({t} wanted)",
        limit="character_clear_share",
    ),
    "character_height": Words(
        "character's height in the picture",
        "character is too small in the picture: {v} high ({t} wanted)",
        "character is too large in the picture: {v} high ({t} allowed)",
        limit="character_height",
    ),
    "character_area": Words("character's visible area"),
    "character_distance": Words("distance from camera to character"),
    "face_angle": Words(
        "face's angle to the camera", high="face is turned {v} away from the camera ({t} allowed)", limit="face_angle"
    ),
}
_SETTLE = {
    "settle_known": Words(
        "settle verdict present", "object was not settled, or its verdict is lost", limit="settle_known", wrong=False
    ),
    "settle_stable": Words(
        "object's pose is stable", "object's pose is not stable", limit="settle_stable", wrong=False
    ),
    "settle_at_rest": Words("object came to rest", "object did not come to rest", limit="settle_at_rest", wrong=False),
    "settle_on_support": Words(
        "object is wholly on its support", "object is not wholly on its support", limit="settle_on_support", wrong=False
    ),
    "settle_rolls": Words(
        "object rolls", high="object rolls: it has no face to rest on", limit="settle_rolls", wrong=True
    ),
    "settle_confidence": Words(
        "share of drops that ended in this pose",
        "only {v} of the drops ended in this pose ({t} wanted)",
        limit="settle_confidence",
    ),
}
_CAMERA = {
    "camera_animated": Words("camera moves", high="camera is animated", limit="camera_animated", wrong=True),
    "camera_distance": Words(
        "distance from camera to target",
        "camera is too close: {v} from its target ({t} wanted)",
        "camera is too far: {v} from its target ({t} allowed)",
        limit="camera_distance",
    ),
    "camera_height": Words(
        "camera's height over the floor",
        "camera is too low: {v} over the floor ({t} wanted)",
        "camera is too high: {v} over the floor ({t} allowed)",
        limit="camera_height",
    ),
    "camera_roll": Words("tilt of the horizon", high="horizon is tilted by {v} ({t} allowed)", limit="camera_roll"),
    "camera_pitch": Words(
        "how far the camera looks down",
        "camera looks up too steeply: {v} down ({t} wanted)",
        "camera looks down too steeply: {v} ({t} allowed)",
        limit="camera_pitch",
    ),
    "target_offset": Words(
        "target's distance from the centre, of the frame's height",
        high="camera's target is {v} of the frame's height from the centre ({t} allowed)",
        limit="target_offset",
    ),
    "near_share": Words(
        "picture nearer than 0.5 m",
        high="{v} of the picture is right before the lens{by} ({t} allowed)",
        limit="near_share",
    ),
    "depth_known_share": Words(
        "picture with known depth", "only {v} of the picture has a depth ({t} wanted)", limit="depth_known_share"
    ),
}
_PICTURE = {
    "exposure": Words(
        "mean brightness",
        "picture is too dark: mean brightness {v} ({t} wanted)",
        "picture is too bright: mean brightness {v} ({t} allowed)",
        limit="exposure",
    ),
    "contrast": Words(
        "brightness range", "picture is blank or flat: its brightness spans {v} ({t} wanted)", limit="contrast"
    ),
    "brightness_p01": Words("brightness, darkest 1 %"),
    "brightness_p50": Words("brightness, median"),
    "brightness_p99": Words("brightness, brightest 1 %"),
    "clipped_high_share": Words(
        "burnt out", high="{v} of the picture is burnt out ({t} allowed)", limit="clipped_high_share"
    ),
    "clipped_low_share": Words("black", high="{v} of the picture is black ({t} allowed)", limit="clipped_low_share"),
    "noise": Words("noise", high="picture is noisy: {v} ({t} allowed)", limit="noise"),
}
_SIDECARS = {
    "sidecars_missing": Words("files missing", high="{v} missing: {n}", limit="sidecars_missing"),
    "sidecars_wrong_seed": Words(
        "files of another seed", high="{v} from another seed: {n}", limit="sidecars_wrong_seed"
    ),
    "sidecars_unproved": Words(
        "files that disagree with the geometry",
        high="{v} not in agreement with the geometry: {n}",
        limit="sidecars_unproved",
    ),
}
_TASK = {
    "seat_visible_share": Words(
        "visible part of the seat", "seat is hidden{by}: {v} of it can be seen ({t} wanted)", limit="seat_visible_share"
    ),
    "seat_approach_visible_share": Words(
        "visible part of the seat's approach side",
        "approach side of the seat is hidden{by}: {v} of it can be seen ({t} wanted)",
        limit="seat_approach_visible_share",
    ),
    "step_visible_share": Words(
        "visible part of the step seen least",
        "a step is hidden ({n}): {v} of it can be seen ({t} wanted)",
        limit="step_visible_share",
    ),
    "landing_visible_share": Words(
        "visible part of the landing",
        "landing is hidden{by}: {v} of it can be seen ({t} wanted)",
        limit="landing_visible_share",
    ),
    "floor_reach_visible_share": Words(
        "visible part of the floor within reach",
        "floor within reach is hidden{by}: {v} of it can be seen ({t} wanted)",
        limit="floor_reach_visible_share",
    ),
}
WORDS: Mapping[str, Words] = _words()


def amount(value: float, unit: Unit) -> str:
    """A number with its unit, as short as its size allows."""
    if unit == "ratio":
        percent = value * 100
        return f"{percent:.1f} %" if 0 < percent < 10 or 99 < percent < 100 else f"{percent:.0f} %"
    if unit == "count":
        return f"{value:.0f} file" + ("" if value == 1 else "s")
    if unit == "px":
        return f"{value:.0f} px" if abs(value) >= 10 or value == int(value) else f"{value:.1f} px"
    if unit == "px2":
        return f"{value:.0f} square px"
    if unit == "deg":
        return f"{value:.1f}°" if abs(value) < 10 else f"{value:.0f}°"
    if unit == "level":
        return f"{value:.0f} of 255" if abs(value) >= 10 else f"{value:.1f} of 255"
    if unit == "m":
        return f"{value:.2f} m"
    return f"{value:.1f} mm" if unit == "mm" else f"{value:g}"


def sentence(found: Measurement, words: Words, side: Side, threshold: str) -> str:
    """The finding as a sentence; side: in which direction the number is off, empty when it is all right."""
    if found.value is None:
        return f"{words.label} could not be measured" + (f": {found.note}" if found.note else "")
    if not side:
        return _plain(found, words)
    text = words.low if side == "low" else words.high
    value = "" if isinstance(found.value, bool) else amount(found.value, found.unit)
    for token, filled in (("{label}", words.label), ("{v}", value), ("{t}", threshold), ("{by}", _by(found.note))):
        text = text.replace(token, filled)
    text = text.replace("{edge}", _edge(found, threshold)).replace("{n}", found.note)
    head, mark, tail = text.partition("{n:")
    if mark:  # the note, or the words after the colon where there is none
        otherwise, _, rest = tail.partition("}")
        text = head + (found.note or otherwise) + rest
    return text


def _plain(found: Measurement, words: Words) -> str:
    if isinstance(found.value, bool):
        return f"{words.label}: {'yes' if found.value else 'no'}"
    if found.value is not None and words.low == _EDGE:
        return f"{words.label} is {amount(found.value, found.unit)} inside the frame"
    return f"{words.label}: {amount(found.value or 0.0, found.unit)}" + (f" ({found.note})" if found.note else "")


def _by(note: str) -> str:
    if not note:
        return ""
    return f" by {note}" if not note.startswith(("outside", "too ", "it ")) else f" ({note})"


def _edge(found: Measurement, threshold: str) -> str:
    value = float(found.value or 0.0)
    if found.note:
        return found.note
    if value < 0:
        return f"outside the frame by {amount(-value, found.unit)}"
    return f"only {amount(value, found.unit)} inside the frame ({threshold} wanted)"
