# SPDX-License-Identifier: GPL-3.0-or-later
"""What the stage needs to know of a run beside its jobs: plain values, no prices, no keys."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..core.config.gate import GateConfig
from ..core.config.rendering import RenderingConfig
from ..core.config.simulation import SimulationConfig


@dataclass(frozen=True)
class StageOptions:
    """seed: base seed of all random streams. character: its name. texture_dir: absolute folder of the characters'
    textures, where they come apart. rendering, simulation, gate: sections of the configuration."""

    seed: int
    character: str
    texture_dir: Path
    rendering: RenderingConfig
    simulation: SimulationConfig
    gate: GateConfig
