# SPDX-License-Identifier: GPL-3.0-or-later
"""The wheels that the extension carries: fetched for every platform and Python, kept outside the tree, checked for gaps."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.tags import compatible_tags, cpython_tags
from packaging.utils import canonicalize_name, parse_wheel_filename

PLATFORMS: Mapping[str, tuple[str, ...]] = {
    "linux-x64": tuple(f"manylinux{tag}_x86_64" for tag in ("_2_28", "_2_27", "_2_26", "_2_24", "_2_17", "2014")),
    "windows-x64": ("win_amd64",),
    "macos-x64": ("macosx_14_0_x86_64",),
    "macos-arm64": ("macosx_14_0_arm64",),
}
"""Blender's name of a platform -> what its wheels may be tagged with (pip adds the older macOS versions itself)."""

PYTHONS = ("3.11", "3.13")
"""Blender 4.2 to 5.0 carry 3.11, later ones 3.13."""

BLENDERS_OWN = frozenset({"numpy", "requests", "certifi", "charset-normalizer", "idna", "urllib3"})
"""Never bundled: Blender brings them; the last four are what requests needs."""

WITHOUT = {("macos-x64", "coacd"): "no uneven supports (stairs, rocks): coacd has no wheel there"}
"""(platform, library) -> what is missing without it. The code imports such a library where it is used and says so."""

OLDEST_MACOS = (11, 0)


@dataclass(frozen=True)
class Target:
    """One Blender platform with one Python."""

    platform: str
    python: str

    def fits(self, wheel: str) -> bool:
        """Whether this Python can import the wheel (its platform apart)."""
        version = tuple(int(part) for part in self.python.split("."))
        name = f"cp{version[0]}{version[1]}"
        tags = {(tag.interpreter, tag.abi) for tag in cpython_tags(version, abis=[name], platforms=["any"])}
        tags |= {(tag.interpreter, tag.abi) for tag in compatible_tags(version, name, platforms=["any"])}
        return any((tag.interpreter, tag.abi) in tags for tag in parse_wheel_filename(wheel)[3])


def targets(platforms: Iterable[str] = PLATFORMS, pythons: Sequence[str] = PYTHONS) -> list[Target]:
    """Every platform with every Python."""
    return [Target(platform, python) for platform in platforms for python in pythons]


def bundled(requirements: Path, platform: str) -> list[str]:
    """The lines of a list of pinned libraries that this platform's extension carries."""
    lines = (line.partition("#")[0].strip() for line in requirements.read_text(encoding="utf-8").splitlines())
    named = [(canonicalize_name(Requirement(line).name), line) for line in lines if line]
    return [line for name, line in named if name not in BLENDERS_OWN and (platform, name) not in WITHOUT]


def fetch(target: Target, requirements: Path, cache: Path) -> list[str]:
    """File names, in `cache`, of all wheels for a target; fetched once for each list of libraries.

    Raises SystemExit that says what pip could not find.
    """
    wanted = bundled(requirements, target.platform)
    digest = hashlib.sha256("\n".join([*wanted, *PLATFORMS[target.platform]]).encode()).hexdigest()[:16]
    listed = cache / f"{target.platform}-{target.python}-{digest}.txt"
    if listed.is_file():
        names = listed.read_text(encoding="utf-8").split()
        if all((cache / name).is_file() for name in names):
            return names
    print(f"fetching the libraries for {target.platform}, Python {target.python} ...", file=sys.stderr, flush=True)
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        names = _download(target, wanted, Path(folder))
        for name in names:
            shutil.move(Path(folder) / name, cache / name)
    part = listed.with_suffix(".part")
    part.write_text("\n".join(names) + "\n", encoding="utf-8")
    part.replace(listed)
    return names


def _download(target: Target, wanted: Sequence[str], folder: Path) -> list[str]:
    lines = folder / "wanted.txt"
    lines.write_text("\n".join(wanted), encoding="utf-8")
    tags = [argument for tag in PLATFORMS[target.platform] for argument in ("--platform", tag)]
    command = [
        sys.executable, "-m", "pip", "download", "-qq", "--no-deps", "--only-binary=:all:", "--implementation", "cp",
        "--python-version", target.python, *tags, "--dest", str(folder), "--requirement", str(lines),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        why = done.stderr.strip()
        raise SystemExit(f"error: not every library has a wheel for {target.platform}, Python {target.python}.\n{why}")
    return sorted(path.name for path in folder.glob("*.whl"))


def gaps(wanted: Sequence[str], chosen: Iterable[str], target: Target) -> list[str]:
    """What is wrong with a zip's wheels for one of its Pythons: a library without a wheel, or with two that Blender
    would have to choose between.

    wanted: pinned libraries; chosen: file names of this platform's wheels, for all its Pythons.
    """
    fitting: dict[str, list[str]] = {}
    for wheel in chosen:
        if target.fits(wheel):
            fitting.setdefault(parse_wheel_filename(wheel)[0], []).append(wheel)
    problems = []
    for name in (canonicalize_name(Requirement(line).name) for line in wanted):
        found = fitting.get(name, [])
        if len(found) != 1:
            what = f"{len(found)} wheels fit ({', '.join(found)})" if found else "no wheel fits"
            problems.append(f"{target.platform}, Python {target.python}, {name}: {what}")
    return problems


def demands(wheels: Iterable[str]) -> list[str]:
    """Sentences about wheels that want a later macOS than Blender itself does."""
    said = []
    for wheel in sorted(set(wheels)):
        name, _, _, tags = parse_wheel_filename(wheel)
        versions = [tuple(map(int, tag.platform.split("_")[1:3])) for tag in tags if tag.platform.startswith("macosx")]
        if versions and min(versions) > OLDEST_MACOS:
            said.append(f"{name} needs macOS {min(versions)[0]} there")
    return list(dict.fromkeys(said))
