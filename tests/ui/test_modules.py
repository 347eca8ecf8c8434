# SPDX-License-Identifier: GPL-3.0-or-later
"""The zip in Blender's official builds, which are here as Python modules: every library loads in their Pythons."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.debian import cache_folder
from tests.ui.window import make_user_folder

INSTALL = """
import json, os, sys, bpy
bpy.ops.extensions.package_install_files(repo="user_default", filepath=sys.argv[1], enable_on_install=True)
version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
local = os.path.join(os.environ["BLENDER_USER_RESOURCES"], "extensions", ".local", "lib", version, "site-packages")
sys.path.insert(0, local)  # before the libraries that the tests brought along
import PIL._imaging, PIL.Image, _yaml, av, coacd, jiter, pydantic_core._pydantic_core as core
found = {m.__name__: m.__file__ for m in (PIL._imaging, av._core if hasattr(av, "_core") else av, coacd, jiter, core)}
print(json.dumps({
    "enabled": "bl_ext.user_default.grail_hoi" in bpy.context.preferences.addons,
    "panel": hasattr(bpy.types, "GRAIL_PT_setup"),
    "foreign": [name for name, path in found.items() if not path.startswith(local)],
}), file=sys.stderr)
sys.stderr.flush()
os._exit(0)
"""


def environments() -> list[Path]:
    """The Pythons with a bpy module: this one, and those that `make test-envs` made."""
    here = Path(sys.executable)
    return [here, *sorted((cache_folder() / "envs").glob("bpy-*/bin/python"))]


@pytest.mark.parametrize("python", environments(), ids=lambda path: path.parents[1].name)
def test_the_zip_installs_and_its_libraries_load(python: Path, test_zip: Path, tmp_path: Path) -> None:
    make_user_folder(tmp_path)
    environment = os.environ | {"BLENDER_USER_RESOURCES": str(tmp_path / "user"), "HOME": str(tmp_path / "home")}
    command = [str(python), "-c", INSTALL, str(test_zip)]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=540, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stderr.strip().splitlines()[-1]) == {"enabled": True, "panel": True, "foreign": []}
