# SPDX-License-Identifier: GPL-3.0-or-later
"""A cordless drill driver, life-size: stands on its battery, chuck towards +x. Metres, z up, z = 0 below the battery."""

from __future__ import annotations

import numpy as np

from .boxes import box, extrude, side_centre
from .canvas import Canvas, rgb
from .finishes import plastic, rubber, steel
from .shapes import Part, Station, fillet, lathe, loft

TEAL, BLACK, CREAM, AMBER = rgb("0c8a93"), rgb("1f2224"), rgb("f1ede2"), rgb("f2a31b")
AXIS_Z = 0.196  # height of the chuck's axis


def _housing_paint(c: Canvas) -> None:
    """Both flanks get the maker's plate, vents and screws; the chart's u starts below, v runs forward."""
    w = c.size[0]
    plastic("0c8a93", 0.38, "drill body")(c)
    for centre, turn in ((0.75 * w, 90.0), (0.25 * w, -90.0)):
        sign = 1.0 if turn > 0 else -1.0  # up on the flank is -u on one side and +u on the other
        c.rect(centre - 0.016, 0.083, centre + 0.016, 0.160, BLACK, 0.45, radius=0.005)
        c.rect(centre - sign * 0.0135 - 0.0012, 0.086, centre - sign * 0.0135 + 0.0012, 0.157, AMBER, 0.4)
        c.text("VOLTRA", centre - sign * 0.002, 0.1215, 0.0120, CREAM, turn, 0.17, 0.4)
        c.text("18V BRUSHLESS", centre + sign * 0.0105, 0.1215, 0.0050, AMBER, turn, 0.15, 0.4)
        for v in np.arange(0.0545, 0.078, 0.0058):
            c.rect(centre - 0.017, v, centre + 0.017, v + 0.0030, rgb("07090a"), 0.9, radius=0.0014)
    for u in (0.05 * w, 0.95 * w):
        for v in (0.09, 0.15):
            c.disc(u, v, 0.0042, rgb("0a0b0c"), 0.7)
            c.disc(u, v, 0.0030, rgb("8b9095"), 0.35, 1.0)
            c.rect(u - 0.0022, v - 0.0004, u + 0.0022, v + 0.0004, rgb("0a0b0c"), 0.7)


def _grip_paint(c: Canvas) -> None:
    rubber("25282a", "drill grip")(c)
    w, h = c.size
    for v in np.arange(0.045, h - 0.05, 0.0048):
        for centre in (0.25 * w, 0.75 * w):
            c.rect(centre - 0.017, v, centre + 0.017, v + 0.0019, rgb("101213"), 0.9, radius=0.0009)
    c.rect(0.46 * w, 0.02, 0.54 * w, h - 0.02, TEAL, 0.4, radius=0.004)  # the seam of the housing down the back


def _battery_paint(c: Canvas) -> None:
    x, y, z = 0.122, 0.074, 0.050
    plastic("24272a", 0.5, "drill battery")(c)
    c.band(0.0375, 0.0405, TEAL, 0.4)
    for side, turn in (("front", 0.0), ("back", 0.0)):
        u, v = side_centre(x, y, z, side)
        c.rect(u - 0.044, v - 0.017, u + 0.044, v + 0.009, rgb("d9d6cc"), 0.45, radius=0.003)
        c.rect(u - 0.044, v - 0.017, u - 0.022, v + 0.009, AMBER, 0.45, radius=0.003)
        c.text("18", u - 0.033, v - 0.004, 0.0125, BLACK, turn, 0.18)
        c.text("LI-ION 4.0AH", u + 0.0115, v + 0.001, 0.0060, BLACK, turn, 0.17)
        c.text("72WH 2.6H CHARGE", u + 0.011, v - 0.009, 0.0034, rgb("55585a"), turn, 0.15)
    u, v = side_centre(x, y, z, "right")
    for i in range(4):
        c.disc(u - 0.015 + 0.01 * i, v - 0.004, 0.0022, rgb("3fd06a") if i < 3 else rgb("394a3f"), 0.3)
    u, v = side_centre(x, y, z, "left")
    for i in range(5):
        c.rect(u - 0.022, v - 0.018 + 0.006 * i, u + 0.022, v - 0.0155 + 0.006 * i, rgb("0d0f10"), 0.9)


def _clutch_paint(c: Canvas) -> None:
    plastic("2b2e31", 0.5, "drill clutch")(c)
    w, h = c.size
    for i in range(20):
        u = (i + 0.5) / 20 * w
        if i % 2 == 0:
            c.text(str(1 + i), u, 0.60 * h, 0.0052, CREAM, 0.0, 0.17)
        c.rect(u - 0.0006, 0.47 * h, u + 0.0006, 0.52 * h, CREAM)


def _housing() -> list[Part]:
    body = loft(
        [
            Station(-0.082, 0.026, 0.030, power=2.8),
            Station(-0.060, 0.0335, 0.0395, power=3.0),
            Station(-0.015, 0.0350, 0.0415, power=3.2),
            Station(0.025, 0.0345, 0.0400, y=0.0005, power=3.0),
            Station(0.050, 0.0315, 0.0345, y=0.0, power=2.5),
            Station(0.062, 0.0295, 0.0305, power=2.2),
        ],
        k=56,
        round_start=0.008,
        round_end=0.003,
    )
    cap = loft(
        [
            Station(-0.090, 0.024, 0.028, power=2.8),
            Station(-0.078, 0.0315, 0.0362, power=2.9),
            Station(-0.064, 0.0345, 0.0405, power=3.0),
            Station(-0.058, 0.0352, 0.0412, power=3.0),
        ],
        k=56,
        round_start=0.009,
        round_end=0.002,
    )
    parts = [
        body.along_x().moved(z=AXIS_Z).painted(_housing_paint),
        cap.along_x().moved(z=AXIS_Z).painted(rubber("232628", "drill cap")),
    ]
    for z in (-0.012, -0.004, 0.004, 0.012):  # rubber ribs round the motor's end
        rib = box(0.004, 0.0755, 0.0042, 0.0018, 2).moved(x=-0.069, z=AXIS_Z + z)
        parts.append(rib.painted(rubber("15181a", "drill rib")))
    top = box(0.085, 0.022, 0.008, 0.0035).moved(x=-0.010, z=AXIS_Z + 0.0400)
    parts.append(top.painted(rubber("232628", "drill top")))
    return parts


def _front() -> list[Part]:
    collar = fillet([(0, 0.056), (0.0325, 0.056), (0.0325, 0.064), (0.030, 0.067), (0, 0.067)], 0.0015, 2)
    clutch = fillet([(0, 0.066), (0.0300, 0.066), (0.0275, 0.088), (0, 0.088)], 0.002, 3)
    chuck = fillet(
        [(0, 0.086), (0.0215, 0.086), (0.0225, 0.092), (0.0225, 0.110), (0.0190, 0.120), (0.0105, 0.1275), (0, 0.1275)],
        [0, 0.002, 0.003, 0.004, 0.003, 0.0015, 0], 3,
    )  # fmt: skip
    jaws = fillet([(0, 0.122), (0.0080, 0.122), (0.0055, 0.1335), (0, 0.1335)], 0.001, 2)
    bit = fillet([(0, 0.128), (0.0031, 0.128), (0.0031, 0.182), (0, 0.1865)], 0.0002, 1)

    def chuck_paint(c: Canvas) -> None:
        steel("45484c", 0.34, "drill chuck")(c)
        w, h = c.size
        for i in range(30):
            c.rect((i + 0.25) / 30 * w, 0.48 * h, (i + 0.75) / 30 * w, 0.66 * h, rgb("1b1d1f"), 0.5)
        c.band(0.84 * h, 0.88 * h, rgb("9a9da1"), 0.25, 1.0)

    def bit_paint(c: Canvas) -> None:
        steel("c9a24b", 0.28, "drill bit")(c)
        w, h = c.size
        for i in range(-2, 9):  # the spiral of the flutes
            c.line([(0.0, 0.25 * h + i * 0.008), (w, 0.25 * h + (i + 1) * 0.008)], 0.0024, rgb("4a3a1c"), 0.45)
        c.band(0.0, 0.22 * h, rgb("b8babd"), 0.3, 1.0)

    def put(profile: object, k: int) -> Part:
        return lathe(profile, k).along_x().moved(z=AXIS_Z)  # type: ignore[arg-type]

    parts = [
        put(collar, 48).painted(plastic("1d2022", 0.5, "drill collar")),
        put(clutch, 48).painted(_clutch_paint),
        put(chuck, 48).painted(chuck_paint),
        put(jaws, 24).painted(steel("9fa3a8", 0.3, "drill jaws")),
        put(bit, 16).painted(bit_paint),
    ]
    for i in range(18):  # knurls of the clutch ring
        knurl = box(0.0115, 0.0040, 0.0032, 0.0014, 1).moved(x=0.0745, z=0.0288).turned("x", i * 20.0)
        parts.append(knurl.moved(z=AXIS_Z).painted(plastic("191b1d", 0.55, "drill knurl")))
    return parts


def _handle() -> list[Part]:
    grip = loft(
        [
            Station(0.056, 0.0265, 0.0245, x=-0.0165, power=2.6),
            Station(0.075, 0.0215, 0.0190, x=-0.0150, power=2.4),
            Station(0.105, 0.0215, 0.0180, x=-0.0120, power=2.3),
            Station(0.135, 0.0215, 0.0185, x=-0.0085, power=2.4),
            Station(0.158, 0.0250, 0.0215, x=-0.0060, power=2.6),
            Station(0.178, 0.0330, 0.0270, x=-0.0035, power=2.8),
        ],
        k=44,
    )
    foot = loft(
        [
            Station(0.046, 0.0570, 0.0345, x=0.002, power=5.0),
            Station(0.060, 0.0550, 0.0335, x=0.000, power=4.5),
            Station(0.070, 0.0360, 0.0270, x=-0.010, power=3.2),
        ],
        k=52,
        round_end=0.004,
    )
    outline = [(0.0, 0.0), (0.016, 0.003), (0.0115, 0.013), (0.0115, 0.021), (0.017, 0.034), (0.0, 0.037)]
    trigger = extrude(outline, 0.020, 0.003, 0.004)
    trigger = trigger.turned("x", 90).moved(x=0.008, y=0.010, z=0.121)
    lever = box(0.014, 0.054, 0.009, 0.003).moved(x=0.004, z=0.163)
    battery = box(0.122, 0.074, 0.050, 0.009, 4).moved(x=0.003, z=0.025)
    latch = box(0.004, 0.034, 0.014, 0.0018, 2).moved(x=0.0645, z=0.037)
    return [
        grip.painted(_grip_paint),
        foot.painted(plastic("0c8a93", 0.38, "drill foot")),
        trigger.painted(plastic("e2552b", 0.42, "drill trigger")),
        lever.painted(plastic("17191b", 0.5, "drill lever")),
        battery.painted(_battery_paint),
        latch.painted(plastic("e2552b", 0.42, "drill latch")),
    ]


def cordless_drill() -> list[Part]:
    """Housing, chuck with bit, clutch ring, trigger, rubber grip and battery."""
    return [*_housing(), *_front(), *_handle()]
