# SPDX-License-Identifier: GPL-3.0-or-later
"""What a floor plan is."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..objects.shapes import Part

Plan = Mapping[str, Callable[[], list[Part]]]
"""Object name -> its parts in world coordinates, metres."""

FAR = (-3.0, 7.0, -8.0, 2.6)
"""x0, x1, y0, y1 of a room's floor, wider than any camera sees."""
