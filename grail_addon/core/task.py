# SPDX-License-Identifier: GPL-3.0-or-later
"""The five tasks of the walkthrough, by the names that pipeline files use."""

from __future__ import annotations

from typing import Literal

Task = Literal["manipulation", "pickup_table", "pickup_ground", "sitting", "terrain_stairs"]
