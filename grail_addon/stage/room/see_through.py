# SPDX-License-Identifier: GPL-3.0-or-later
"""Materials that let the background through: which may, and how an object of such ones looks all by itself.

One limit decides what is there, for masks and depth alike: a surface whose opacity is `DRAWN` or more is seen, whatever
is seen through it; one of no opacity (the holes of a cut-out) is not. Between the two, an object of that opacity all over is
not; the rest (the rims of a texture) is by chance, as Cycles draws it, in as many pixels as it has opacity. Cycles tests it for each ray. Glass, which bends light and has no opacity, is
seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import bpy
import numpy as np
from numpy.typing import NDArray

DRAWN = 0.05
"""Opacity from which a surface is in masks and depth."""
OPAQUE = 0.9
"""Opacity of all that a pixel shows of an object, from which on nobody sees the background in it."""
_LEAST_DRAWN = 0.25  # of the pixels that show anything of an object
_GLASSY = 0.3  # Transmission Weight from which a Principled shader is glass
_GLASS = frozenset({"BSDF_GLASS", "BSDF_REFRACTION"})
_CLEAR = _GLASS | {"BSDF_TRANSPARENT", "HOLDOUT"}


@dataclass(frozen=True, eq=False)
class Alone:
    """An object as it is drawn with nothing before or behind it. mask (H, W): pixels whose centre sees it; opacity (H, W):
    0 to 1, of all its layers together, glass counting as opaque; glass (H, W): whether that is seen."""

    mask: NDArray[np.bool_]
    opacity: NDArray[np.float32]
    glass: NDArray[np.bool_]

    @classmethod
    def of(cls, seen: NDArray[np.bool_], opacity: NDArray[np.float32], glass: NDArray[np.bool_]) -> Alone:
        """From what a render draws. One that is too clear is drawn in a few pixels by chance, which are no mask."""
        is_there = int(seen.sum()) >= _LEAST_DRAWN * int((opacity > 0.0).sum())
        return cls(seen if is_there else np.zeros_like(seen), opacity, glass)

    @property
    def transparent_share(self) -> float:
        """Share of its pixels that let the background through; all where it has none."""
        return float(self.clear[self.mask].mean()) if self.mask.any() else 1.0

    @property
    def clear(self) -> NDArray[np.bool_]:
        """(H, W), pixels in which the background is seen."""
        return (self.opacity < OPAQUE) | self.glass


def may_show_through(materials: Iterable[bpy.types.Material | None]) -> bool:
    """Whether any of them may let light through somewhere, by the nodes that it is made of."""
    return any(m is not None and m.node_tree is not None and _has(m.node_tree, _lets_through, set()) for m in materials)


def _has(tree: bpy.types.NodeTree, wanted: Callable[[bpy.types.Node], bool], seen: set[int]) -> bool:
    """Whether a tree has a node that is wanted, node groups included."""
    if tree.session_uid in seen:
        return False
    seen.add(tree.session_uid)
    groups = (node.node_tree for node in tree.nodes if node.type == "GROUP" and node.node_tree is not None)
    return any(wanted(node) for node in tree.nodes) or any(_has(group, wanted, seen) for group in groups)


def is_glass(material: bpy.types.Material) -> bool:
    """Whether it bends light, in a measure that one sees."""
    return material.node_tree is not None and _has(material.node_tree, _bends, set())


def _bends(node: bpy.types.Node) -> bool:
    if node.type != "BSDF_PRINCIPLED":
        return node.type in _GLASS
    amount = node.inputs["Transmission Weight"]
    return bool(amount.links or amount.default_value >= _GLASSY)


def _lets_through(node: bpy.types.Node) -> bool:
    if node.type != "BSDF_PRINCIPLED":
        return node.type in _CLEAR
    alpha = node.inputs["Alpha"]
    return bool(alpha.links or alpha.default_value < 1.0) or _bends(node)


def is_unseen(material: bpy.types.Material) -> bool:
    """Whether it has less opacity than `DRAWN` all over, by numbers in its nodes."""
    output = material.node_tree.get_output_node("CYCLES") if material.node_tree is not None else None
    links = output.inputs["Surface"].links if output is not None else ()
    return bool(links) and _opacity(links[0].from_node) < DRAWN


def _opacity(node: bpy.types.Node) -> float:
    """Opacity of a shader; 1 where it is no number, or there is more to it."""
    if node.type == "BSDF_TRANSPARENT":
        return 0.0
    if node.type == "BSDF_PRINCIPLED" and not _bends(node) and not node.inputs["Alpha"].links:
        return float(node.inputs["Alpha"].default_value)
    if node.type == "MIX_SHADER" and not node.inputs[0].links:
        share = min(max(float(node.inputs[0].default_value), 0.0), 1.0)
        parts = [_opacity(s.links[0].from_node) if s.links else 0.0 for s in (node.inputs[1], node.inputs[2])]
        return (1.0 - share) * parts[0] + share * parts[1]
    return 1.0
