# SPDX-License-Identifier: GPL-3.0-or-later
"""Import an object: any format, one or many parts, always one object at the origin."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import bpy
from mathutils import Matrix

from ...core.arrays import Array
from ...core.errors import Problem, UserError
from ...core.mesh import MeshData
from ...core.mesh_files.named import files_of, is_large
from ...core.mesh_files.usd import LAYERS, mentioned
from ...steps.effects import Pause, Steps, offload
from ..measure.meshes import mesh_arrays
from ..owned import BlockRef, OwnedData
from .combine import combine, flaw, repair
from .displaced import draw_as_bumps
from .drawn import drop_vertices, undrawn_vertices
from .extras import use_grey_cut_outs
from .far import far_vertices
from .lost import NO_TEXTURES, Textures, lost_libraries, mend_textures
from .readers import checked, read
from .recentre import move_near
from .scratch import scratch
from .unlit import light_unlit


@dataclass(frozen=True, eq=False)
class ImportedObject:
    """An imported object. mesh: triangles in the object frame; notes: what the user should know. offset (3,): point of the
    file, in metres, that is the object's origin; None where that is the file's own. textures: what became of its pictures;
    files: what else was opened for it, or looked for and not found."""

    ref: BlockRef
    mesh: MeshData
    source: Path
    notes: tuple[str, ...] = ()
    offset: Array | None = None
    textures: Textures = NO_TEXTURES
    files: tuple[Path, ...] = ()

    @property
    def object(self) -> bpy.types.Object:
        """The object itself; never keep it across ticks. Raises StageLost if it was removed."""
        return self.ref.block


def import_object(
    path: Path, collection: Callable[[], bpy.types.Collection], owner: OwnedData, name: str = "", unit: float = 1.0
) -> Steps[ImportedObject]:
    """Import a mesh file as one object in the collection, with identity transform, and nothing else.

    OBJ, STL and PLY keep the file's numbers (no axis conversion); glTF, FBX and USD come as Blender's importer
    understands their axes and units. Parts are joined with their transforms baked; materials, UV maps and
    textures stay. collection: gives it when it is needed; owner: owns what was imported in the end. name: wanted name,
    the file's stem by default; a taken one gets a number. unit: factor on all coordinates, for files in another unit
    than metres. Raises UserError if the file cannot be read or holds no usable mesh.
    """
    wanted = name or path.stem
    large = yield from offload(lambda: is_large(path), "object")
    yield Pause("object", long=large)
    yield from checked(path, "object")
    named = yield from offload(lambda: files_of(path), "object")
    precise = yield from offload(lambda: far_vertices(path), "object")
    yield Pause("object")
    with owner.making() as made:
        with scratch(made) as place:
            notes = yield from read(path, place, "object")
            yield Pause("object")
            with place.at_work():
                moved = move_near(path, place, precise)
            yield Pause("object")
            with place.at_work():
                obj, left_out = combine(place, wanted)
                if obj is None:
                    raise _unusable(path, _no_faces(path, named))
                place.keep(obj)
                left_out += (*draw_as_bumps(obj.data.materials), *light_unlit(obj.data.materials, path))
                collection().objects.link(obj)
                ref = BlockRef.of(obj)
            yield Pause("object")
            reason = repair(ref.block.data)
            if reason:
                raise _unusable(path, reason)
            textures = lost_libraries(path).added((yield from mend_textures([ref], path, place.at_work)))
            if path.suffix.lower() == ".obj":
                yield Pause("object")
                use_grey_cut_outs(ref.block)
            yield Pause("object")
        yield Pause("object")
        obj = ref.block
        obj.name = obj.data.name = wanted  # only now: the importer's own objects may have had that name
        ref = BlockRef.of(obj)
        yield Pause("object")
        data = mesh_arrays(ref.block.data)
        reason, loose = yield from offload(lambda: (flaw(data), undrawn_vertices(data)), "object")
        if reason:
            raise _unusable(path, reason)
        if len(loose):
            drop_vertices(ref.block.data, loose)
            said = "point belongs" if len(loose) == 1 else "points belong"
            left_out += (f"{len(loose)} {said} to no face and {'counts' if len(loose) == 1 else 'count'} for nothing.",)
        yield Pause("object")
        if unit != 1.0:
            ref.block.data.transform(Matrix.Scale(unit, 4))
        mesh = mesh_arrays(ref.block.data)
    all_notes = (*notes, *(f"{path.name}: {note}" for note in left_out), *textures.said(path.name))
    files = tuple(dict.fromkeys((*named, *textures.files)))
    if moved is None:
        return ImportedObject(ref, mesh, path, all_notes, textures=textures, files=files)
    all_notes += (moved.note(path.name, unit),)
    return ImportedObject(ref, mesh, path, all_notes, moved.offset * unit, textures, files)


def _no_faces(path: Path, named: Sequence[Path]) -> str:
    """Why there are none, as far as the files tell that it is made of."""
    layers = [file for file in named if file.suffix.lower() in LAYERS]
    gone = next((file.name for file in layers if not file.exists()), None)
    if gone is not None:
        return f"it has no faces, and {gone}, which it is made of, is not there"
    if path.suffix.lower() in LAYERS and any(
        path.name in mentioned(layer) for layer in (path, *layers) if layer.is_file()
    ):
        return "it has no faces, and is made of itself"
    return "it has no faces"


def _unusable(path: Path, reason: str) -> UserError:
    return UserError(Problem(f"{path.name} holds no usable mesh: {reason}.", file=str(path)))
