# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of collision hulls and of levels of detail, as engines and exporters give them to objects, files and folders."""

from __future__ import annotations

import re

# Unreal (UCX_, UBX_, USP_, UCP_, MCDCX_), Godot (-col, -convcol, -colonly) and what people call them elsewhere
_HULL = re.compile(
    r"^(U(CX|BX|SP|CP)|MCDCX)_|[-_. ](conv)?col(only)?$|(^|[-_. ])(collider|collision|hitbox|physics)s?([-_. ]|$)", re.I
)
# as a word or in camel case, but not the end of one (clod1, clod2)
_LEVEL = re.compile(r"[-_. ]?(?:(?<![A-Za-z])(?i:lod)|LOD|(?<=[a-z0-9])Lod)[-_. ]?(\d+)")


def is_hull(name: str) -> bool:
    """Whether a name says that it is a collision hull."""
    return _HULL.search(name) is not None


def level_of(name: str) -> tuple[str, int]:
    """Name without the level of detail, in one case, and the level, 0 the finest; -1 where the name says none."""
    found = _LEVEL.search(name)
    if found is None:
        return name.casefold(), -1
    return (name[: found.start()] + name[found.end() :]).casefold(), int(found.group(1))
