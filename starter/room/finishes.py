# SPDX-License-Identifier: GPL-3.0-or-later
"""What every starter scene is made of: name -> finish."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from . import surfaces, textures
from .textures import Texture


@dataclass(frozen=True)
class Finish:
    """texture: painted, tiled by metres (mirrored unless `wrap`); or a plain sRGB `code`. glow: emission strength.

    bump: metres of relief between the texture's darkest and brightest.
    """

    texture: Callable[[], Texture] | None = None
    code: str = "808080"
    rough: float = 0.5
    metal: float = 0.0
    glow: float = 0.0
    wrap: bool = False
    bump: float = 0.0


FINISHES: dict[str, Finish] = {
    "oak_floor": Finish(textures.planks, rough=0.42, wrap=True),
    "wall_cream": Finish(lambda: textures.paint("cfc6b4", "cream"), rough=0.85),
    "wall_sage": Finish(lambda: textures.paint("97a694", "sage"), rough=0.85),
    "trim_white": Finish(code="dedbd2", rough=0.4),
    "birch": Finish(lambda: textures.wood("c79c68", "birch"), rough=0.38),
    "walnut": Finish(lambda: textures.wood("6f4c33", "walnut"), rough=0.42),
    "rug_wool": Finish(textures.carpet, rough=0.95),
    "sofa_cloth": Finish(lambda: textures.cloth("857c70", "sofa"), rough=0.9),
    "cushion_ochre": Finish(lambda: textures.cloth("c2913f", "ochre"), rough=0.9),
    "cushion_blue": Finish(lambda: textures.cloth("35566e", "blue"), rough=0.9),
    "linen": Finish(lambda: textures.cloth("c9c1ae", "linen", contrast=0.10), rough=0.9),
    "steel_dark": Finish(code="3a3a3c", rough=0.35, metal=1.0),
    "brass": Finish(code="b08d4f", rough=0.3, metal=1.0),
    "ceramic": Finish(code="e3ddd0", rough=0.2),
    "terracotta": Finish(lambda: textures.paint("b06a48", "terracotta"), rough=0.75),
    "soil": Finish(code="3b2d22", rough=0.95),
    "leaf": Finish(code="3f6b3a", rough=0.45),
    "leaf_light": Finish(code="5d8a4a", rough=0.45),
    "paper": Finish(code="e2dccb", rough=0.8),
    "book_red": Finish(code="8f3a32", rough=0.6),
    "book_blue": Finish(code="2f4f73", rough=0.6),
    "book_green": Finish(code="40634c", rough=0.6),
    "book_ochre": Finish(code="b98a3c", rough=0.6),
    "book_grey": Finish(code="6a6c70", rough=0.6),
    "wicker": Finish(lambda: textures.cloth("a98455", "wicker", 0.9, 0.3), rough=0.8),
    "lamp_shade": Finish(code="f0e2c4", rough=0.8, glow=0.9),
    "outside": Finish(textures.outdoors, rough=1.0, glow=1.6),
    "picture_hills": Finish(
        lambda: textures.landscape("hills", "dcd3bd", ("8aa0a6", "5f7f78", "3f5a4c", "2e3f36"), "d9913f"), rough=0.7
    ),
    "picture_dunes": Finish(
        lambda: textures.landscape("dunes", "c7d3d8", ("d9b98c", "c0895a", "94593c"), "f0e6c8"), rough=0.7
    ),
    # indoors
    "brick_red": Finish(
        lambda: surfaces.courses(("93523c", "a25f45", "86493a", "9a6a55"), (0.24, 0.075), 0.011, "a79c8d", "brick red"),
        rough=0.85,
        wrap=True,
        bump=0.006,
    ),
    "brick_white": Finish(
        lambda: surfaces.courses(
            ("cfcac0", "d6d2c8", "c6c0b4"), (0.24, 0.075), 0.009, "b9b3a7", "brick white", spread=0.04
        ),
        rough=0.7,
        wrap=True,
        bump=0.006,
    ),
    "tiles_white": Finish(
        lambda: surfaces.courses(("dfe0dc", "e5e5e1"), (0.15, 0.075), 0.004, "b5b3ac", "tiles white", spread=0.025),
        rough=0.15,
        wrap=True,
    ),
    "tiles_green": Finish(
        lambda: surfaces.courses(
            ("5d7f72", "688a7c", "557566"),
            (0.10, 0.10),
            0.004,
            "c9c5ba",
            "tiles green",
            shift=0.0,
            count=(10, 10),
            spread=0.06,
        ),
        rough=0.14,
        wrap=True,
    ),
    "floor_tiles": Finish(
        lambda: surfaces.courses(
            ("a8a49b", "b1ada4", "a09c94"),
            (0.45, 0.45),
            0.004,
            "807d76",
            "floor tiles",
            shift=0.0,
            count=(4, 4),
            spread=0.04,
        ),
        rough=0.35,
        wrap=True,
    ),
    "hall_floor": Finish(
        lambda: surfaces.courses(
            ("b5b0a6", "bcb7ad", "aea99f"),
            (0.75, 0.75),
            0.003,
            "8d8a83",
            "hall floor",
            shift=0.0,
            count=(3, 3),
            spread=0.03,
        ),
        rough=0.22,
        wrap=True,
    ),
    "concrete_floor": Finish(lambda: surfaces.concrete("8f8c86", "concrete floor"), rough=0.45, wrap=True),
    "concrete_wall": Finish(lambda: surfaces.concrete("a5a29b", "concrete wall", contrast=0.07), rough=0.8, wrap=True),
    "pale_floor": Finish(
        lambda: textures.planks(("b9a17c", "c4ad88", "b09973", "bda783"), "pale planks"), rough=0.45, wrap=True
    ),
    "dark_floor": Finish(
        lambda: textures.planks(("5d4230", "664936", "543b2a", "6b4e3a"), "dark planks"), rough=0.38, wrap=True
    ),
    "carpet_grey": Finish(lambda: surfaces.carpet_plain("8b8a88", "carpet grey"), rough=0.95, wrap=True),
    "carpet_sand": Finish(lambda: surfaces.carpet_plain("a8967b", "carpet sand"), rough=0.95, wrap=True),
    "wall_blue": Finish(lambda: textures.paint("8ea3b3", "wall blue"), rough=0.85),
    "wall_navy": Finish(lambda: textures.paint("3f5166", "wall navy"), rough=0.85),
    "wall_clay": Finish(lambda: textures.paint("b98a6e", "wall clay"), rough=0.85),
    "wall_white": Finish(lambda: textures.paint("d9d7d1", "wall white"), rough=0.85),
    "wall_mint": Finish(lambda: textures.paint("b4c7b8", "wall mint"), rough=0.85),
    "wall_rose": Finish(lambda: textures.paint("cfb0a8", "wall rose"), rough=0.85),
    "wall_stripes": Finish(lambda: surfaces.wallpaper("c8c4b4", "bdb8a6", "stripes"), rough=0.85, wrap=True),
    "steel": Finish(code="a9abad", rough=0.32, metal=1.0),
    "enamel_white": Finish(code="dcdcd8", rough=0.22),
    "front_blue": Finish(code="4f6b80", rough=0.4),
    "front_green": Finish(code="6b7d66", rough=0.4),
    "front_white": Finish(code="d5d3cc", rough=0.35),
    "stone_top": Finish(lambda: surfaces.concrete("59585a", "stone top", 0.8, 0.22), rough=0.2, wrap=True),
    "glaze_blue": Finish(code="3d6175", rough=0.15),
    "plastic_black": Finish(code="1c1d1f", rough=0.4),
    "plastic_blue": Finish(code="2f5d8c", rough=0.45),
    "plastic_red": Finish(code="a3352b", rough=0.4),
    "plastic_grey": Finish(code="74777a", rough=0.5),
    "screen": Finish(code="0c0f13", rough=0.12),
    "cardboard": Finish(lambda: textures.cloth("a9855a", "cardboard", 0.5, 0.05), rough=0.9),
    "tape": Finish(code="b99c66", rough=0.3),
    "pegboard": Finish(lambda: textures.paint("9a8463", "pegboard"), rough=0.8),
    "duvet_blue": Finish(lambda: textures.cloth("7389a0", "duvet blue", contrast=0.08), rough=0.95),
    "duvet_rust": Finish(lambda: textures.cloth("a5694a", "duvet rust", contrast=0.08), rough=0.95),
    "leather": Finish(lambda: textures.cloth("6b4630", "leather", 0.4, 0.05), rough=0.5),
    "sofa_teal": Finish(lambda: textures.cloth("3f6668", "sofa teal"), rough=0.9),
    "outside_town": Finish(lambda: surfaces.facade_view("town", "b59a83"), rough=1.0, glow=1.5),
    # outdoors
    "asphalt": Finish(surfaces.asphalt, rough=0.85, wrap=True, bump=0.003),
    "pavers": Finish(
        lambda: surfaces.courses(
            ("a29d94", "aaa59b", "9a958c"), (0.40, 0.40), 0.008, "6e6a62", "pavers", count=(4, 4), spread=0.06
        ),
        rough=0.85,
        wrap=True,
        bump=0.004,
    ),
    "cobbles": Finish(
        lambda: surfaces.courses(
            ("8b8681", "969089", "7f7b77", "8a7f74"),
            (0.16, 0.11),
            0.014,
            "5f5a52",
            "cobbles",
            count=(10, 12),
            spread=0.10,
        ),
        rough=0.85,
        wrap=True,
        bump=0.012,
    ),
    "gravel": Finish(surfaces.gravel, rough=0.95, wrap=True, bump=0.006),
    "granite": Finish(lambda: surfaces.concrete("98958f", "granite", 0.9, 0.16), rough=0.7, wrap=True),
    "render_cream": Finish(lambda: textures.paint("cdbd9f", "render cream"), rough=0.95),
    "render_grey": Finish(lambda: textures.paint("a9aaa6", "render grey"), rough=0.95),
    "lawn": Finish(surfaces.grass, rough=0.95, wrap=True, bump=0.02),
    "hedge_dark": Finish(code="2c4420", rough=0.6),
    "hedge_mid": Finish(code="41622c", rough=0.55),
    "hedge_light": Finish(code="5d8039", rough=0.5),
    "bark": Finish(lambda: textures.cloth("5c4a3a", "bark", 0.5, 0.4), rough=0.95),
    "paint_white": Finish(code="d2cfc6", rough=0.7),
    "paint_yellow": Finish(code="c9a23a", rough=0.7),
    "door_green": Finish(code="2f4a3c", rough=0.35),
    "glass_dark": Finish(code="1e2a31", rough=0.06),
    "iron": Finish(code="26282a", rough=0.45, metal=0.6),
    "car_red": Finish(code="7d1f1c", rough=0.18),
    "rubber_tyre": Finish(code="1b1b1c", rough=0.85),
}
