# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of every panel in every state for a person to look at: `python tools/panel_pictures.py [SUITE] [PANEL ...]`.

The panels at UI scales 1 and 2, in a dark and a light theme, in English and German; they go to build/screenshots/SUITE/.
"""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from grail_addon.sandbox.movie import MovieOptions  # noqa: E402
from grail_addon.sandbox.server import SandboxServer  # noqa: E402
from grail_addon.sandbox.state import SandboxOptions, SandboxState  # noqa: E402
from tests.ui.__main__ import kept_installation  # noqa: E402
from tests.ui.window import SCREENSHOTS  # noqa: E402

HIGH = (900, 1600)
TOO_BIG = {"answer": {"answer": "big", "confidence": 0.9, "reason": "The mug is as high as the child's head."}}


def main(suite: str = "trixie", *panels: str) -> int:
    """Drive the script that takes the pictures, with the sandbox for what costs money; 0 where all went well."""
    state = SandboxState(SandboxOptions(work_seconds=8.0, movie=MovieOptions(shrink=4)))
    state.judge["SizeJudgement"] = [TOO_BIG] * 2
    installed = kept_installation(suite)
    window = replace(installed.copy(), size=HIGH)
    try:
        with SandboxServer(state) as server:
            options = ("--online-mode",)
            run = window.drive(
                "look", server.url, *panels, seconds=580, is_offline=False, options=options, must_pass=False
            )
    finally:
        shutil.rmtree(window.program.work, ignore_errors=True)
    print(run.error or run.data, f"pictures: {SCREENSHOTS / suite}", sep="\n")
    return run.code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
