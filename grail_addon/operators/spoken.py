# SPDX-License-Identifier: GPL-3.0-or-later
"""Sentences of a run in the words and the language of the window. They are kept in English and turned round where they are drawn."""

from __future__ import annotations

from functools import lru_cache

from bpy.app.translations import pgettext_iface as iface_

from ..advanced import KEYS
from ..core.errors import Problem
from ..core.phrasebook import Phrasebook
from ..german_sentences import SENTENCE_TEXTS, SENTENCES
from .request import PANEL_LABELS
from .window_words import WINDOW_WORDS

LABELS = {**PANEL_LABELS, **{key.path: key.options["name"] for key in KEYS}}
"""Key path -> what the panels call it."""
OBJECT_LABELS = {"obj_scale": "Scale", "obj_rest_rot": "Pose"}
"""The same for the keys of one object that a panel sets."""
PANEL = "panel"
"""Where `operators.request` says that a value comes from."""
ENDS = (".", "?", "!", ":")
_PROBE = "Settle an object first."
"""A sentence whose translation tells one language from another."""


def spoken(text: str) -> str:
    """One or more sentences of a run as the window says them."""
    return _translated(iface_(_PROBE, SENTENCES), text)


def spoken_problem(problem: Problem) -> str:
    """What is wrong and what to do: first what the panel calls it, last the place in the file."""
    text = spoken(problem.message)
    if problem.fix:
        text = f"{text}{'' if text.endswith(ENDS) else '.'} {spoken(problem.fix)}"
    label, place = _label(problem), _place(problem)
    text = f"{label}: {text}" if label else text[:1].upper() + text[1:]
    return f"{text} ({place})" if place else text


def spoken_problems(problems: tuple[Problem, ...]) -> str:
    """Several in one text."""
    return " ".join(map(spoken_problem, problems))


def _label(problem: Problem) -> str:
    """Empty where it is about no setting."""
    key, file = problem.key_path, problem.file
    if key in LABELS:
        return iface_(LABELS[key])
    if key.startswith("objects."):
        name, _, last = key.removeprefix("objects.").rpartition(".")
        if last in OBJECT_LABELS:
            return f"{name}, {iface_(OBJECT_LABELS[last])}"
    if key:
        return f"{iface_('Pipeline File')}, {key}"
    if file.startswith(f"{PANEL} "):
        return iface_(file.removeprefix(f"{PANEL} "))
    return iface_("Pipeline File") if problem.line else ""


def _place(problem: Problem) -> str:
    """The file at fault, of a line only its name; empty where it is the panel."""
    if not problem.file or problem.file.startswith(PANEL):
        return ""
    if problem.line:
        name = problem.file.replace("\\", "/").rsplit("/", 1)[-1]
        return iface_("{file}, line {line}").format(file=name, line=problem.line)
    return problem.file


@lru_cache(maxsize=500)
def _translated(probe: str, text: str) -> str:
    """Panels are drawn anew all the time, mostly with the same texts."""
    return _book(probe).translate(text)


@lru_cache(maxsize=4)
def _book(probe: str) -> Phrasebook:
    """Of the window's language, in which `_PROBE` is `probe`."""
    said = {english: iface_(english, SENTENCES) for english in SENTENCE_TEXTS}
    return Phrasebook(
        {english: WINDOW_WORDS.get(english, english) if text == english else text for english, text in said.items()}
    )
