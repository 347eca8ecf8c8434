# SPDX-License-Identifier: GPL-3.0-or-later
"""English sentences in another language. Files and logs hold English; a reader's front recognises each sentence by its template,
such as `The prompt has {0} characters, {1} are allowed.`, and puts what stood in the places into the other language's one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial

PLACE = re.compile(r"\{\d+\}")
_BETWEEN = re.compile(r"(?<=[.?!;]) (?=\S)")
"""Where one sentence may end and the next begins; a name with a dot before a gap is put together again."""
_ENDINGS = (".", ";")
"""What may follow half a sentence that is put into another."""
MOST_DEEP = 4
"""Sentences that stand in each other's places."""


class Phrasebook:
    """Templates with their translations. What no template fits is left as it is, in whole or in part."""

    def __init__(self, translations: Mapping[str, str]) -> None:
        """translations: template -> template; both have the same places."""
        known = sorted(translations, key=_letters, reverse=True)
        self._known = [(PLACE.split(template), translations[template]) for template in known]

    def translate(self, text: str) -> str:
        """One sentence or several, or a part of one, in the other language."""
        return self._several(text, MOST_DEEP)

    def _several(self, text: str, depth: int) -> str:
        said, left = [], _BETWEEN.split(text)
        while left:
            count, translated = self._first(left, depth)
            said.append(translated)
            left = left[count:]
        return " ".join(said)

    def _first(self, pieces: list[str], depth: int) -> tuple[int, str]:
        """How many of the first pieces are one sentence, and that sentence."""
        for count in range(1, len(pieces) + 1):
            found = self._one(" ".join(pieces[:count]), depth)
            if found is not None:
                return count, found
        return 1, pieces[0]

    def _one(self, text: str, depth: int) -> str | None:
        for ending in ("", *_ENDINGS):
            body = text.removesuffix(ending)
            found = self._whole(body, depth) if ending == "" or body != text else None
            if found is not None:
                return found + ending
        return None

    def _whole(self, text: str, depth: int) -> str | None:
        for fixed, translated in self._known:
            found = _parts(fixed, text)
            if found is not None:
                inside = [self._several(part, depth - 1) if depth else part for part in found]
                return PLACE.sub(partial(_filled, inside), translated)
        return None


def _filled(parts: Sequence[str], place: re.Match[str]) -> str:
    return parts[int(place[0][1:-1])]


def _parts(fixed: Sequence[str], text: str) -> list[str] | None:
    """What stands between the fixed pieces of a template in `text`; None where it is another text."""
    first, last = fixed[0], fixed[-1]
    if len(fixed) == 1:
        return [] if text == first else None
    place, end = len(first), len(text) - len(last)
    if not (text.startswith(first) and text.endswith(last) and place <= end):
        return None
    found = []
    for piece in fixed[1:-1]:
        at = text.find(piece, place, end)
        if at < 0:
            return None
        found.append(text[place:at])
        place = at + len(piece)
    return [*found, text[place:end]]


def _letters(template: str) -> int:
    """How much of a template is fixed: of two that fit, the one that says more is meant."""
    return len(PLACE.sub("", template))
