# SPDX-License-Identifier: GPL-3.0-or-later
"""Versions that a result was made with, for its manifest."""

from __future__ import annotations

import platform
import sys

import bpy
import numpy as np

from .. import __version__
from ..core.plan.items import RENDER_LOGIC
from ..core.settle.settings import LOGIC_VERSION as SETTLE_LOGIC


def versions() -> dict[str, str]:
    """Name -> version."""
    return {
        "grail_hoi": __version__,
        "blender": bpy.app.version_string,
        "python": ".".join(str(n) for n in sys.version_info[:3]),
        "numpy": np.__version__,
        "platform": platform.system(),
        "settle_logic": SETTLE_LOGIC,
        "render_logic": RENDER_LOGIC,
    }
