# SPDX-License-Identifier: GPL-3.0-or-later
"""Get the outside meshes and the robot: download three packages with pip and keep only those files. Does nothing if all are there.

python tests/fetch_outside.py
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.outside_meshes import PACKAGES, ROBOTS, folder

WHEEL = [
    "--python-version",
    "3.11",
    "--implementation",
    "cp",
    "--platform",
    "manylinux2014_x86_64",
    "--platform",
    "any",
]


def fetch(package: str, names: tuple[str, ...], target: Path) -> None:
    """Unpack `names` of the package's wheel below `target`."""
    with tempfile.TemporaryDirectory() as temp:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "-d", temp]
        subprocess.run([*command, *WHEEL, package], check=True)
        (wheel,) = Path(temp).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            for name in names:
                path = target / name
                path.parent.mkdir(parents=True, exist_ok=True)
                part = path.with_suffix(path.suffix + ".part")
                part.write_bytes(archive.read(name))
                part.replace(path)


def main() -> None:
    target = folder()
    packages = {**PACKAGES, **ROBOTS}
    for package, names in packages.items():
        if not all((target / name).is_file() for name in names):
            fetch(package, names, target)
    count = sum(len(names) for names in packages.values())
    print(f"{count} outside files in {target}")


if __name__ == "__main__":
    main()
