# SPDX-License-Identifier: GPL-3.0-or-later
"""Sample files for the import tests, written by hand or with Blender's own exporters."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np

from grail_addon.drivers.blocking import drain
from grail_addon.stage.importers import ImportedObject
from grail_addon.stage.importers import import_object as importing
from grail_addon.stage.owned import BlockRef, OwnedData
from grail_addon.stage.person.character import CharacterHandle, CharacterSettings, load_character
from grail_addon.stage.person.person import Person

Corners = list[tuple[float, float, float]]

# a tetrahedron that no rotation or mirror maps to itself
TETRA = np.array([(0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 2.0, 0.0), (0.0, 0.0, 3.0)])
TETRA_FACES = [(0, 2, 1), (0, 1, 3), (0, 3, 2), (1, 2, 3)]


def import_object(path: Path, collection: bpy.types.Collection, name: str = "", unit: float = 1.0) -> ImportedObject:
    """Import a file at once; what is imported stays."""
    return drain(importing(path, lambda: collection, OwnedData(), name, unit))


def import_character(path: Path, settings: CharacterSettings | None = None, name: str = "") -> CharacterHandle:
    """Load a character into the open scene at once; it stays."""
    return drain(load_character(path, BlockRef.of(bpy.context.scene), OwnedData(), settings, name))


def import_person(path: Path, pose_file: Path | None = None) -> Person:
    """The same as a person, measured. Textures are also looked for beside the file."""
    settings = CharacterSettings(init_pose_file=pose_file, texture_dir=path.parent)
    made = Person(import_character(path, settings), 2, pose_file)
    drain(made.measure())
    return made


def write_obj(path: Path, vertices: np.ndarray = TETRA, faces: list[tuple[int, ...]] = TETRA_FACES) -> Path:
    lines = [f"v {x} {y} {z}" for x, y, z in vertices.tolist()]
    lines += ["f " + " ".join(str(i + 1) for i in face) for face in faces]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def texture(path: Path, colour: tuple[float, float, float] = (1.0, 0.0, 0.0)) -> Path:
    image = bpy.data.images.new("sample", 4, 4)
    image.pixels.foreach_set(np.tile(np.array([*colour, 1.0], dtype=np.float32), 16))
    image.filepath_raw, image.file_format = str(path), "PNG"
    image.save()
    bpy.data.images.remove(image)
    return path


def add_tetra(name: str = "tetra", uv_name: str | None = None) -> bpy.types.Object:
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(TETRA.tolist(), [], TETRA_FACES)
    if uv_name:
        uv = mesh.uv_layers.new(name=uv_name)
        uv.uv.foreach_set("vector", np.linspace(0.0, 1.0, 24, dtype=np.float32))
    obj = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(obj)
    return obj


def add_skinned_tetra() -> bpy.types.Object:
    """A tetrahedron that hangs on one bone; returns the skeleton."""
    obj = add_tetra("skin")
    rig = bpy.data.objects.new("rig", bpy.data.armatures.new("rig"))
    bpy.context.scene.collection.objects.link(rig)
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    rig.data.edit_bones.new("bone").tail = (0, 0, 1)
    bpy.ops.object.mode_set(mode="OBJECT")
    obj.parent = rig
    obj.vertex_groups.new(name="bone").add(range(4), 1.0, "REPLACE")
    obj.modifiers.new("rig", "ARMATURE").object = rig
    return rig


def add_material(obj: bpy.types.Object, name: str, image_file: Path | None = None) -> bpy.types.Material:
    material = bpy.data.materials.new(name)
    if material.node_tree is None:
        material.use_nodes = True
    shader = next(n for n in material.node_tree.nodes if n.type == "BSDF_PRINCIPLED")
    shader.inputs["Base Color"].default_value = (0.25, 0.5, 0.75, 1.0)
    if image_file is not None:
        node = material.node_tree.nodes.new("ShaderNodeTexImage")
        node.image = bpy.data.images.load(str(image_file))
        material.node_tree.links.new(node.outputs["Color"], shader.inputs["Base Color"])
    obj.data.materials.append(material)
    return material


def export(path: Path) -> Path:
    """Everything in the open scene as `path`, by the suffix's exporter at its defaults."""
    file = str(path)
    if path.suffix in {".glb", ".gltf"}:
        bpy.ops.export_scene.gltf(filepath=file, export_format="GLB" if path.suffix == ".glb" else "GLTF_SEPARATE")
    elif path.suffix == ".fbx":
        bpy.ops.export_scene.fbx(filepath=file)
    elif path.suffix == ".stl":
        bpy.ops.wm.stl_export(filepath=file)
    elif path.suffix == ".ply":
        bpy.ops.wm.ply_export(filepath=file)
    else:
        bpy.ops.wm.usd_export(filepath=file)
    return path


def fresh() -> bpy.types.Collection:
    """An empty file again; the collection to import into."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    return bpy.context.scene.collection


def triangles(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """(M, 9) triangles in an order of their own, each turned to begin at its smallest corner: winding still counts."""
    rows = []
    for tri in np.round(np.asarray(vertices)[np.asarray(faces)], 4) + 0.0:
        first = min(range(3), key=lambda k: tuple(tri[k]))
        rows.append(np.roll(tri, -first, axis=0).ravel())
    return np.array(sorted(map(tuple, rows)))


def moved(matrix: np.ndarray) -> np.ndarray:
    """Triangles of the tetrahedron under a 4x4, outside kept outside."""
    faces = np.array(TETRA_FACES)
    if np.linalg.det(matrix[:3, :3]) < 0.0:
        faces = faces[:, ::-1]
    return triangles(TETRA @ matrix[:3, :3].T + matrix[:3, 3], faces)


def counts() -> dict[str, int]:
    """How many datablocks of each kind the open file has."""
    kinds = (p.identifier for p in bpy.data.bl_rna.properties if p.type == "COLLECTION")
    return {kind: len(getattr(bpy.data, kind)) for kind in kinds if kind != "all_ids"}
