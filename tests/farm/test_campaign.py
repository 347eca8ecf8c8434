# SPDX-License-Identifier: GPL-3.0-or-later
"""A few runs of the kill campaign for each engine that runs here; `python -m tests.farm.campaign` makes more."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.farm.campaign import campaign, on_cluster

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")


@pytest.mark.parametrize("engine", ["local", "slurm"])
def test_whatever_is_killed_everything_is_made(tmp_path: Path, engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if engine == "slurm":
        monkeypatch.setenv("PATH", "/usr/bin:/bin")
        monkeypatch.setenv("SLURM_STANDIN", "")
        on_cluster(tmp_path)
    assert not [outcome for outcome in campaign(tmp_path, 3, 5, engine) if outcome.faults]
