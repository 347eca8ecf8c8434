# SPDX-License-Identifier: GPL-3.0-or-later
"""What the gate found, in the language of the window; the files keep English."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bpy.app.translations import pgettext_iface as iface_

from ..german_gate import GATE

GateFinding = Mapping[str, Any]
"""A check of a frame's manifest that did not pass."""


def findings_of(manifest: Mapping[str, Any]) -> tuple[GateFinding, ...]:
    """The checks behind a manifest's reasons."""
    return tuple(check for check in manifest.get("measurements") or () if check.get("level") != "pass")


def spoken_reasons(reasons: Sequence[str], findings: Iterable[GateFinding]) -> list[str]:
    """The sentences in the window's language; one that no finding is behind stays as it is."""
    from ..core.gate.words import sentence_in

    known = {str(finding["sentence"]): finding for finding in findings}
    return [sentence_in(_say, known[reason]) if reason in known else reason for reason in reasons]


def _say(text: str) -> str:
    return str(iface_(text, GATE))
