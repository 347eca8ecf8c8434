# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether operators and their requests may use the network."""

from __future__ import annotations

import bpy

from .state import STATE


def may_use_network(operator: type[bpy.types.Operator]) -> bool:
    """Whether Blender allows online access; where it does not, the operator's tooltip says what to change."""
    if bpy.app.online_access:
        return True
    if bpy.app.online_access_override:
        operator.poll_message_set("Blender was started offline; start it with --online-mode")
    else:
        operator.poll_message_set("Turn on Allow Online Access in the System section of the preferences first")
    return False


def note_online_access() -> None:
    """Remember, on the main thread, what `may_connect` answers in others."""
    STATE.is_online = bool(bpy.app.online_access)


def may_connect() -> bool:
    """Whether Blender allowed online access when it was last looked at, which is with each tick of what runs."""
    return STATE.is_online
