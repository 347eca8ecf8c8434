# SPDX-License-Identifier: GPL-3.0-or-later
"""Things to sit on, life-size: metres, z up, standing on z = 0, the middle of the seat over the origin, front at -y."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from .boxes import box, extrude
from .finishes import plastic, rubber, steel, wood
from .finishes_soft import fabric, hide
from .shapes import Painter, Part, Station, curve, fillet, lathe, loft, shell, superellipse, sweep

OAK = wood("a9794a", 0.42, True, "chair oak")
OAK_LYING = wood("a9794a", 0.42, False, "chair oak lying")
WALNUT = wood("6b4932", 0.42, True, "chair walnut")
WALNUT_LYING = wood("6b4932", 0.42, False, "chair walnut lying")
BEECH = wood("c49a68", 0.40, True, "chair beech")
BLACK = plastic("1d1e20", 0.45, "chair black")
CHROME = steel("b9bcc0", 0.2, "chair chrome")


def _block(
    x0: float, x1: float, y0: float, y1: float, z0: float, z1: float, paint: Painter, radius: float = 0.004
) -> Part:
    part = box(x1 - x0, y1 - y0, z1 - z0, radius, 3)
    return part.moved((x0 + x1) / 2, (y0 + y1) / 2, (z0 + z1) / 2).painted(paint)


def _leg(
    foot: Sequence[float], top: Sequence[float], low: float, high: float, paint: Painter, power: float = 2.0
) -> Part:
    """A tapered leg, cut level below, so that it stands flat. foot, top: middle of its ends; low, high: half widths."""
    ends = np.array([foot, top], dtype=np.float64)
    rings = []
    for t in (0.0, 0.02, 0.35, 0.7, 1.0):
        middle = ends[0] + t * (ends[1] - ends[0])
        half = (low + t * (high - low)) * (0.9 if t == 0.0 else 1.0)
        outline = superellipse(half, half, power, 20)
        rings.append(np.column_stack([outline + middle[:2], np.full(20, middle[2])]))
    return shell(np.array(rings)).painted(paint)


def _post(path: Sequence[Sequence[float]], radius: float, paint: Painter, power: float = 2.0) -> Part:
    """A bent post from the floor up, its foot cut level at z = 0."""
    post = sweep(curve(path, 6), radius, 20, power=power)
    v = post.vertices.copy()
    v[:, 2] = v[:, 2].clip(0.0)
    return replace(post, vertices=v, paint=paint)


def _cushion(wide: float, deep: float, high: float, radius: float, paint: Painter) -> Part:
    """A padded slab round the origin, a little higher in its middle."""
    part = box(wide, deep, high, radius, 5)
    v = part.vertices.copy()
    dome = (1 - (2 * v[:, 0] / wide) ** 2).clip(0) * (1 - (2 * v[:, 1] / deep) ** 2).clip(0)
    v[:, 2] += np.where(v[:, 2] > 0, 0.18 * high * dome, 0.0)
    return replace(part, vertices=v, paint=paint, crease=70.0)


def chair() -> list[Part]:
    """A wooden side chair: dished seat, ladder back."""
    parts = [_leg((s * 0.195, -0.19, 0.0), (s * 0.175, -0.165, 0.425), 0.013, 0.019, OAK) for s in (-1, 1)]
    for s in (-1, 1):
        line = [(s * 0.185, 0.215, 0.0), (s * 0.178, 0.175, 0.43), (s * 0.175, 0.20, 0.66), (s * 0.172, 0.255, 0.87)]
        parts.append(_post(line, 0.0165, OAK))
    seat = extrude([(-0.205, 0.185), (-0.215, -0.215), (0.215, -0.215), (0.205, 0.185)], 0.030, 0.010, 0.035, 4)
    parts.append(seat.moved(z=0.415).painted(OAK_LYING))
    for z, y, high in ((0.575, 0.192, 0.045), (0.69, 0.212, 0.045), (0.815, 0.238, 0.07)):
        slat = box(0.345, 0.016, high, 0.006, 3)
        v = slat.vertices.copy()
        v[:, 1] += 0.035 * (1 - (v[:, 0] / 0.17) ** 2)  # bent to the sitter's back
        parts.append(replace(slat, vertices=v, paint=OAK_LYING).turned("x", -10).moved(y=y - 0.006, z=z))
    for s in (-1, 1):
        rail = sweep([(s * 0.188, -0.178, 0.20), (s * 0.183, 0.19, 0.20)], 0.009, 14)
        parts.append(rail.painted(OAK))
    parts.append(sweep([(-0.185, 0.0, 0.20), (0.185, 0.0, 0.20)], 0.009, 14).painted(OAK))
    return parts


def carver_chair() -> list[Part]:
    """A dining chair with arms and a padded seat and back."""
    cloth = fabric("7d4a3a", "carver cloth")
    parts = [_leg((s * 0.245, -0.215, 0.0), (s * 0.235, -0.195, 0.655), 0.014, 0.017, WALNUT, 4.0) for s in (-1, 1)]
    for s in (-1, 1):
        line = [(s * 0.235, 0.255, 0.0), (s * 0.228, 0.205, 0.42), (s * 0.226, 0.23, 0.66), (s * 0.222, 0.285, 0.88)]
        parts.append(_post(line, 0.018, WALNUT))
        arm = sweep(
            curve(
                [
                    (s * 0.235, -0.245, 0.655),
                    (s * 0.238, -0.10, 0.668),
                    (s * 0.230, 0.10, 0.672),
                    (s * 0.226, 0.225, 0.668),
                ],
                6,
            ),
            0.021,
            20,
            0.6,
            power=3.0,
        )
        parts.append(arm.painted(WALNUT_LYING))
        parts.append(_block(s * 0.232 - 0.011, s * 0.232 + 0.011, -0.19, 0.20, 0.355, 0.415, WALNUT_LYING))
    parts += [
        _block(-0.225, 0.225, -0.215, -0.193, 0.355, 0.415, WALNUT_LYING),
        _block(-0.225, 0.225, 0.19, 0.21, 0.355, 0.415, WALNUT_LYING),
    ]
    parts.append(_cushion(0.445, 0.43, 0.065, 0.026, cloth).moved(y=-0.005, z=0.437))
    parts.append(_cushion(0.415, 0.31, 0.05, 0.022, cloth).turned("x", 77).moved(y=0.245, z=0.71))
    return parts


def stool() -> list[Part]:
    """A round stool with splayed legs and a ring of rails."""
    seat = fillet(
        [(0, 0), (0.150, 0.0), (0.172, 0.012), (0.172, 0.030), (0.155, 0.040), (0.08, 0.034), (0, 0.031)], 0.008, 4
    )
    parts = [lathe(seat, 64).moved(z=0.415).painted(BEECH)]
    for n in range(4):
        c, s = np.cos(np.radians(45 + 90 * n)), np.sin(np.radians(45 + 90 * n))
        parts.append(_leg((0.205 * c, 0.205 * s, 0.0), (0.115 * c, 0.115 * s, 0.425), 0.0125, 0.017, BEECH))
    for level, turn in ((0.17, 0), (0.22, 90)):
        reach = 0.205 - 0.09 * level / 0.425
        for s in (-1, 1):
            rail = sweep(
                [(-reach * 0.707, s * reach * 0.707, level), (reach * 0.707, s * reach * 0.707, level)], 0.0085, 14
            )
            parts.append(rail.turned("z", turn).painted(BEECH))
    return parts


def _wheel(x: float, y: float) -> list[Part]:
    profile = [(0, -0.011), (0.024, -0.011), (0.029, -0.006), (0.029, 0.006), (0.024, 0.011), (0, 0.011)]
    tyre = lathe(profile, 22).along_x()
    twin = [tyre.moved(s * 0.014, 0.0, 0.029).painted(rubber("1a1a1b", "caster")) for s in (-1, 1)]
    fork = lathe([(0, 0), (0.012, 0), (0.012, 0.03), (0, 0.03)], 20).moved(z=0.045).painted(BLACK)
    hood = (
        loft([Station(0.0, 0.022, 0.014), Station(0.022, 0.016, 0.012)], 20, 0.003, 0.004).moved(z=0.036).painted(BLACK)
    )
    turn = float(np.degrees(np.arctan2(y, x))) + 70.0
    return [p.turned("z", turn).moved(x, y) for p in (*twin, fork, hood)]


def office_chair() -> list[Part]:
    """A swivel chair: five-star base on twin wheels, gas spring, padded seat, high back, arms."""
    cloth = fabric("34465a", "office cloth", 0.16)
    parts: list[Part] = []
    for n in range(5):
        a = np.radians(-90 + 72 * n)
        c, s = float(np.cos(a)), float(np.sin(a))
        spoke = sweep(
            [(0.03 * c, 0.03 * s, 0.105), (0.16 * c, 0.16 * s, 0.098), (0.275 * c, 0.275 * s, 0.078)],
            [0.026, 0.022, 0.016],
            16,
            0.75,
            power=3.0,
        )
        parts += [spoke.painted(BLACK), *_wheel(0.265 * c, 0.265 * s)]
    parts.append(
        lathe(
            fillet([(0, 0.075), (0.045, 0.075), (0.05, 0.10), (0.03, 0.125), (0.03, 0.26), (0, 0.26)], 0.006, 3), 40
        ).painted(BLACK)
    )
    parts.append(lathe([(0, 0.24), (0.0145, 0.24), (0.0145, 0.39), (0, 0.39)], 32).painted(CHROME))
    parts.append(_block(-0.09, 0.09, -0.13, 0.13, 0.365, 0.40, BLACK, 0.012))
    parts.append(_block(-0.225, 0.225, -0.225, 0.205, 0.392, 0.412, BLACK, 0.009))
    parts.append(_cushion(0.475, 0.46, 0.075, 0.034, cloth).moved(y=-0.01, z=0.445))
    back = _cushion(0.43, 0.50, 0.055, 0.025, cloth)
    v = back.vertices.copy()
    v[:, 2] += 0.6 * v[:, 0] ** 2 - 0.5 * (v[:, 1] - 0.05) ** 2
    parts.append(replace(back, vertices=v).turned("x", 84).moved(y=0.245, z=0.76))
    stem = sweep(
        curve([(0, 0.10, 0.385), (0, 0.24, 0.39), (0, 0.285, 0.47), (0, 0.293, 0.72)], 6),
        0.024,
        16,
        0.45,
        up=(1.0, 0.0, 0.0),
        power=3.0,
    )
    parts.append(stem.painted(BLACK))
    for s in (-1, 1):
        parts.append(
            sweep(
                curve(
                    [
                        (s * 0.16, 0.0, 0.395),
                        (s * 0.255, 0.0, 0.405),
                        (s * 0.275, 0.01, 0.48),
                        (s * 0.275, 0.02, 0.635),
                    ],
                    6,
                ),
                0.017,
                16,
                0.6,
                up=(0.0, 1.0, 0.0),
                power=3.0,
            ).painted(BLACK)
        )
        pad = box(0.075, 0.26, 0.03, 0.012, 4).moved(s * 0.275, 0.0, 0.645)
        parts.append(pad.painted(rubber("232427", "arm pad")))
    return parts


def armchair() -> list[Part]:
    """An upholstered armchair on short legs."""
    cloth = fabric("5f6f63", "armchair cloth", 0.14)
    parts = [
        _leg((s * 0.29, y, 0.0), (s * 0.28, y * 0.96, 0.16), 0.014, 0.022, WALNUT)
        for s in (-1, 1)
        for y in (-0.30, 0.32)
    ]
    parts.append(_block(-0.335, 0.335, -0.33, 0.36, 0.145, 0.30, cloth, 0.022))
    parts.append(_cushion(0.475, 0.56, 0.15, 0.055, cloth).moved(y=-0.075, z=0.365))
    back = _cushion(0.62, 0.60, 0.15, 0.07, cloth).turned("x", 79)
    parts.append(back.moved(y=0.305, z=0.585))
    pad = _cushion(0.455, 0.40, 0.11, 0.052, cloth).turned("x", 76)
    parts.append(pad.moved(y=0.185, z=0.625))
    for s in (-1, 1):
        arm = loft(
            [Station(-0.35, 0.058, 0.185, y=0.0, power=4.5), Station(0.34, 0.066, 0.19, y=0.004, power=4.5)],
            40,
            0.035,
            0.02,
        ).turned("x", -90)  # laid along y
        parts.append(arm.moved(s * 0.305, 0.0, 0.385).painted(cloth))
    return parts


def bench() -> list[Part]:
    """A wooden bench with a slatted seat and back, for two."""
    half = 0.56
    parts: list[Part] = []
    for s in (-1, 1):
        x = s * (half - 0.06)
        parts.append(_leg((x, -0.19, 0.0), (x, -0.175, 0.40), 0.024, 0.026, BEECH, 5.0))
        post = _post([(x, 0.235, 0.0), (x, 0.19, 0.40), (x, 0.225, 0.62), (x, 0.275, 0.84)], 0.026, BEECH, 4.0)
        parts += [post, _block(x - 0.02, x + 0.02, -0.20, 0.21, 0.345, 0.402, BEECH)]
    for n in range(5):
        y = -0.205 + n * 0.088
        parts.append(_block(-half, half, y, y + 0.075, 0.400, 0.424, wood("c49a68", 0.45, False, f"slat {n}"), 0.005))
    for n, (z, y) in enumerate(((0.56, 0.196), (0.66, 0.215), (0.76, 0.238))):
        slat = box(2 * half, 0.02, 0.075, 0.005, 3).turned("x", -12).moved(y=y - 0.018, z=z)
        parts.append(slat.painted(wood("c49a68", 0.45, False, f"back slat {n}")))
    parts.append(_block(-half + 0.06, half - 0.06, -0.015, 0.015, 0.16, 0.20, BEECH))
    for s in (-1, 1):
        x = s * (half - 0.06)
        parts.append(_block(x - 0.016, x + 0.016, -0.185, 0.225, 0.16, 0.20, BEECH))
    return parts


def club_chair() -> list[Part]:
    """A leather tub chair: one round back that runs into the arms."""
    skin = hide("5a3a27", "club hide")
    parts = [
        _leg((s * 0.24, y, 0.0), (s * 0.235, y * 0.97, 0.14), 0.016, 0.022, WALNUT)
        for s in (-1, 1)
        for y in (-0.24, 0.25)
    ]
    base = loft([Station(0.13, 0.30, 0.31, power=4.0), Station(0.31, 0.31, 0.32, power=4.0)], 64, 0.02, 0.02)
    parts.append(base.painted(skin))
    parts.append(_cushion(0.46, 0.50, 0.13, 0.05, skin).moved(y=-0.055, z=0.365))
    turn = np.radians(np.linspace(-205, 25, 41))
    lift = 0.13 * np.clip(np.sin(np.linspace(0, np.pi, 41)), 0, 1) ** 1.5
    rim = np.column_stack([0.285 * np.cos(turn), 0.29 * np.sin(-turn)])
    rings = []
    for p, t, up in zip(rim, turn, lift, strict=True):
        outward = np.array([np.cos(t), np.sin(-t), 0.0])
        outline = superellipse(0.055, 0.20 + up / 2, 4.0, 32)
        middle = np.array([p[0], p[1], 0.39 + up / 2])
        rings.append(middle + outline[:, :1] * outward + outline[:, 1:] * np.array([0.0, 0.0, 1.0]))
    stack = np.array(rings)
    closed = shell(stack)
    volume = float(
        np.einsum(
            "ij,ij->i",
            closed.vertices[closed.faces[:, 0]],
            np.cross(closed.vertices[closed.faces[:, 1]], closed.vertices[closed.faces[:, 2]]),
        ).sum()
    )
    tub = closed if volume > 0 else shell(stack[::-1])
    parts.append(replace(tub, paint=skin, crease=70.0))
    return parts
