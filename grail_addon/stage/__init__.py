# SPDX-License-Identifier: GPL-3.0-or-later
"""The only place that touches Blender's data: import, room, person, settle, render, measure."""

import bpy  # noqa: F401 - as a module from pip it brings mathutils along, which cannot be imported before it
