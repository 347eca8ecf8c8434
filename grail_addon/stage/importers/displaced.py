# SPDX-License-Identifier: GPL-3.0-or-later
"""Materials that move the surface when it is rendered: nobody measures that, so it is drawn as bumps."""

from __future__ import annotations

from collections.abc import Iterable

import bpy


def draw_as_bumps(materials: Iterable[bpy.types.Material | None]) -> tuple[str, ...]:
    """Change those that displace; an end of a sentence for the user where there was any."""
    found = {m.session_uid: m for m in materials if m is not None and _displaces(m)}
    for material in found.values():
        material.displacement_method = "BUMP"
    names = ", ".join(sorted(material.name for material in found.values()))
    return (f"the surface is not moved by the displacement of {names}, which is drawn as bumps.",) if names else ()


def _displaces(material: bpy.types.Material) -> bool:
    if material.displacement_method == "BUMP" or material.node_tree is None:
        return False
    output = material.node_tree.get_output_node("CYCLES")
    return output is not None and bool(output.inputs["Displacement"].links)
