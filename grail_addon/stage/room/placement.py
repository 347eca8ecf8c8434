# SPDX-License-Identifier: GPL-3.0-or-later
"""Places object and person as a variant draws them, and says whether they fit: held by a support, nothing cut into.

A placement that does not fit is drawn again from its own stream; camera and light stay as they are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from ...core.arrays import Array
from ...core.config.scene import ResolvedObject
from ...core.errors import UserError
from ...core.gate.facts import ContactFacts, ContactPair
from ...core.mesh import MeshData
from ...core.pose import Pose
from ...core.rotations import about_z, from_euler_deg
from ...core.settle.rest import RestPose
from ...core.settle.support import FlatSupport, Support
from ...core.variant.draw import PlacementDraw, Variant, camera_of
from ...steps.effects import Pause, Steps, offload
from ..measure.contact import contact
from ..measure.posed_mesh import PosedMesh
from ..person.person import Person
from .scene import Stage

MAX_TRIES = 100
TOUCH_MM = 0.5
"""Overlap up to this is contact, not penetration: meshes are single precision and proxies of softer things."""
HELD_MM = 2.0
"""Air or overlap up to this where an object was moved on an uneven support; what the gate allows by default."""
LOW_THING = 0.05
"""Metres above the ground up to which a thing under the feet is floor (rug, step edge), not furniture."""


SAME_SUPPORT = 0.05
"""Metres of height that two places on one thing may differ by to count as the same support."""


@dataclass(frozen=True, eq=False)
class Placed:
    """A placement that fits. support: name of the thing the object stands on; support_offset: metres that it is above
    the height that `obj_pos` says."""

    obj: Pose
    object_mesh: PosedMesh
    character: Pose
    person_mesh: PosedMesh
    character_position: tuple[float, float, float]
    character_turn_deg: tuple[float, float, float]
    statics: Mapping[str, Pose]
    support: str
    support_offset: float
    ground_z: float
    contacts: Mapping[ContactPair, ContactFacts]


@dataclass(frozen=True)
class Misfit:
    """Why a placement does not fit, as the end of a sentence."""

    reason: str


SHEET, SHEET_LIFT = 0.0001, 0.0001
"""A sheet thinner than the one (metres) lies by the other above its support: in one plane, either may be drawn."""
_NO_CONTACT = ContactFacts(None, 0.0, False)


def _place_statics(
    stage: Stage, settings: ResolvedObject, offsets: Mapping[str, tuple[float, float, float]]
) -> dict[str, Pose]:
    poses = {}
    for name, thing in settings.static_objects.items():
        offset = np.array(offsets[name])
        wanted = Pose(from_euler_deg(thing.rot), np.array(thing.pos) + offset, np.array(thing.scale))
        poses[name] = stage.place_static(name, wanted)
    return poses


def _wanted_support(stage: Stage, settings: ResolvedObject, draw: PlacementDraw, rest: RestPose) -> tuple[str, float]:
    """Name and height of what the object was settled on. Of what is under `obj_pos` if it was not settled, or where another
    table stands in this variant (`scene_variety: high`), so that what it was settled on is not in the room."""
    if rest.verdict is not None and str(rest.verdict["support_name"]) in stage.room:
        name, height = str(rest.verdict["support_name"]), float(rest.verdict["support_height"])
    else:
        if any(any(offset) for offset in draw.static_offsets.values()):
            _place_statics(stage, settings, {name: (0.0, 0.0, 0.0) for name in settings.static_objects})
        support = stage.support_at(settings.obj_pos[:2], settings.obj_pos[2])
        name, height = support.name, support.height
    return name, height + draw.static_offsets.get(name, (0.0, 0.0, 0.0))[2]


def _thickness(mesh: MeshData, rest: RestPose) -> float:
    """Height of the resting object, metres."""
    return float(np.ptp((mesh.vertices * rest.scale) @ rest.rotation[2]))


def _place_object(
    stage: Stage, settings: ResolvedObject, draw: PlacementDraw, rest: RestPose, wanted: tuple[str, float]
) -> Steps[tuple[Pose, Support] | Misfit]:
    """Pose the object on the support that is really there under its point; it must be the wanted one (name, height)."""
    x, y = (settings.obj_pos[i] + draw.obj_offset[i] for i in range(2))
    lift = draw.obj_offset[2]
    support = stage.support_at((x, y), settings.obj_pos[2])
    name, height = wanted
    if support.name != name or abs(support.height - height) > SAME_SUPPORT:
        return Misfit(
            f"the object would stand on {support.name} at z {support.height:.2f} instead of {name} at z {height:.2f}"
        )
    turn_z = math.radians(draw.obj_turn_deg[2])
    if _thickness(stage.imported.mesh, rest) < SHEET:
        lift += SHEET_LIFT
    pose = rest.posed(turn_z, np.array([x, y, support.height + lift]))
    if rest.verdict is None and any(draw.obj_turn_deg[:2]):
        # not settled, so it may be turned any way; its lowest point stays on the support
        turned = from_euler_deg(draw.obj_turn_deg) @ rest.rotation
        low = stage.imported.mesh.scaled(rest.scale).transformed(turned, np.zeros(3)).bounds[0][2]
        pose = Pose(turned, np.array([x, y, support.height + lift - low]), rest.scale)
    if draw.obj_offset[2] == 0.0 and isinstance(support, FlatSupport) and support.holds is not None and rest.flat:
        yield Pause("placement")
        footprint = rest.footprint @ about_z(turn_z)[:2, :2].T
        if not bool(support.holds(footprint).all()):
            return Misfit(f"the object hangs over the edge of {support.name or 'its support'}")
    return pose, support


def _needs_look(draw: PlacementDraw, rest: RestPose, support: Support) -> bool:
    """Whether the object was moved or turned, from where it was settled, on what is not level."""
    is_moved = any(draw.obj_offset[:2]) or draw.obj_turn_deg[2] != 0.0
    is_level = isinstance(support, FlatSupport) and rest.flat
    return is_moved and not is_level and draw.obj_offset[2] == 0.0


def _support_contact(posed: PosedMesh, stage: Stage, support: str) -> ContactFacts:
    """Gap or penetration between the object and what carries it, from heights on a flat top, else from meshes."""
    under = stage.room.get(support)
    if under is None:
        return ContactFacts(None, 0.0, False, support)
    lowest = float(posed.world.bounds[0][2])
    corners = posed.world.vertices
    carrying = corners[corners[:, 2] < lowest + 0.002 * posed.world.size][:64]
    # sunk in with its highest point, a thing has the support's underside below it, or nothing
    sunk = under.closed and bool(under.contains(corners[[int(corners[:, 2].argmax())]])[0])
    top = None if sunk else stage.level_under(under, carrying)
    if top is not None:
        gap = (lowest - top) * 1000.0
        return ContactFacts(max(gap, 0.0), max(-gap, 0.0), False, support)
    return contact(posed, under) or ContactFacts(None, 0.0, False, support)


def _worst(found: list[ContactFacts]) -> ContactFacts:
    if not found:
        return _NO_CONTACT
    return max(found, key=lambda c: (c.contained, c.penetration_mm, -(c.gap_mm if c.gap_mm is not None else 1e9)))


def _contacts(
    stage: Stage, person: PosedMesh, posed: PosedMesh, support: str, ground: float
) -> dict[ContactPair, ContactFacts]:
    feet = (float(person.world.bounds[0][2]) - ground) * 1000.0
    furniture = [t for t in stage.room.values() if t.world.bounds[1][2] > ground + LOW_THING]
    beside = [c for c in (contact(person, t, a_is_solid=True) for t in furniture) if c is not None]
    return {
        "object_support": _support_contact(posed, stage, support),
        "character_object": contact(person, posed, a_is_solid=True) or _NO_CONTACT,
        "character_furniture": _worst(beside),
        "character_floor": ContactFacts(max(feet, 0.0), max(-feet, 0.0), False, "floor"),
    }


def _runs_into(room: Mapping[str, PosedMesh], posed: PosedMesh, support: str) -> str:
    """Name of a thing in the room that the object cuts into, empty if there is none."""
    for other in room.values():
        if other.name != support:
            found = contact(posed, other)
            if found is not None and (found.contained or found.penetration_mm > TOUCH_MM):
                return other.name
    return ""


def place(
    stage: Stage,
    person: Person,
    settings: ResolvedObject,
    draw: PlacementDraw,
    rest: RestPose,
    eye: Array | None = None,
) -> Steps[Placed | Misfit]:
    """Try one placement. eye: where the camera is, for a person who looks into it. Everything is moved in the scene even where it does not fit; the next try moves it again."""
    yield Pause("placement")
    wanted = _wanted_support(stage, settings, draw, rest)
    statics = _place_statics(stage, settings, draw.static_offsets)
    yield Pause("placement")
    stood = yield from _place_object(stage, settings, draw, rest, wanted)
    if isinstance(stood, Misfit):
        return stood
    pose, support = stood[0], stood[1].name
    offset = stood[1].height - settings.obj_pos[2] - draw.static_offsets.get(support, (0.0, 0.0, 0.0))[2]
    posed = stage.place_object(pose)
    if _needs_look(draw, rest, stood[1]):
        held = yield from offload(lambda: _support_contact(posed, stage, support), "contacts")
        off = max(held.penetration_mm, held.gap_mm or 0.0)
        if off > HELD_MM:
            how = "cut into" if held.penetration_mm == off else "float over"
            return Misfit(f"the object, as it was settled, would {how} {support} where that is uneven")
    into = yield from offload(lambda: _runs_into(stage.room, posed, support), "contacts")
    if into:
        return Misfit(f"the object runs into {into}")
    x, y, z = draw.character_position
    ground = stage.ground_height((x, y), z)
    position = (x, y, ground)
    yield Pause("placement")
    low, high = posed.world.bounds
    targets = {"object": (low + high) / 2, "camera": eye, "ahead": None}
    yield from turn_gaze(person, targets[settings.gaze], position, draw.character_turn_deg, settings.character_scale)
    person_mesh = yield from person.placed(position, draw.character_turn_deg, settings.character_scale)
    contacts = yield from offload(lambda: _contacts(stage, person_mesh, posed, support, ground), "contacts")
    for pair, who in (("character_object", "the object"), ("character_furniture", "")):
        found = contacts[pair]  # type: ignore[index]
        if found.contained or found.penetration_mm > TOUCH_MM:
            depth = "" if found.contained else f" by {found.penetration_mm:.1f} mm"
            return Misfit(f"the person runs into {who or found.other}{depth}")
    character = person.pose(position, draw.character_turn_deg, settings.character_scale)
    return Placed(
        obj=pose,
        object_mesh=posed,
        character=character,
        person_mesh=person_mesh,
        character_position=position,
        character_turn_deg=draw.character_turn_deg,
        statics=statics,
        support=support,
        support_offset=offset,
        ground_z=ground,
        contacts=contacts,
    )


def turn_gaze(
    person: Person,
    target: Array | None,
    position: tuple[float, float, float],
    turn_deg: tuple[float, float, float],
    scale: tuple[float, float, float],
) -> Steps[None]:
    """Let the person, who is to stand there, look at a point of the world, or ahead."""
    if target is not None:
        yield from person.look_at(target, position, turn_deg, scale)


def eye_of(variant: Variant, settings: ResolvedObject) -> Array | None:
    """Where the drawn camera is, for a person who is to look into it."""
    if settings.gaze != "camera":
        return None
    return camera_of(variant.camera, settings.render_width, settings.render_height).position


def place_variant(
    stage: Stage, person: Person, settings: ResolvedObject, draw: Callable[[int], Variant], rest: RestPose
) -> Steps[tuple[Variant, Placed]]:
    """Draw placements until one fits. draw: attempt number -> variant. Raises UserError when none of MAX_TRIES fits,
    or the first one does not and nothing about the placement is random."""
    first, reasons = draw(0), dict[str, int]()
    for attempt in range(MAX_TRIES):
        variant = draw(attempt) if attempt else first
        if attempt and variant.placement == first.placement:
            break
        found = yield from place(stage, person, settings, variant.placement, rest, eye_of(variant, settings))
        if isinstance(found, Placed):
            return variant, found
        reasons[found.reason] = reasons.get(found.reason, 0) + 1
    usual = max(reasons, key=lambda r: reasons[r])
    tries = sum(reasons.values())
    often = f"in {reasons[usual]} of {tries} placements" if tries > 1 else "as placed"
    raise UserError(
        f"no placement fits: {usual} ({often}).",
        "Change obj_pos, character_pos, character_distance or their random ranges.",
    )
