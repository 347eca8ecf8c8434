# SPDX-License-Identifier: GPL-3.0-or-later
"""What all panels of the tab share."""

from __future__ import annotations


class GrailPanel:
    """In the 3D viewport's sidebar, tab "GRAIL"."""

    bl_category = "GRAIL"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
