# SPDX-License-Identifier: GPL-3.0-or-later
"""What the gate says can be said in another language: all of it, with its numbers, from what a manifest holds."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from grail_addon.core.config.gate import GateConfig
from grail_addon.core.config.gate_check import OUTSIDE
from grail_addon.core.config.gate_table import CHECK_OF, JUDGED
from grail_addon.core.gate.judge import judge
from grail_addon.core.gate.types import Check, Measurement, Value
from grail_addon.core.gate.words import sentence_in, texts
from grail_addon.german_gate import GATE, GERMAN

EXTREMES: tuple[Value, ...] = (-1e6, 0.0, 1e-3, 3.0, 99.0, 1e6, None)
NAMES = ("", "desk_01", "the character", OUTSIDE)
ENGLISH = (" is ", " the ", " of ", "wanted", "allowed", "could not", "at least", "at most", "{", "}")


def bad_checks() -> Iterator[Check]:
    """Each judged number off in each way that there is, with each kind of note."""
    for row in JUDGED:
        values = (row.wrong, None) if row.wrong is not None else EXTREMES
        for name in row.measurements:
            for value in values:
                for note in NAMES:
                    for task in ("manipulation", "sitting", "terrain_stairs", "pick_up_ground"):
                        found = judge([Measurement(name, value, row.unit, note)], GateConfig(), task, (640, 360)).checks
                        yield from (check for check in found if check.level != "pass")


def german(text: str) -> str:
    """The German of a template; a thing's own name stays. Raises KeyError for a template that has none."""
    return text if text in NAMES[1:2] else GERMAN[GATE, text]


def test_every_fault_is_told_in_german_from_what_the_manifest_holds() -> None:
    checks = {check.sentence: check for check in bad_checks()}
    assert {CHECK_OF[check.name].key for check in checks.values()} >= {
        row.key for row in JUDGED if isinstance(row.default, str) or (row.default is not None and row.group != "Task")
    }
    for stored, check in checks.items():
        entry = json.loads(json.dumps(check.to_json()))
        assert sentence_in(str, entry) == stored
        said = sentence_in(german, entry)
        assert said != stored and not [word for word in ENGLISH if word in said], (stored, said)
        for number in (word for word in stored.replace("(", " ").split() if word.strip("-+.").isdigit()):
            assert number in said, (stored, said)


@pytest.mark.parametrize(
    ("found", "stored", "said"),
    [
        (
            Measurement("left_hand_edge", -14.0, "px"),
            "left hand is outside the frame by 14 px",
            "linke Hand: 14 px außerhalb des Bildes",
        ),
        (
            Measurement("object_visible_share", 0.2, "ratio", "the character"),
            "object is hidden by the character: 20 % of it can be seen (at least 50 % wanted)",
            "Gegenstand verdeckt (die Person): 20 % zu sehen (gewünscht: mindestens 50 %)",
        ),
        (
            Measurement("object_area", 3.0, "px2"),
            "object is too small in the picture: 3 square px (at least 15 square px wanted)",
            "Gegenstand zu klein im Bild: 3 Quadrat-px (gewünscht: mindestens 15 Quadrat-px)",
        ),
    ],
)
def test_a_sentence_in_both_languages(found: Measurement, stored: str, said: str) -> None:
    (check,) = judge([found], GateConfig(), "manipulation", (640, 360)).checks
    assert check.sentence == stored and sentence_in(german, check.to_json()) == said


def test_a_sentence_that_the_table_no_longer_says_stays() -> None:
    (check,) = judge([Measurement("noise", 99.0, "level")], GateConfig(), "manipulation", (640, 360)).checks
    old = {**check.to_json(), "sentence": "it is grainy"}
    assert sentence_in(german, old) == "it is grainy"
    assert sentence_in(german, {**old, "name": "of_an_older_table"}) == "it is grainy"


def test_no_text_is_told_twice_under_other_names() -> None:
    found = list(texts())
    assert all(found) and {(GATE, text) for text in found} == set(GERMAN)
