# SPDX-License-Identifier: GPL-3.0-or-later
"""Conditioning frames with exact geometry for human-object-interaction video, and the videos made of them."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from types import ModuleType

__version__ = "0.1.0"


def _parts() -> list[ModuleType]:
    """What is registered, in this order. Imported here, because the package itself needs no Blender."""
    from . import command, operators, panels, preferences, properties, translations

    return [translations, preferences, properties, operators, panels, command]


def register() -> None:
    """Called by Blender when the extension is enabled. What was registered goes again where a later part fails."""
    with ExitStack() as undo:
        for part in _parts():
            part.register()
            undo.callback(part.unregister)
        undo.pop_all()


def unregister() -> None:
    """Called by Blender when the extension is disabled; also forgets its modules, so that an update is read anew."""
    for part in reversed(_parts()):
        part.unregister()
    for name in [name for name in sys.modules if name.startswith(f"{__name__}.")]:
        del sys.modules[name]
        globals().pop(name.removeprefix(f"{__name__}."), None)
