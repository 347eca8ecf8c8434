# SPDX-License-Identifier: GPL-3.0-or-later
"""How often a gate is right: counts over a proof set, printed at its end."""

from __future__ import annotations

from contextlib import nullcontext

import pytest


class Score:
    """Counts over one proof set. of: what the set is made of."""

    def __init__(self, of: str) -> None:
        self._of = of
        self.caught = self.missed = self.false_alarms = self.passed = 0

    def bad(self, is_caught: bool) -> None:
        self.caught += is_caught
        self.missed += not is_caught

    def good(self, is_failed: bool) -> None:
        self.false_alarms += is_failed
        self.passed += not is_failed

    def lines(self) -> str:
        flagged = self.caught + self.false_alarms
        precision = self.caught / flagged if flagged else 0.0
        recall = self.caught / (self.caught + self.missed) if self.caught + self.missed else 0.0
        return (
            f"gate, {self._of}: {self.caught} of {self.caught + self.missed} bad ones caught, "
            f"{self.false_alarms} of {self.passed + self.false_alarms} good ones failed: "
            f"precision {precision:.3f}, recall {recall:.3f}"
        )

    def show(self, config: pytest.Config) -> None:
        """Print, past pytest's capture."""
        capture = config.pluginmanager.get_plugin("capturemanager")
        with capture.global_and_fixture_disabled() if capture else nullcontext():
            print("\n" + self.lines())
