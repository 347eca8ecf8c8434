# SPDX-License-Identifier: GPL-3.0-or-later
"""Sentences are recognised by their templates and said in another language."""

from __future__ import annotations

from grail_addon.core.phrasebook import Phrasebook

BOOK = Phrasebook(
    {
        "It fell off {0}.": "Gefallen von: {0}.",
        "the support": "Unterlage",
        "Only {0} of {1} drops ended so.": "So endeten {0} (von {1}).",
        "{0} cannot be read: {1}.": "{0} ist nicht lesbar: {1}.",
        "{0} cannot be read: {1} is missing.": "{0} ist nicht lesbar, {1} fehlt.",
        "size {0}{1}": "Größe {0}{1}",
        "Save it with Blender {0} or older.": "Mit Blender {0} speichern.",
    }
)


def test_numbers_and_names_are_taken_over() -> None:
    assert BOOK.translate("Only 3 of 8 drops ended so.") == "So endeten 3 (von 8)."
    assert BOOK.translate("size 2") == "Größe 2"


def test_what_stands_in_a_place_is_translated_too() -> None:
    assert BOOK.translate("It fell off the support.") == "Gefallen von: Unterlage."
    assert BOOK.translate("It fell off table_1.") == "Gefallen von: table_1."


def test_several_sentences_and_one_that_nobody_knows() -> None:
    text = "It fell off the support. Something else. Only 1 of 2 drops ended so."
    assert BOOK.translate(text) == "Gefallen von: Unterlage. Something else. So endeten 1 (von 2)."


def test_a_dot_within_a_sentence_does_not_end_it() -> None:
    assert BOOK.translate("model v. 2 cannot be read: cut off.") == "model v. 2 ist nicht lesbar: cut off."
    assert BOOK.translate("Save it with Blender 4.2 or older.") == "Mit Blender 4.2 speichern."


def test_of_two_templates_the_one_that_says_more_counts() -> None:
    assert BOOK.translate("a.obj cannot be read: b.mtl is missing.") == "a.obj ist nicht lesbar, b.mtl fehlt."


def test_what_follows_half_a_sentence_is_kept() -> None:
    assert BOOK.translate("size 2; size 3.") == "Größe 2; Größe 3."


def test_other_texts_stay() -> None:
    assert BOOK.translate("") == "" and BOOK.translate("Hello.") == "Hello."
