# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the extension's zips, one for each platform, with the libraries, configs and starter assets that it needs.

    python build_addon.py --starter assets/blender-4.2 --cache FOLDER [--out build/addon]
    python build_addon.py --test ...    one zip for the tests, which also runs in Debian's Blenders (Python 3.14)

Blender's own `extension build` and `extension validate` do the packing; Blender itself is not started.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grail_addon import __version__
from tools import wheels

ROOT = Path(__file__).resolve().parent
REQUIREMENTS = ROOT / "requirements" / "runtime.txt"
MANIFEST = "blender_manifest.toml"
TEST_PLATFORM, TEST_PYTHONS = "linux-x64", (*wheels.PYTHONS, "3.14")
MEGABYTE = 1e6


@dataclass(frozen=True)
class Contents:
    """What goes into the zips. by_platform: platform -> file names of its wheels, which lie in `cache`."""

    starter: Path
    cache: Path
    by_platform: Mapping[str, frozenset[str]]

    @property
    def wheels(self) -> list[str]:
        return sorted(set().union(*self.by_platform.values()))


def collect(starter: Path, cache: Path, targets: Sequence[wheels.Target]) -> Contents:
    """Fetch the wheels of all targets. Raises SystemExit that names every library which a zip would lack."""
    by_platform: dict[str, set[str]] = {}
    for target in targets:
        by_platform.setdefault(target.platform, set()).update(wheels.fetch(target, REQUIREMENTS, cache))
    problems = []
    for target in targets:
        wanted = wheels.bundled(REQUIREMENTS, target.platform)
        problems += wheels.gaps(wanted, by_platform[target.platform], target)
    if problems:
        raise SystemExit("error: the libraries do not cover every Blender.\n" + "\n".join(problems))
    return Contents(starter, cache, {name: frozenset(found) for name, found in by_platform.items()})


def manifest_text(contents: Contents) -> str:
    """The manifest with `platforms` and `wheels` before its first table. Raises SystemExit for another version."""
    text = (ROOT / MANIFEST).read_text(encoding="utf-8")
    version = tomllib.loads(text)["version"]
    if version != __version__:
        raise SystemExit(f"error: {MANIFEST} says {version}, grail_addon/__init__.py says {__version__}.")
    lines = [f'    "./wheels/{name}",' for name in contents.wheels]
    platforms = json.dumps(sorted(contents.by_platform))
    added = "\n".join([f"platforms = {platforms}", "wheels = [", *lines, "]", "", ""])
    head, table, tail = text.partition("[permissions]")
    return head + added + table + tail


def starter_series(starter: Path) -> str:
    """The Blender that built the starter assets, as "4.2". Raises SystemExit where the manifest's oldest cannot open them."""
    record = starter / "starter.json"
    if not record.is_file():
        raise SystemExit(f"error: {starter} holds no starter assets; `make assets` builds them.")
    versions = [part["blender"] for part in json.loads(record.read_text(encoding="utf-8"))["parts"].values()]
    series = max(_series(version) for version in versions if version)
    oldest = _series(tomllib.loads((ROOT / MANIFEST).read_text(encoding="utf-8"))["blender_version_min"])
    if series > oldest:
        raise SystemExit(
            f"error: Blender {series[0]}.{series[1]} built {starter}; build it with {oldest[0]}.{oldest[1]}."
        )
    return f"{series[0]}.{series[1]}"


def _series(version: str) -> tuple[int, int]:
    major, minor = version.split(".")[:2]
    return int(major), int(minor)


def stage(contents: Contents, folder: Path) -> None:
    """Lay out the extension in a clean folder: the package's files at its top, configs, starter assets, wheels."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "grail_addon", folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "configs", folder / "configs")
    shutil.copytree(
        contents.starter, folder / "assets" / f"blender-{starter_series(contents.starter)}", copy_function=_link
    )
    shutil.copy2(ROOT / "LICENSE", folder)
    (folder / "wheels").mkdir()
    for name in contents.wheels:
        _link(contents.cache / name, folder / "wheels" / name)
    (folder / MANIFEST).write_text(manifest_text(contents), encoding="utf-8")


def _link(source: str | Path, target: str | Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)


def extension_tool() -> Path:
    """Blender's program for extensions, in the bpy module of this Python; it needs no Blender to run."""
    spec = importlib.util.find_spec("bpy")
    places = spec.submodule_search_locations if spec is not None else None
    found = [
        path for place in places or () for path in Path(place).glob("*/scripts/addons_core/bl_pkg/cli/blender_ext.py")
    ]
    if not found:
        raise SystemExit("error: this Python has no bpy module; use the one that `make venv` makes.")
    return found[0]


def blender_extension(*arguments: str) -> None:
    """Run `extension ARGUMENTS`. Raises SystemExit with what it said where it refuses."""
    done = subprocess.run(
        [sys.executable, str(extension_tool()), *arguments], capture_output=True, text=True, check=False
    )
    said = (done.stdout + done.stderr).strip()
    # `validate` of a manifest with faults also ends with 0 in some versions
    if done.returncode or "error" in said.lower():
        raise SystemExit(f"error: Blender's `extension {arguments[0]}` refuses:\n{said}")


def pack(contents: Contents, out: Path) -> dict[str, Path]:
    """Stage, build and validate; returns platform -> zip. Zips of an earlier build go."""
    folder = out / "stage"
    out.mkdir(parents=True, exist_ok=True)
    for old in out.glob("*.zip"):
        old.unlink()
    stage(contents, folder)
    blender_extension("validate", str(folder))
    blender_extension("build", "--source-dir", str(folder), "--output-dir", str(out), "--split-platforms")
    zips = {}
    for platform in contents.by_platform:
        (zips[platform],) = out.glob(f"*-{platform.replace('-', '_')}.zip")
        blender_extension("validate", str(zips[platform]))
    shutil.rmtree(folder)
    return zips


def size_report(contents: Contents, zips: Mapping[str, Path]) -> str:
    """A table of the zips' sizes in MB, the largest libraries, and what is different on a platform."""
    starter = sum(path.stat().st_size for path in contents.starter.rglob("*") if path.is_file())
    lines = [f"starter assets: {starter / MEGABYTE:.0f} MB unpacked", "platform          zip  libraries  the largest"]
    for platform, path in sorted(zips.items()):
        sizes = {name: (contents.cache / name).stat().st_size / MEGABYTE for name in contents.by_platform[platform]}
        by_library: dict[str, float] = {}
        for name, size in sizes.items():
            library = name.partition("-")[0]
            by_library[library] = by_library.get(library, 0.0) + size
        largest = sorted(by_library.items(), key=lambda item: -item[1])[:4]
        shown = ", ".join(f"{name} {size:.1f}" for name, size in largest)
        lines.append(f"{platform:12} {path.stat().st_size / MEGABYTE:5.1f} MB {sum(sizes.values()):7.1f} MB  {shown}")
    for (platform, _), lacks in wheels.WITHOUT.items():
        if platform in zips:
            lines.append(f"{platform}: {lacks}")
    for platform in sorted(zips):
        lines += [f"{platform}: {sentence}" for sentence in wheels.demands(contents.by_platform[platform])]
    return "\n".join(lines) + "\n"


def build(starter: Path, cache: Path, out: Path, is_test: bool = False) -> dict[str, Path]:
    """Build all zips into `out`; returns platform -> zip, and leaves the size report in `out/sizes.txt`."""
    targets = wheels.targets((TEST_PLATFORM,), TEST_PYTHONS) if is_test else wheels.targets()
    contents = collect(starter.resolve(), cache.resolve(), targets)
    zips = pack(contents, out)
    (out / "sizes.txt").write_text(size_report(contents, zips), encoding="utf-8")
    return zips


def main(argv: Sequence[str]) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="build_addon.py", description="Build the extension's zips.")
    parser.add_argument("--starter", type=Path, required=True, help="starter assets that the oldest Blender built")
    parser.add_argument("--cache", type=Path, required=True, help="folder that keeps the downloaded libraries")
    parser.add_argument("--out", type=Path, help="folder for the zips (build/addon, with --test build/addon-test)")
    parser.add_argument("--test", action="store_true", help="one zip for the tests, with libraries for Python 3.14 too")
    args = parser.parse_args(argv)
    out = args.out or ROOT / "build" / ("addon-test" if args.test else "addon")
    zips = build(args.starter, args.cache, out, args.test)
    print((out / "sizes.txt").read_text(encoding="utf-8"), end="")
    for path in zips.values():
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
