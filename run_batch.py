# SPDX-License-Identifier: GPL-3.0-or-later
"""Headless front. Either of:

blender -b -P run_batch.py -- --config manipulation.yaml --category cordless_drill --results_dir results
python run_batch.py -- --config manipulation.yaml ...          (a Python with the bpy module)
"""

import sys
import traceback
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent
LIBRARIES = ("filelock", "PIL", "pydantic", "pygal", "requests", "rich", "yaml")


def _find_libraries() -> str:
    """Let a real Blender see the libraries that `make libs` put beside this file for its Python.

    They come before those of an installed extension, which may be of another version; Blender's own numpy is not among
    them. Returns what is wrong, in a sentence, or nothing.
    """
    folder = ROOT / "build" / "libs" / f"cp{sys.version_info.major}{sys.version_info.minor}"
    sys.path[:0] = [str(ROOT), str(folder)]
    missing = [name for name in LIBRARIES if find_spec(name) is None]
    if missing:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        return f"error: {missing[0]} is not there for this Python {version}. Run `make libs` in {ROOT} once."
    return ""


def main() -> int:
    """Run the command line after `--`; returns the exit code."""
    argv = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:]
    problem = _find_libraries()
    if problem:
        print(problem, file=sys.stderr)
        return 2
    from grail_addon.cli.main import main as run

    return run(argv, ROOT)


if __name__ == "__main__":
    code = 1
    try:
        code = main()
    except SystemExit as error:  # argparse's --help
        code = error.code if isinstance(error.code, int) else 1
    except KeyboardInterrupt:  # while it is loaded; from then on the command line answers it
        print("Stopped before anything was begun.", file=sys.stderr)
        code = 130
    except BaseException:  # Blender prints what a script raises, goes on, and then leaves with 0
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    from grail_addon.cli.leave import end_process

    end_process(code)
