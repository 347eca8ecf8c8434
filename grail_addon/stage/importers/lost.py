# SPDX-License-Identifier: GPL-3.0-or-later
"""Textures that a material wants: found where other tools find them, and told where they cannot be shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import bpy
import numpy as np

from ...core.mesh_files.mtl import obj_libraries
from ...core.mesh_files.named import slashes
from ...core.mesh_files.usd import LAYERS, PICTURES, mentioned
from ...steps.blender_calls import blender_call
from ...steps.effects import Pause, Steps, offload
from ..owned import BlockRef
from .pictures import flaw_of
from .search import find_texture, parts_of, places
from .textures import image_file, image_nodes, is_missing

_COLOURS = frozenset({"Base Color", "Color", "Emission Color", "Emission"})


@dataclass(frozen=True)
class LostTexture:
    """A picture that cannot be shown. why: end of the sentence; share: of the thing's surface, 0 to 1, what has its
    colour from it; image: full name of the data block, where there is one."""

    name: str
    why: str
    share: float = 0.0
    image: str = ""

    @property
    def words(self) -> str:
        return f"{self.name} {self.why}"


@dataclass(frozen=True)
class Textures:
    """What became of the textures of a thing. notes: for the user; lost: those that cannot be shown; files: all files
    that were opened or looked for."""

    notes: tuple[str, ...] = ()
    lost: tuple[LostTexture, ...] = ()
    files: tuple[Path, ...] = ()

    @property
    def bare_share(self) -> float:
        """Share of the surface that has its colour from pictures that cannot be shown, at most 1."""
        return min(1.0, sum(lost.share for lost in self.lost))

    def added(self, more: Textures) -> Textures:
        """Both together."""
        return Textures(self.notes + more.notes, self.lost + more.lost, self.files + more.files)

    def said(self, name: str) -> tuple[str, ...]:
        """All that the user should know, of a file called `name`."""
        return (*self.notes, *(f"{name}: texture {lost.words}." for lost in self.lost))


NO_TEXTURES = Textures()
_NOT_READ = "is in a form that Blender does not read"


AtWork = Callable[[], AbstractContextManager[object]]
"""Gives what to be within while data blocks are made, see `OwnedData.recording`."""


@dataclass(frozen=True)
class _Shown:
    """An image that is there. name: for the user; source: its file, or its bytes where it is packed; None where no file is
    to be looked at and `why` says all."""

    image: BlockRef
    name: str
    source: Path | bytes | None
    why: str = ""


@dataclass
class _Mending:
    """What is known of some images before their files have been looked at."""

    notes: list[str] = field(default_factory=list)
    lost: list[LostTexture | _Shown] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)


def mend_textures(
    refs: Sequence[BlockRef], path: Path, at_work: AtWork, folders: Sequence[Path] = ()
) -> Steps[Textures]:
    """Find the textures of some objects that are not where the file at `path` says, and look whether all can be shown.

    folders: looked into beside the file's own, first.
    """
    picture = yield from offload(lambda: _missing_pictures(path))
    with at_work():
        objects = [ref.block for ref in refs]
        files = _fill_empty_nodes(objects, picture)
        images = {node.image.name_full: node.image for obj in objects for node in image_nodes(obj)}
        wanted = [BlockRef.of(image) for image in images.values()]
    found = yield from mend_images(wanted, path, at_work, folders)
    objects = [ref.block for ref in refs]
    lost = [replace(lost, share=_share(objects, _coloured_by(objects, lost.image))) for lost in found.lost]
    return Textures(found.notes, (*lost, *_empty_nodes_lost(objects, path, picture)), (*files, *found.files))


def mend_images(
    images: Sequence[BlockRef], path: Path, at_work: AtWork, folders: Sequence[Path] = ()
) -> Steps[Textures]:
    """As `mend_textures` for images, whatever shows them; the shares are not known."""
    mending, looked_into = _Mending(), (*folders, path.parent)
    for ref in images:
        yield Pause()
        image, parts, file = ref.block, list[str](), None
        if is_missing(image):
            parts = parts_of(_named(image, path)) or [image.name]
            file = yield from offload(partial(_found, "/".join(parts), looked_into))
            if file is None:
                where = ", ".join(map(str, _existing(looked_into)))
                why = f"is not there (looked in {where})"
                mending.lost.append(LostTexture(parts[-1], why, image=ref.block.name_full))
                mending.files += [place / parts[-1] for place in _searched(looked_into)]
                if image_file(image).exists():  # a pipe: rendering would open it, and wait for ever
                    image.filepath = ""
                continue
            if not any(file.is_relative_to(folder) for folder in folders):
                mending.notes.append(f"{path.name}: texture {parts[-1]} was found as {_seen(file, path.parent)}.")
        with at_work():
            image = ref.block if file is None else _instead(ref.block, file)
            mending.files += _files(image)
            mending.lost.append(_shown(image))
    flaws = yield from offload(lambda: [_flaw(said) for said in mending.lost])
    lost: list[LostTexture] = []
    for said, why in zip(mending.lost, flaws, strict=True):
        if isinstance(said, LostTexture):
            lost.append(said)
            continue
        if why is None:  # its file is read
            yield Pause()
        image = said.image.block
        why = _taken_away(image, why)
        if why:
            lost.append(LostTexture(said.name, why, image=image.name_full))
    return Textures(tuple(mending.notes), tuple(lost), tuple(dict.fromkeys(mending.files)))


def _found(named: str, folders: Sequence[Path]) -> Path | None:
    """The file that is meant by `named`, in the first of the folders that has it."""
    return next(filter(None, (find_texture(named, folder) for folder in folders)), None)


def lost_libraries(path: Path) -> Textures:
    """Material files that an OBJ names and that are not there; Blender takes one that is called as the OBJ instead."""
    if path.suffix.lower() != ".obj":
        return NO_TEXTURES
    names = obj_libraries(path)
    gone = [name for name in names if not (path.parent / slashes(name)).is_file()]
    if not gone or len(gone) < len(names) or path.with_suffix(".mtl").is_file():
        return NO_TEXTURES
    why = f"is not there, so that its materials are plain (looked in {path.parent})"
    return Textures(lost=tuple(LostTexture(name, why) for name in gone))


def _instead(image: bpy.types.Image, file: Path) -> bpy.types.Image:
    """The image of `file`, shown wherever `image` was: what importers leave for a missing file cannot be loaded later."""
    found = bpy.data.images.load(str(file))
    found.colorspace_settings.name = image.colorspace_settings.name
    found.alpha_mode = image.alpha_mode
    image.user_remap(found)
    return found


def _named(image: bpy.types.Image, path: Path) -> str:
    """The path as the mesh file has it, without the folder that the importer put before it."""
    name = bpy.path.abspath(image.filepath, library=image.library)
    folder = f"{path.parent}/"
    return name.removeprefix(folder) if name.startswith(folder) else name


def _files(image: bpy.types.Image) -> list[Path]:
    if image.packed_file is not None or not image.filepath:
        return []
    file = image_file(image)
    if image.source == "TILED":
        return [Path(str(file).replace("<UDIM>", str(tile.number))) for tile in image.tiles]
    return [file]


def _searched(folders: Iterable[Path]) -> list[Path]:
    return list(dict.fromkeys(place for folder in folders for place in places(folder)))


def _existing(folders: Iterable[Path]) -> list[Path]:
    """Those of the searched folders that are there, with `..` taken out of them."""
    return [place for place in _searched(folders) if place.is_dir()]


def _seen(file: Path, folder: Path) -> str:
    try:
        return file.relative_to(folder).as_posix()
    except ValueError:
        return str(file)


def _shown(image: bpy.types.Image) -> _Shown:
    """What a thread has to know of an image that is there."""
    ref, name = BlockRef.of(image), image_file(image).name if image.filepath else image.name
    if image.source == "TILED":
        gone = [file.name for file in _files(image) if not file.is_file()]
        return _Shown(ref, name, None, f"lacks {', '.join(gone)}" if gone else "")
    if image.source == "MOVIE":  # a GIF is one, too, and none is drawn as importers bring it in
        return _Shown(ref, name, None, _NOT_READ)
    if image.source != "FILE":
        return _Shown(ref, name, None)
    if image.packed_file is None:
        return _Shown(ref, name, image_file(image))
    with blender_call("PackedFile.data"):
        return _Shown(ref, name, image.packed_file.data)


def _flaw(said: LostTexture | _Shown) -> str | None:
    """Why an image cannot be shown, empty where it can, None where only Blender can say."""
    if isinstance(said, LostTexture) or said.source is None:
        return said.why
    return flaw_of(said.source)


def _taken_away(image: bpy.types.Image, why: str | None) -> str:
    """Why an image that is there cannot be shown. One that is too large is taken away, or rendering would load it."""
    if why is None:
        with blender_call("Image.size"):  # reads the file
            why = "" if image.size[0] > 0 else _NOT_READ
        image.buffers_free()
    if "pixels" in why:
        if image.packed_file is not None:
            image.unpack(method="REMOVE")
        image.filepath = ""
    return why


def _coloured_by(objects: Sequence[bpy.types.Object], image: str) -> set[bpy.types.NodeTree]:
    """Node trees in which the image gives the surface its colour."""
    nodes = (node for obj in objects for node in image_nodes(obj) if node.image.name_full == image)
    return {node.id_data for node in nodes if colours(node)}


def _share(objects: Sequence[bpy.types.Object], trees: set[bpy.types.NodeTree]) -> float:
    """Share of the objects' surface whose material has one of these node trees, its own or in a group."""
    whole = hit = 0.0
    for obj in objects:
        if obj.type != "MESH" or obj.hide_render or not len(obj.data.polygons):
            continue
        area, slot = np.empty(len(obj.data.polygons), np.float32), np.empty(len(obj.data.polygons), np.int32)
        obj.data.polygons.foreach_get("area", area)
        obj.data.polygons.foreach_get("material_index", slot)
        slots = [s.material is not None and _uses(s.material.node_tree, trees) for s in obj.material_slots]
        whole += float(area.sum())
        if slots:
            hit += float(area[np.array(slots)[np.clip(slot, 0, len(slots) - 1)]].sum())
    return hit / whole if whole else 0.0


def _uses(tree: bpy.types.NodeTree | None, trees: set[bpy.types.NodeTree]) -> bool:
    if tree is None or tree in trees:
        return tree is not None
    return any(node.type == "GROUP" and _uses(node.node_tree, trees) for node in tree.nodes)


def colours(node: bpy.types.ShaderNode) -> bool:
    """Whether an image texture gives a surface its colour, and not only its shine or relief."""
    queue, seen, reached = [node], {node.name}, False
    while queue:
        for output in queue.pop().outputs:
            for link in output.links:
                if link.to_node.type.startswith(("BSDF", "EMISSION", "EEVEE")):
                    reached = True
                    if link.to_socket.name in _COLOURS:
                        return True
                elif link.to_node.name not in seen and link.to_node.type not in {"NORMAL_MAP", "BUMP", "DISPLACEMENT"}:
                    seen.add(link.to_node.name)
                    queue.append(link.to_node)
                elif link.to_node.type in {"NORMAL_MAP", "BUMP", "DISPLACEMENT"}:
                    reached = True
    return not reached and any(output.links for output in node.outputs)


def _bare_nodes(objects: Iterable[bpy.types.Object]) -> Iterator[bpy.types.ShaderNodeTexImage]:
    """Linked image texture nodes that have no image: the USD importer leaves them where a picture cannot be opened."""
    trees = {s.material.node_tree for obj in objects for s in obj.material_slots if s.material is not None}
    for tree in trees:
        for node in tree.nodes if tree is not None else ():
            if node.type == "TEX_IMAGE" and node.image is None and any(o.links for o in node.outputs):
                yield node


@dataclass(frozen=True)
class _MissingPictures:
    """Pictures that a USD file names and that are not there; found: the file of the only one, where there is one."""

    names: Sequence[str] = ()
    found: Path | None = None


def _missing_pictures(path: Path) -> _MissingPictures:
    if path.suffix.lower() not in LAYERS:
        return _MissingPictures()
    pictures = (n for n in mentioned(path) if Path(n.replace("\\", "/")).suffix.lower() in PICTURES)
    names = [name for name in pictures if not (path.parent / name).is_file()]
    return _MissingPictures(names, find_texture(names[0], path.parent) if len(names) == 1 else None)


def _fill_empty_nodes(objects: Sequence[bpy.types.Object], missing: _MissingPictures) -> list[Path]:
    """Give nodes without an image the one picture that can be meant, where it is found; which that is."""
    nodes = list(_bare_nodes(objects))
    if missing.found is None or not nodes:
        return []
    for node in nodes:
        node.image = bpy.data.images.load(str(missing.found))
        if not colours(node):
            node.image.colorspace_settings.name = "Non-Color"
    return [missing.found]


def _empty_nodes_lost(objects: Sequence[bpy.types.Object], path: Path, missing: _MissingPictures) -> list[LostTexture]:
    nodes = list(_bare_nodes(objects))
    if not nodes:
        return []
    names = ", ".join(parts_of(name)[-1] for name in missing.names) or f"a texture of {path.name}"
    share = _share(objects, {node.id_data for node in nodes if colours(node)})
    where = ", ".join(map(str, _existing([path.parent])))
    return [LostTexture(names, f"is not there, or cannot be read (looked in {where})", share)]
