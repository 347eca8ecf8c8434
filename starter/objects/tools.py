# SPDX-License-Identifier: GPL-3.0-or-later
"""Hammer and screwdriver, spray bottle and watering can, life-size: metres, z up, z = 0 below."""

from __future__ import annotations

import numpy as np

from .boxes import box, extrude
from .canvas import Canvas, rgb
from .finishes import plastic, steel, wood
from .shapes import Painter, Part, Station, curve, fillet, lathe, loft, sweep


def hammer() -> list[Part]:
    """A claw hammer lying on its side, head at +x, the claw towards +y."""
    handle = loft(
        [
            Station(-0.175, 0.0165, 0.0125, power=2.4),
            Station(-0.165, 0.0190, 0.0145, power=2.4),
            Station(-0.120, 0.0165, 0.0125, power=2.3),
            Station(-0.050, 0.0160, 0.0120, power=2.3),
            Station(0.030, 0.0120, 0.0085, power=2.4),
            Station(0.100, 0.0120, 0.0085, power=3.0),
            Station(0.151, 0.0120, 0.0085, power=4.0),
        ],
        36, 0.004, 0.002,
    )  # fmt: skip
    handle = handle.along_x()

    def grip(c: Canvas) -> None:
        wood("b9823f", 0.42, True, "hammer handle")(c)
        w = c.size[0]
        c.band(0.0, 0.028, rgb("a52a22"), 0.35)
        c.band(0.028, 0.031, rgb("e9dfc9"), 0.4)
        for u in (0.0, w / 2, w):
            c.text("16 OZ", u, 0.175, 0.011, rgb("5a3416"), 90 if u == w / 2 else -90, 0.16)

    face = fillet(
        [(0, 0), (0.0130, 0), (0.0140, 0.0015), (0.0140, 0.011), (0.0095, 0.018), (0.0105, 0.046), (0, 0.046)], 0.001, 3
    )
    cheek = box(0.030, 0.034, 0.026, 0.004)
    claw_side = [
        (-0.0120, 0.0),
        (0.0125, 0.0),
        (0.0125, 0.018),
        (0.0075, 0.042),
        (-0.0055, 0.066),
        (-0.0105, 0.063),
        (-0.0045, 0.040),
        (-0.0105, 0.018),
    ]
    head_x = 0.128

    def polished(c: Canvas) -> None:
        steel("8f9398", 0.32, "hammer face")(c)
        c.band(0.0, 0.0155, rgb("d2d4d6"), 0.2, 1.0)

    parts = [
        handle.painted(grip),
        lathe(face, 40).turned("x", -90).moved(x=head_x, y=-0.060).painted(polished),
        cheek.moved(x=head_x, y=-0.001).painted(steel("7c8085", 0.38, "hammer cheek")),
    ]
    for side in (-1, 1):  # the two tines, a gap between them
        tine = extrude(claw_side, 0.0098, 0.0012, 0.002).moved(z=-0.0049).turned("x", -side * 5.0)
        parts.append(tine.moved(x=head_x, y=0.013, z=side * 0.0068).painted(steel("8f9398", 0.33, "hammer claw")))
    head = [p.moved(x=-head_x).scaled(1.22).moved(x=head_x) for p in parts[1:]]
    low = min(float(p.vertices[:, 2].min()) for p in head)
    return [p.moved(z=-low) for p in (parts[0], *head)]


def screwdriver() -> list[Part]:
    """A flat-blade screwdriver lying along x, tip at +x."""
    grip = loft(
        [
            Station(-0.105, 0.0085, 0.0085, power=2.0),
            Station(-0.100, 0.0125, 0.0125, power=2.0),
            Station(-0.088, 0.0155, 0.0155, power=2.6),
            Station(-0.060, 0.0165, 0.0165, power=3.0),
            Station(-0.030, 0.0150, 0.0150, power=3.0),
            Station(-0.016, 0.0115, 0.0115, power=2.2),
            Station(-0.006, 0.0130, 0.0130, power=2.0),
            Station(0.004, 0.0105, 0.0105, power=2.0),
        ],
        48, 0.003, 0.002,
    )  # fmt: skip
    flutes = grip.vertices.copy()
    angle = np.arctan2(flutes[:, 1], flutes[:, 0])
    inside = np.clip((flutes[:, 2] + 0.092) / 0.012, 0, 1) * np.clip((-0.024 - flutes[:, 2]) / 0.01, 0, 1)
    flutes[:, :2] *= (1 - 0.09 * inside * (0.5 + 0.5 * np.cos(6 * angle)))[:, None]
    grip = Part(flutes, grip.faces, grip.uv, grip.size, crease=60)
    shaft = loft(
        [
            Station(-0.002, 0.0031, 0.0031, power=2),
            Station(0.092, 0.0031, 0.0031, power=2),
            Station(0.098, 0.0034, 0.0030, power=2.4),
            Station(0.106, 0.0042, 0.0016, power=4),
            Station(0.115, 0.0034, 0.0006, power=5),
        ],
        24, 0.0, 0.0002,
    )  # fmt: skip

    def paint(c: Canvas) -> None:
        plastic("c8201f", 0.25, "driver grip")(c)
        w = c.size[0]
        c.band(0.0, 0.020, rgb("f1c21b"), 0.3)
        c.band(0.083, 0.112, rgb("f1c21b"), 0.3)
        for k in range(6):
            u = (k + 0.5) / 6 * w
            c.rect(u - 0.0028, 0.030, u + 0.0028, 0.078, rgb("1d1d1f"), 0.7, radius=0.002)

    def tip(c: Canvas) -> None:
        steel("cfd1d4", 0.22, "driver shaft")(c)
        c.band(c.size[1] - 0.022, c.size[1], rgb("4c4e52"), 0.4, 1.0)

    return [p.along_x().moved(z=0.0165) for p in (grip.painted(paint), shaft.painted(tip))]


def spray_bottle() -> list[Part]:
    """A trigger spray bottle, nozzle towards +x."""
    body = loft(
        [
            Station(0.0, 0.040, 0.030, power=3.4),
            Station(0.010, 0.043, 0.0325, power=3.4),
            Station(0.095, 0.043, 0.0325, power=3.2),
            Station(0.125, 0.037, 0.0290, power=2.8),
            Station(0.150, 0.0215, 0.0200, power=2.2),
            Station(0.166, 0.0145, 0.0145, power=2.0),
            Station(0.178, 0.0140, 0.0140, power=2.0),
        ],
        56, 0.005,
    )  # fmt: skip
    collar = lathe(fillet([(0, 0.172), (0.0165, 0.172), (0.0160, 0.192), (0, 0.192)], 0.0016, 3), 48)
    hood = [
        (-0.030, 0.0),
        (0.010, 0.0),
        (0.016, 0.012),
        (0.048, 0.018),
        (0.048, 0.036),
        (0.020, 0.044),
        (-0.024, 0.044),
        (-0.040, 0.028),
    ]
    bends = [0.005, 0.004, 0.008, 0.004, 0.004, 0.012, 0.014, 0.012]
    trigger = [
        (0.0, 0.0),
        (-0.010, 0.0),
        (-0.002, -0.014),
        (0.009, -0.034),
        (0.017, -0.056),
        (0.025, -0.054),
        (0.020, -0.032),
        (0.013, -0.012),
    ]
    nozzle = lathe(fillet([(0, 0), (0.0115, 0), (0.0105, 0.014), (0.005, 0.017), (0, 0.017)], 0.0015, 3), 32)

    def label(c: Canvas) -> None:
        c.fill(rgb("dfe9ee"), 0.3)
        c.grain(0.03, 0.02, "spray bottle", 0.04)
        w, _ = c.size
        for centre in (0.0, 0.5 * w, w):
            c.rect(centre - 0.040, 0.052, centre + 0.040, 0.124, rgb("1f6fb2"), 0.35, radius=0.006)
            c.rect(centre - 0.040, 0.052, centre + 0.040, 0.072, rgb("f3d33b"), 0.35, radius=0.006)
            c.text("CLEAR", centre, 0.107, 0.0145, rgb("ffffff"), 0, 0.19)
            c.text("GLASS CLEANER", centre, 0.089, 0.0058, rgb("ffffff"), 0, 0.17)
            c.text("500 ML", centre, 0.062, 0.0068, rgb("1a3f66"), 0, 0.17)

    def knurled(c: Canvas) -> None:
        plastic("f2f2ee", 0.4, "spray collar")(c)
        w, h = c.size
        for i in range(36):
            c.rect((i + 0.3) / 36 * w, 0.3 * h, (i + 0.6) / 36 * w, 0.62 * h, rgb("b9bbb8"), 0.5)

    white, blue = plastic("f0f0ec", 0.38, "spray hood"), plastic("1f6fb2", 0.38, "spray trigger")
    return [
        body.painted(label),
        collar.painted(knurled),
        extrude(hood, 0.026, 0.005, bends).turned("x", 90).moved(y=0.013, z=0.188).painted(white),
        extrude(trigger, 0.015, 0.0025, 0.004).turned("x", 90).moved(x=0.022, y=0.0075, z=0.205).painted(blue),
        nozzle.along_x().moved(x=0.045, z=0.215).painted(blue),
    ]


def watering_can() -> list[Part]:
    """A small zinc watering can, spout towards +x."""
    body = fillet(
        [(0, 0.003), (0.066, 0.003), (0.068, 0), (0.071, 0.002), (0.066, 0.115), (0.069, 0.118), (0.066, 0.121), (0.0635, 0.118), (0.0675, 0.012), (0, 0.010)],
        [0, 0.001, 0.001, 0.001, 0.004, 0.001, 0.001, 0.003, 0.006, 0], 3,
    )  # fmt: skip
    spout = sweep(
        curve([(0.050, 0, 0.022), (0.085, 0, 0.045), (0.125, 0, 0.100), (0.160, 0, 0.146)], 6),
        np.linspace(0.0145, 0.0088, 19),
        24,
        up=(0, 1, 0),
    )
    rose = lathe(
        fillet(
            [(0, 0), (0.0095, 0), (0.0105, 0.004), (0.026, 0.026), (0.0265, 0.030), (0.022, 0.033), (0, 0.035)],
            0.002,
            3,
        ),
        48,
    )
    top = sweep(
        curve(
            [
                (0.052, 0, 0.117),
                (0.040, 0, 0.160),
                (0.0, 0, 0.182),
                (-0.050, 0, 0.168),
                (-0.100, 0, 0.120),
                (-0.104, 0, 0.075),
                (-0.062, 0, 0.040),
            ],
            7,
        ),
        0.0068,
        18,
        0.6,
        up=(0, 1, 0),
    )
    bands = [
        lathe(fillet([(0, z), (r + 0.0022, z), (r + 0.0022, z + 0.005), (0, z + 0.005)], 0.0016, 3), 64)
        for z, r in ((0.030, 0.0694), (0.092, 0.0670))
    ]

    def zinc(seed: str, code: str = "9fb3ab") -> Painter:
        def paint(c: Canvas) -> None:
            c.fill(rgb(code), 0.42, 0.0)
            c.grain(0.10, 0.02, seed, 0.08)
            c.grain(0.06, 0.004, seed + "f", 0.05)

        return paint

    def holes(c: Canvas) -> None:
        steel("c08a4a", 0.35, "rose")(c)
        w, h = c.size
        for row, count in ((0.003, 6), (0.008, 14), (0.013, 20), (0.018, 26)):
            for i in range(count):
                c.disc((i + 0.5) / count * w, h - row, 0.0016, rgb("1c1712"), 0.8, 0.0)

    green = zinc("can")
    return [
        lathe(body, 72).painted(green),
        *[b.painted(zinc("band", "8aa198")) for b in bands],
        spout.painted(green),
        rose.turned("y", 49).moved(x=0.157, z=0.143).painted(holes),
        top.painted(wood("9a6a3c", 0.5, True, "can handle")),
    ]
