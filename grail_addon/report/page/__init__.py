# SPDX-License-Identifier: GPL-3.0-or-later
"""The page's own text, style and script, and how they become one file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent
_SCRIPTS = ("base.js", "cards.js", "detail.js", "run.js", "main.js")


def assemble(data: Mapping[str, Any]) -> str:
    """One HTML document with style, script and data inside. NaN and infinity in `data` raise ValueError."""
    text = _plain(data)
    scripts = "\n".join((_FOLDER / name).read_text(encoding="utf-8") for name in _SCRIPTS)
    parts = {
        "/*STYLE*/": (_FOLDER / "style.css").read_text(encoding="utf-8"),
        "/*SCRIPT*/": scripts,
        "/*DATA*/": text,
    }
    page = (_FOLDER / "page.html").read_text(encoding="utf-8")
    for mark, content in parts.items():  # the data goes in last, so that nothing in it is taken for a mark
        head, _, tail = page.partition(mark)
        page = head + content + tail
    return page


def data_script(name: str, data: Mapping[str, Any]) -> str:
    """A script that hands the data of piece `name` to the page: a page on disk may load scripts, but no JSON."""
    return f"receive({_plain(name)},{_plain(data)});\n"


def _plain(data: Any) -> str:
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False, allow_nan=False, sort_keys=True)
    # inside a script element only these could end it or open a comment
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
