# SPDX-License-Identifier: GPL-3.0-or-later
"""Section `gate`: thresholds that a conditioning frame has to meet before money is spent on it."""

from __future__ import annotations

from .base import Section


class GateConfig(Section):
    """Thresholds per measurement."""
