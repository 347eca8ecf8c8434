# SPDX-License-Identifier: GPL-3.0-or-later
"""One reader for each file format: Blender's own importer with the options that this project needs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy

from ...core.errors import Problem, UserError
from ...core.mesh_files.fbx import is_text
from ...core.mesh_files.whole import face_fault, fault_of
from ...steps.blender_calls import blender_call
from ...steps.effects import Steps, offload
from .. import compat
from .extras import add_pictures
from .quiet import output_kept
from .scratch import Scratch
from .trial import needs_trial, trial_command, trial_fault

# as the file's own numbers: what stands in the file is the object's frame
_AS_IN_FILE = {"forward_axis": "Y", "up_axis": "Z", "global_scale": 1.0}
# validation comes later: the importers' own turns coordinates that are no numbers into zeros without a word
_AS_IT_IS = {"validate_meshes": False, "use_mesh_validate": False}

ImportOptions = Mapping[str, Any]


@dataclass(frozen=True)
class Reader:
    """An importer: operators in order of preference, and its options. what: the format's name for sentences."""

    what: str
    operators: tuple[str, ...]
    options: ImportOptions
    in_file_axes: bool = False  # True where no axis is converted and the file doesn't say which is up


_OBJ = Reader(
    "OBJ",
    ("wm.obj_import",),
    {
        **_AS_IN_FILE,
        **_AS_IT_IS,
        "use_split_objects": False,
        "use_split_groups": False,
        "mtl_name_collision_mode": "MAKE_UNIQUE",
    },
    in_file_axes=True,
)
_GLTF = Reader("glTF", ("import_scene.gltf",), {"import_pack_images": True, "disable_bone_shape": True})
_FBX = Reader(
    "FBX", ("wm.fbx_import", "import_scene.fbx"), {"use_anim": True, "mtl_name_collision_mode": "MAKE_UNIQUE"}
)
_STL = Reader("STL", ("wm.stl_import",), {**_AS_IN_FILE, **_AS_IT_IS, "use_scene_unit": False}, in_file_axes=True)
_PLY = Reader("PLY", ("wm.ply_import",), {**_AS_IN_FILE, **_AS_IT_IS, "use_scene_unit": False}, in_file_axes=True)
_USD = Reader(
    "USD",
    ("wm.usd_import",),
    {
        "set_frame_range": False,
        "import_cameras": False,
        "import_lights": False,
        "import_volumes": False,
        "create_world_material": False,
        "validate_meshes": True,
        "apply_unit_conversion_scale": True,
        "mtl_name_collision_mode": "MAKE_UNIQUE",
        "relative_path": False,
    },
)

READERS: Mapping[str, Reader] = {
    ".obj": _OBJ,
    ".glb": _GLTF,
    ".gltf": _GLTF,
    ".vrm": _GLTF,
    ".fbx": _FBX,
    ".stl": _STL,
    ".ply": _PLY,
    ".usd": _USD,
    ".usda": _USD,
    ".usdc": _USD,
    ".usdz": _USD,
}


def checked(path: Path, pause: str) -> Steps[None]:
    """Look at a file before it is `read`: whether it is damaged in a way that its importer does not survive or hides. pause:
    name of the work. Raises UserError where it is, where the file is missing, or its format is unknown."""
    command = trial_command()
    reads_text_fbx = compat.operator(_FBX.operators[0], {}) is not None
    yield from offload(lambda: _check(path, command, reads_text_fbx), pause)


def _check(path: Path, command: Sequence[str], reads_text_fbx: bool) -> None:
    if not path.is_file():
        raise UserError(f"There is no file {path}.")
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        known = ", ".join(READERS)
        raise UserError(
            Problem(f"{path.name} cannot be imported: unknown format.", f"Known are {known}.", file=str(path))
        )
    fault = (
        fault_of(path)
        or ("" if reads_text_fbx or reader is not _FBX else _text_fbx(path))
        or (_reason(trial_fault(path, command)) if reader is _USD and needs_trial(path) else "")
    )
    if fault:
        raise _failed(path, reader, fault)


def _text_fbx(path: Path) -> str:
    if not is_text(path):
        return ""
    return f"it is a text FBX, which Blender {bpy.app.version_string} does not read. Save it as binary FBX or as GLB"


def read(path: Path, place: Scratch, pause: str) -> Steps[tuple[str, ...]]:
    """Import a `checked` file into the scratch scene; notes for the user come back. pause: name of the work.

    Raises UserError where its format is not in this build, or the import fails.
    """
    reader = READERS[path.suffix.lower()]
    options, notes = dict(reader.options), ()
    if reader is _USD:
        options["scale"], notes = _usd_scale(path)
    with place.at_work():
        _import(path, place, reader, options)
    faces = sum(len(o.data.polygons) for o in place.scene.objects if o.type == "MESH")
    fault = yield from offload(lambda: face_fault(path, faces), pause)
    if fault:
        raise _failed(path, reader, fault)
    with place.at_work():
        add_pictures(path, place.scene, place.brought("materials"))
    return notes


def _import(path: Path, place: Scratch, reader: Reader, options: ImportOptions) -> None:
    """Have Blender's importer read the file."""
    name, call = _importer(reader, options, path)
    if name == "import_scene.fbx":  # enters edit mode on a skeleton, and no override reaches that
        place.open_in_window()
    with output_kept() as printed:
        try:
            with place.override(), blender_call(name):
                done = call(filepath=str(path))
        except RuntimeError as error:  # what operators raise for all that goes wrong inside
            raise _failed(path, reader, _reason(str(error)), f"{error}\n{printed()}") from error
        if "FINISHED" not in done:
            raise _failed(path, reader, "its importer gave up", f"{sorted(done)}\n{printed()}")


def _importer(reader: Reader, options: ImportOptions, path: Path) -> tuple[str, Callable[..., set[str]]]:
    for name in reader.operators:
        call = compat.operator(name, options)
        if call is not None:
            return name, call
    raise UserError(
        Problem(
            f"{path.name} cannot be imported: this Blender has no {reader.what} importer.",
            "Convert the file to OBJ or GLB, switch the importer's add-on on, or use a Blender from blender.org.",
            file=str(path),
        )
    )


_PATH = re.compile(r"(?:'[^']*[\\/][^']*'|\S*[\\/]\S+)")


def _reason(said: str) -> str:
    """An importer's own words as the end of a sentence: of a traceback its last line, without paths. Nothing stays so."""
    if not said:
        return ""
    if "Traceback" in said:
        lines = [line.strip() for line in said.splitlines() if re.match(r"\w+(Error|Exception)\b", line.strip())]
        return f"its parts do not fit together ({lines[-1] if lines else 'its importer failed'})"
    lines = [line.removeprefix("Error: ").strip() for line in said.splitlines() if line.strip()]
    words = _PATH.sub("", lines[0]) if lines else "its importer failed"
    words = re.sub(r"^\w+ Import(er)?: |^Cannot import file : ", "", " ".join(words.split())).rstrip(" .:")
    return (
        "it is damaged or cut off" if re.search(r"Failed to (load|read)|unknown error|unable to open", words) else words
    )


def _failed(path: Path, reader: Reader, reason: str, detail: str = "") -> UserError:
    needs = re.search(r"\b(?:EXT|KHR|MSFT)_\w+", reason)
    fix = f"Save it without {needs[0]}." if needs and reader is _GLTF else ""
    message = f"{path.name} cannot be read as {reader.what}: {reason}."
    return UserError(Problem(message, fix, detail=detail, file=str(path)))


def _usd_scale(path: Path) -> tuple[float, tuple[str, ...]]:
    """Factor for the USD importer where it doesn't convert units by itself, as later versions do."""
    if not bpy.app.build_options.usd or compat.usd_import_applies_units():
        return 1.0, ()
    with path.open("rb") as handle:
        head = handle.read(65536)
    if not head.startswith(b"#usda"):
        version = bpy.app.version_string
        return 1.0, (
            f"{path.name}: Blender {version} ignores the units of a binary USD file; its numbers count as metres.",
        )
    found = re.search(rb"metersPerUnit\s*=\s*([-+.\deE]+)", head)
    return (float(found.group(1)) if found else 0.01), ()  # USD's own default is the centimetre
