# SPDX-License-Identifier: GPL-3.0-or-later
"""What a scene file offers to look different from variant to variant, and showing one choice of it.

A scene file says so by custom properties, so that any scene can offer the same:

- an object with `variety` = "FACTOR=OPTION" is there with this option alone; "FACTOR=OPTION|OPTION" is any of several,
  "FACTOR=OPTION; FACTOR=OPTION" all of several. What is shown by default is visible in the file, the rest hidden in
  viewport and render;
- a hidden object with `variety_swatch` = FACTOR holds materials: all that has the one in its first slot may have any of
  the others instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import bpy

from ...core.errors import UserError
from ...core.variant.scenery import FACTORS, NEVER_DRAWN, option_at
from ..owned import BlockRef

CONDITION, SWATCH = "variety", "variety_swatch"


@dataclass(frozen=True)
class _Conditional:
    """An object, and the options that each of the factors must have for it to be there."""

    object: BlockRef
    conditions: Mapping[str, tuple[str, ...]]

    def is_there(self, taken: Mapping[str, str]) -> bool:
        return all(taken[factor] in options for factor, options in self.conditions.items())


@dataclass(frozen=True)
class _Slot:
    """A material slot that follows a swatch. materials: what it may hold, the file's own first."""

    object: BlockRef
    index: int
    factor: str
    materials: tuple[BlockRef, ...]


class Scenery:
    """The options of one scene. factors: factor -> its options, the file's default first."""

    def __init__(self, scene: bpy.types.Scene) -> None:
        self._things = [
            _Conditional(BlockRef.of(o), _conditions(o)) for o in scene.objects if isinstance(o.get(CONDITION), str)
        ]
        self._slots = list(_slots(scene))
        self.factors: dict[str, tuple[str, ...]] = {}
        self._shown = {
            factor: options[0]
            for thing in reversed(self._things)
            if not thing.object.block.hide_render
            for factor, options in thing.conditions.items()
        }
        for thing in sorted(self._things, key=lambda t: t.object.block.hide_render):  # what is shown comes first
            for factor, options in thing.conditions.items():
                known = self.factors.get(factor, ())
                self.factors[factor] = (*known, *(o for o in options if o not in known))

    @property
    def offers(self) -> bool:
        """Whether there is anything to choose."""
        return bool(self._things or self._slots)

    def _undrawn(self, factor: str, options: tuple[str, ...]) -> str:
        """The option of a factor that nothing decides: the usual one where the scene has it, else what the file shows."""
        usual = NEVER_DRAWN[factor]
        return usual if usual in options else self._shown.get(factor, "none")

    def dress(self, numbers: Mapping[str, float], fixed: Mapping[str, str]) -> dict[str, str]:
        """Show what the numbers (factor -> [0, 1)) choose, or `fixed` (factor -> option) says; factor -> shown option.

        A factor that the scene does not have is not asked for. Raises UserError for an option that it does not have.
        """
        for factor, option in fixed.items():
            options = self.factors.get(factor, (option,))
            if option not in options and factor not in NEVER_DRAWN:
                raise UserError(f"The scene has no {option} for {factor} (scenery).", f"It has {', '.join(options)}.")
        taken = {
            # nothing at all is an option too where the file shows nothing
            factor: fixed.get(factor, self._undrawn(factor, options))
            if factor in NEVER_DRAWN
            else fixed.get(factor, option_at(options, numbers.get(factor, 0.0)))
            for factor, options in self.factors.items()
        }
        for thing in self._things:
            obj, hidden = thing.object.block, not thing.is_there(taken)
            if obj.hide_render != hidden or obj.hide_viewport != hidden:
                obj.hide_render = obj.hide_viewport = hidden
        for slot in self._slots:
            material = option_at(slot.materials, numbers.get(slot.factor, 0.0)).block
            target = slot.object.block.material_slots[slot.index]
            if target.material != material:
                target.material = material
            taken.setdefault(f"{slot.factor}:{slot.materials[0].name}", material.name)
        return taken


def _conditions(obj: bpy.types.Object) -> dict[str, tuple[str, ...]]:
    found = {}
    for text in obj[CONDITION].split(";"):
        factor, equals, options = text.strip().partition("=")
        if not equals or factor not in (*FACTORS, *NEVER_DRAWN):
            raise UserError(
                f"Object {obj.name} of the scene has the property {CONDITION} = {obj[CONDITION]!r}.",
                f"It should be FACTOR=OPTION with a factor out of {', '.join((*FACTORS, *NEVER_DRAWN))}.",
            )
        found[factor] = tuple(options.split("|"))
    return found


def _slots(scene: bpy.types.Scene) -> list[_Slot]:
    found = []
    swatches = [o for o in scene.objects if isinstance(o.get(SWATCH), str)]
    for swatch in swatches:
        materials = tuple(BlockRef.of(s.material) for s in swatch.material_slots if s.material is not None)
        for obj in scene.objects:
            if obj in swatches:
                continue
            for index, slot in enumerate(obj.material_slots):
                if slot.material is not None and slot.material.session_uid == materials[0].uid:
                    found.append(_Slot(BlockRef.of(obj), index, swatch[SWATCH], materials))
    return found
