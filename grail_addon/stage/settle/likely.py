# SPDX-License-Identifier: GPL-3.0-or-later
"""How likely the pose is that a body came to rest in on a level surface; drops with a wide tilt where that is in doubt."""

from __future__ import annotations

import numpy as np

from ...core.arrays import Array
from ...core.settle.likelihood import MOSTLY, Likelihood, PoseShares, pose_shares, sideways_tip_deg
from ...core.settle.settings import SettleSettings
from ...core.settle.statics import same_rest
from ...core.settle.statics_rotation import smallest_rotation, tilt
from ...core.streams import stream
from ...steps.effects import Steps, offload
from .body import Body, Rest, above, add_floor
from .drop import DropBody, drop, quick_world

WIDE_DROPS = 16
WIDE_TILT_DEG = 12.0
WIDE_HEIGHT = 0.002
# None of these is part of a state's fingerprint: they judge a pose and, with `prefer: config`, never change it.


def shares_of(body: Body) -> Steps[PoseShares]:
    """The poses that the body can rest in."""
    return (yield from offload(lambda: pose_shares(body.first.vertices, body.first.faces), "statics"))


def likelihood(body: Body, shares: PoseShares, rest: Rest, rolls: bool, settings: SettleSettings) -> Steps[Likelihood]:
    """How likely the body's pose `rest` is."""
    stance = rest.stance
    alike, tip = shares.of_height(stance.com_height, body.size), stance.tip_angle_deg
    share = alike if rolls else shares.of_pose(stance.com_height, -rest.rotation[2], body.size)
    if rolls:  # it has no one face; what counts is whether it also falls over sideways
        tip = 90.0 if share >= MOSTLY else sideways_tip_deg(stance.footprint, stance.com_height)
    found = Likelihood(share, tip)
    if not found.is_doubtful:
        return found
    return Likelihood(share, tip, (yield from _wide_share(body, rest, rolls or share >= MOSTLY, settings)))


def _wide_share(body: Body, rest: Rest, any_alike: bool, settings: SettleSettings) -> Steps[float]:
    """Share of the drops, tilted by `WIDE_TILT_DEG` and with no more damping than nature has, that come back to `rest`.

    any_alike: or to a pose of the same height."""
    bodies = []
    for index in range(WIDE_DROPS):
        azimuth = stream(settings.seed, "settle", "wide", index).uniform(0.0, 2.0 * np.pi)
        tilted = tilt(np.radians(WIDE_TILT_DEG), azimuth) @ rest.rotation
        bodies.append(DropBody([body.others], above(body, tilted, WIDE_HEIGHT)))
    landings = yield from drop(bodies, add_floor, body.size, settings, settings.natural_angular_damping, quick_world)

    def share() -> float:
        alike = 0
        for landing in landings:
            other = body.rest(landing.end.rotation, settings.snap_deg)
            heights = rest.stance.com_height, other.stance.com_height
            alike += same_rest(heights[0], -rest.rotation[2], heights[1], -other.rotation[2], body.size, any_alike)
        return alike / len(landings)

    return (yield from offload(share, "statics"))


def likely_start(shares: PoseShares, rotation: Array, size: float) -> Array:
    """Start rotation (3, 3) for the likeliest pose: `rotation` turned by as little as sets the body on it."""
    down = shares.likeliest(-rotation[2], size)
    return smallest_rotation(rotation @ down, np.array([0.0, 0.0, -1.0])) @ rotation
