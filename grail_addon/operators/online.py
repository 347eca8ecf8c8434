# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an operator may use the network."""

from __future__ import annotations

import bpy


def may_use_network(operator: type[bpy.types.Operator]) -> bool:
    """Whether Blender allows online access; where it does not, the operator's tooltip says what to change."""
    if bpy.app.online_access:
        return True
    if bpy.app.online_access_override:
        operator.poll_message_set("Blender was started offline; start it with --online-mode")
    else:
        operator.poll_message_set("Turn on Allow Online Access in the System section of the preferences first")
    return False
