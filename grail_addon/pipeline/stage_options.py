# SPDX-License-Identifier: GPL-3.0-or-later
"""The stage's part of a configuration."""

from __future__ import annotations

from pathlib import Path

from ..core.config.run import RunConfig
from ..steps.options import StageOptions


def stage_options(config: RunConfig, cwd: Path) -> StageOptions:
    """What the stage needs of `config`. cwd: start of relative paths, absolute."""
    return StageOptions(
        seed=config.seed,
        character=config.character,
        texture_dir=cwd / config.texture_dir,  # an absolute one stays
        rendering=config.rendering,
        simulation=config.simulation,
        gate=config.gate,
    )
