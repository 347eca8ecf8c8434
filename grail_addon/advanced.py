# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of a request that the panel shows and changes under Advanced: each reads what counts now and writes an override."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import bpy


@dataclass(frozen=True)
class AdvancedKey:
    """A key of a pipeline file. path: its key path; section: what it belongs to; make: Blender's property for it;
    options: of that property, its name and description among them."""

    path: str
    section: str
    make: Callable[..., Any]
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The property's name in Python."""
        return self.path.replace(".", "_")


def _int(path: str, section: str, name: str, description: str, low: int, high: int) -> AdvancedKey:
    return AdvancedKey(
        path, section, bpy.props.IntProperty, {"name": name, "description": description, "min": low, "max": high}
    )


def _float(path: str, section: str, name: str, description: str, low: float, high: float, **more: Any) -> AdvancedKey:
    options = {"name": name, "description": description, "min": low, "max": high, **more}
    return AdvancedKey(path, section, bpy.props.FloatProperty, options)


def _bool(path: str, section: str, name: str, description: str) -> AdvancedKey:
    return AdvancedKey(path, section, bpy.props.BoolProperty, {"name": name, "description": description})


KEYS: tuple[AdvancedKey, ...] = (
    _int("rendering.samples", "frames", "Samples", "Render samples per pixel; 0 finds the fewest that look the same", 0, 65536),
    _int("rendering.width", "frames", "Width", "Width of a frame in pixels; even", 64, 8192),
    _int("rendering.height", "frames", "Height", "Height of a frame in pixels; even", 64, 8192),
    _bool("rendering.denoise", "frames", "Denoise", "Take the noise out of each frame"),
    _bool("rendering.camera_fit", "frames", "Fit Camera", "Choose the camera's distance so that object and whole person are seen"),
    _int("rendering.max_attempts", "frames", "Attempts", "Camera positions tried for a variant until one passes the check", 1, 100),
    _int("seed", "frames", "Base Seed", "All random choices start from it; another one gives other variants", 0, 2**31 - 1),
    _float("simulation.drop_height", "settling", "Drop Height", "Gap between the object and what it falls onto", 0.0, 5.0, unit="LENGTH", precision=3),
    _float("simulation.settling_time", "settling", "Longest Fall", "Simulated seconds after which a drop ends", 0.1, 120.0, unit="TIME_ABSOLUTE"),
    _float("simulation.initial_rotation_perturbation", "settling", "Tilt", "Largest tilt in degrees that an object is let go with", 0.0, 180.0),
    _int("simulation.drops", "settling", "Drops", "How often it is dropped; the share that ends alike is the confidence", 1, 1000),
    _int("simulation.seed", "settling", "Drop Seed", "Another seed tilts the drops in another way", 0, 2**31 - 1),
    _float("gate.hand_visible_share.fail_below", "check", "Hands Seen", "A frame fails where less of a hand than this can be seen", 0.0, 1.0),
    _float("gate.head_visible_share.fail_below", "check", "Head Seen", "A frame fails where less of the head than this can be seen", 0.0, 1.0),
    _float("gate.object_visible_share.fail_below", "check", "Object Seen", "A frame fails where less of the object than this can be seen", 0.0, 1.0),
)  # fmt: skip
AUTO = "auto"


def _counts(settings: Any, key: AdvancedKey) -> Any:
    """The value that counts: set in the panel, else of the pipeline file as it was last read, else nothing."""
    from .operators.state import STATE

    own = settings.overrides.get(key.path)
    if own is not None:
        try:
            return json.loads(own.value)
        except ValueError:
            return None
    view = STATE.views.get("setup")
    return None if view is None else view.values.get(key.path)


def _getter(key: AdvancedKey) -> Callable[[Any], Any]:
    kind = {bpy.props.IntProperty: int, bpy.props.FloatProperty: float, bpy.props.BoolProperty: bool}[key.make]

    def get(group: Any) -> Any:
        value = _counts(group.id_data.grail, key)
        return kind(value) if isinstance(value, (int, float)) else kind(0)

    return get


def _setter(key: AdvancedKey) -> Callable[[Any, Any], None]:
    def put(group: Any, value: Any) -> None:
        settings = group.id_data.grail
        if key.path == "rendering.samples" and value == 0:
            value = AUTO
        elif key.path in ("rendering.width", "rendering.height"):
            value += value % 2
        elif isinstance(value, float):
            value = round(value, 6)  # Blender's floats have single precision
        item = settings.overrides.get(key.path) or settings.overrides.add()
        item.name, item.value = key.path, json.dumps(value)

    return put


class GrailAdvanced(bpy.types.PropertyGroup):
    """The values of KEYS; nothing is kept here, an override is in the settings."""

    __annotations__ = {
        key.name: key.make(**key.options, get=_getter(key), set=_setter(key), options={"SKIP_SAVE"}) for key in KEYS
    }
