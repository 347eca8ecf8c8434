# SPDX-License-Identifier: GPL-3.0-or-later
"""Headless front. Either of:

blender -b -P run_batch.py -- --config manipulation.yaml --category cordless_drill --results_dir results
python run_batch.py -- --config manipulation.yaml ...          (a Python with the bpy module)
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent


def _find_libraries() -> None:
    """Let a real Blender see the libraries that `make libs` put beside this file for its Python.

    They come last, so that Blender's own numpy stays the one in use.
    """
    folder = ROOT / "build" / "libs" / f"cp{sys.version_info.major}{sys.version_info.minor}"
    sys.path[:0] = [str(ROOT)]
    sys.path.append(str(folder))
    try:
        import OpenEXR  # noqa: F401
        import PIL  # noqa: F401
        import pydantic  # noqa: F401
        import rich  # noqa: F401
        import ruamel.yaml  # noqa: F401
    except ImportError as error:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        sys.exit(f"error: {error.name} is not there for this Python {version}. Run `make libs` in {ROOT} once.")


def main() -> None:
    """Run, then leave without Python's teardown: some builds of the bpy module crash or hang in it."""
    argv = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:]
    _find_libraries()
    from grail_addon.batch.cli import main as run

    code = run(argv, ROOT)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
