# SPDX-License-Identifier: GPL-3.0-or-later
"""Every text of the window has a German one, and every German text belongs to one that is there."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from grail_addon.core.gate.words import texts as gate_texts
from tests.sentences import templates

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "grail_addon"
SOURCES = [
    PACKAGE / "preferences.py",
    PACKAGE / "properties.py",
    *PACKAGE.glob("panels/*.py"),
    *PACKAGE.glob("operators/*.py"),
]
GATE = "Gate"
SENTENCES = "Sentences"
PLACE = re.compile(r"\{\d+\}")
SPEAKING = {"poll_message_set", "pgettext_iface", "pgettext_tip", "pgettext_rpt", "iface_", "tip_", "rpt_", "n_"}
REGISTERED = """
import json, sys, bpy, grail_addon
grail_addon.register()
from grail_addon import operators, panels, preferences, properties, translations

texts, operator_properties = set(), 0
for cls in (*operators.CLASSES, *panels.CLASSES, *preferences.CLASSES, *properties.CLASSES):
    # a property group's own name is never shown
    is_operator = issubclass(cls, bpy.types.Operator)
    if is_operator or issubclass(cls, bpy.types.Panel):
        texts.add(("Operator" if is_operator else "*", cls.bl_label))
    if is_operator:
        texts.add(("*", (cls.__dict__.get("bl_description") or cls.__doc__ or "").strip()))
    known = cls.bl_rna.base.properties.keys() if cls.bl_rna.base else ()
    if is_operator:  # its own properties are those of the call
        group, _, name = cls.bl_idname.partition(".")
        own = getattr(getattr(bpy.ops, group), name).get_rna_type().properties
        assert {name for name in cls.__annotations__ if name in own} == set(cls.__annotations__)
        operator_properties += len(cls.__annotations__)
    else:
        own = cls.bl_rna.properties
    for found in own:
        if found.identifier in known or found.is_hidden or found.identifier == "rna_type":
            continue
        texts |= {("*", found.name), ("*", found.description)}
        if found.type == "ENUM":
            texts |= {("*", text) for item in found.enum_items_static for text in (item.name, item.description)}
assert operator_properties > 10
print(json.dumps([sorted(texts), sorted(translations.GERMAN)]), file=sys.stderr)
sys.stderr.flush()
import os
os._exit(0)
"""


def told(path: Path) -> Iterator[tuple[str, str]]:
    """(context, text) of each literal that a file shows: `text=` of a layout without `translate=False`, and messages. Blender
    looks the text of an operator's button up as that of the operator."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        keywords = {keyword.arg: keyword.value for keyword in node.keywords}
        shown = [] if "translate" in keywords else [keywords.get("text")]
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        shown += node.args[:1] if name in SPEAKING else []
        of_operator = name == "operator" or any(getattr(arg, "id", "") == "OPERATOR" for arg in node.args)
        context = "Operator" if of_operator else "*"
        for value in shown:
            if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value:
                yield context, value.value


def texts() -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """(all texts with their contexts, those that have a German one)."""
    done = subprocess.run([sys.executable, "-c", REGISTERED], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    registered, german = json.loads(done.stderr.strip().splitlines()[-1])
    shown = {(context, text) for context, text in registered if text} | {(GATE, text) for text in gate_texts()}
    shown |= {(SENTENCES, text) for text in templates()}
    return shown | {pair for path in SOURCES for pair in told(path)}, {(c, t) for c, t in german}


def test_german_is_complete_and_has_nothing_that_is_no_longer_said() -> None:
    shown, german = texts()
    assert len(shown) > 20
    missing = "\n".join(f"    {pair!r}: ," for pair in sorted(shown - german))
    assert not missing, f"translations.GERMAN lacks\n{missing}"
    gone = sorted(german - shown)
    assert not gone, f"nobody says {gone}"


def test_what_is_put_into_a_sentence_has_its_place_in_german_and_in_the_words_of_the_window() -> None:
    from grail_addon.german_sentences import SENTENCE_TEXTS  # the package alone needs bpy
    from grail_addon.operators.window_words import WINDOW_WORDS

    for english, other in (*SENTENCE_TEXTS.items(), *WINDOW_WORDS.items()):
        assert set(PLACE.findall(other)) <= set(PLACE.findall(english)), english


def test_no_sentence_of_the_window_names_a_flag_of_the_command_line() -> None:
    from grail_addon.german_sentences import SENTENCE_TEXTS
    from grail_addon.operators.window_words import WINDOW_WORDS

    found = templates()
    assert len(found) > 300
    assert not [text for text in found if "--" in text and text not in WINDOW_WORDS]
    assert not [text for text in (*WINDOW_WORDS.values(), *SENTENCE_TEXTS.values()) if "--" in text]
    assert not set(WINDOW_WORDS) - set(found)
