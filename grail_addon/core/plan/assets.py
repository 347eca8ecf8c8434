# SPDX-License-Identifier: GPL-3.0-or-later
"""Where objects, characters and scenes lie on disk. A user's own data wins over the starter set; nothing is opened here.

Layout of a root: `{root}/{dataset}/{category}/`, `{root}/characters/`, `{root}/scenes/`.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError, Problem
from ..mesh_levels import is_hull, level_of
from ..paths import home_path
from ..robot.model import read_robot

OBJECT_SUFFIXES = (".obj", ".usda", ".usdc", ".usd", ".usdz", ".glb", ".gltf", ".vrm", ".fbx", ".stl", ".ply")
_NOT_READ = frozenset({".3ds", ".abc", ".blend", ".c4d", ".dae", ".max", ".ma", ".mb", ".skp", ".wrl", ".x3d", ".zip"})
CHARACTER_SUFFIXES = (".blend", ".usda", ".usdc", ".usd", ".usdz", ".obj", ".fbx", ".glb", ".gltf", ".vrm", ".xml")

ROBOT = "g1"
"""Character that `g1_xml_path` is the file of, in small or capital letters."""

_NO_DATASETS = frozenset({"characters", "scenes", "Scene"})
_LOOKED = "; looked in "

STARTER_DATASET = "ComAsset"
STARTER_OBJECTS = frozenset(
    {
        "armchair",
        "bench",
        "camera",
        "canned_food",
        "carver_chair",
        "chair",
        "club_chair",
        "cordless_drill",
        "hammer",
        "hand_weight",
        "mug",
        "office_chair",
        "screwdriver",
        "spray_bottle",
        "stool",
        "teapot",
        "toy_truck",
        "water_bottle",
        "watering_can",
    }
)
STARTER_TERRAIN = {
    "SynStairs": frozenset({"stairs", "stairs_with_handrail"}),
    "GenStairs": frozenset({"stairs"}),
    "Terrain": frozenset({"curb", "curb_brick", "slope", "slope_with_edges", "slope_with_handrail"}),
}
"""Dataset -> categories."""
STARTER_CHARACTERS = frozenset({"kid", "person_a", "person_b", "person_c", "person_d", "person_e"})
STARTER_SCENES = frozenset(
    {
        "indoor-workshop",
        "indoor1-gen-stairs",
        "indoor1-manipulation",
        "indoor1-sitting",
        "indoor1-syn-stairs",
        "indoor1-terrain-curb",
        "indoor1-terrain-slope",
        "indoor2-manipulation",
        "indoor2-pickup-ground",
        "indoor2-pickup-table",
    }
)


@dataclass(frozen=True)
class AssetRoot:
    """A folder that holds assets; `is_starter` marks the one that `make assets` fills."""

    path: Path
    is_starter: bool = False


@dataclass(frozen=True)
class Asset:
    """A file that was found. root: the folder it belongs to; is_starter: it comes from the starter set."""

    path: Path
    root: Path
    is_starter: bool


@dataclass(frozen=True)
class ObjectAsset(Asset):
    """An object's mesh file. category: the folder's name, which is the fallback where that was taken."""

    category: str


def fallback_category(category: str) -> str | None:
    """`canned_food_3` -> `canned_food`; None where the name carries no number."""
    match = re.fullmatch(r"(.+?)_\d+", category)
    return match.group(1) if match else None


def find_object(dataset: str, category: str, roots: Sequence[AssetRoot]) -> ObjectAsset:
    """Mesh file of an object: the category itself in every root first, then its fallback.

    In a folder: `model.obj`, `{category}.obj`, `mesh.obj`, any `.obj`, then USD, glTF, VRM, FBX, STL, PLY; then the same one
    level deeper. A collision hull comes last, a coarser level of detail after a finer one. Raises InputError that says where it was looked for.
    """
    names = [category, *filter(None, [fallback_category(category)])]
    looked: list[Path] = []
    for name in names:
        for root in _user_first(roots):
            folder = root.path / dataset / name
            looked.append(folder)
            mesh = _mesh_in(folder, (name, category))
            if mesh:
                return ObjectAsset(mesh, root.path, root.is_starter, name)
    known = sorted({p.name for r in roots for p in _folders(r.path / dataset)})
    starter = {STARTER_DATASET: STARTER_OBJECTS, **STARTER_TERRAIN}.get(dataset, frozenset())
    in_starter = not starter.isdisjoint(names)
    missing = _missing(f"No mesh file for object {dataset}/{category}", looked, category, known, in_starter)
    raise _of_another_format(missing, looked)


def find_character(name: str, character_dir: Path | None, roots: Sequence[AssetRoot]) -> Asset:
    """File of a character: `{dir}/{name}*` or `{dir}/{name}*/*`, a .blend before USD, OBJ, FBX, glTF.

    character_dir: the configured folder, first; then `characters/` of each root. The exact name wins over a longer one
    (`kid.blend` over `kid_rigged.fbx`). Raises InputError that says where it was looked for.
    """
    places = _places(character_dir, roots, "characters")
    for folder, root in places:
        path = _named_in(folder, name, CHARACTER_SUFFIXES)
        if path:
            return Asset(path, root.path, root.is_starter)
    known = sorted({p.stem for folder, _ in places for p in _entries(folder)})
    raise _missing(f"No character {name}", [p for p, _ in places], name, known, name in STARTER_CHARACTERS)


def character_files(path: Path) -> tuple[Path, ...]:
    """The files that a character is made of: of a robot also what its XML includes and its meshes. Raises InputError."""
    return read_robot(path).files if path.suffix.lower() == ".xml" else (path,)


def find_scene(blend_name: str, dirs: Sequence[Path], roots: Sequence[AssetRoot]) -> Asset:
    """Scene file by name, with or without `.blend`, or by path; in `dirs`, then in `scenes/` and the top of each root.

    Raises InputError that says where it was looked for.
    """
    name = blend_name.removesuffix(".blend")
    direct = home_path(f"{name}.blend")
    if direct.is_absolute():
        if direct.is_file():
            return Asset(direct, direct.parent, False)
        raise _missing(f"No scene file {direct.name}", [direct.parent], direct.stem, [], False)
    places = [(d, AssetRoot(d)) for d in dirs]
    places += [(p, root) for root in _user_first(roots) for p in (root.path / "scenes", root.path)]
    for folder, root in places:
        for candidate in (folder / direct, folder / name / direct.name):
            if candidate.is_file():
                return Asset(candidate, root.path, root.is_starter)
    known = sorted({p.stem for folder, _ in places for p in _entries(folder) if p.suffix.lower() == ".blend"})
    raise _missing(f"No scene {name}.blend", [p for p, _ in places], name, known, name in STARTER_SCENES)


def list_objects(roots: Sequence[AssetRoot]) -> dict[str, dict[str, Path]]:
    """Dataset -> category -> mesh file of all objects in the roots; a user's own win over the starter set's."""
    found: dict[str, dict[str, Path]] = {}
    for root in _user_first(roots):
        for dataset in (p for p in _folders(root.path) if p.name not in _NO_DATASETS):
            for folder in _folders(dataset):
                mesh = _mesh_in(folder, (folder.name,))
                if mesh is not None:
                    found.setdefault(dataset.name, {}).setdefault(folder.name, mesh)
    return found


def list_characters(character_dir: Path | None, roots: Sequence[AssetRoot]) -> list[str]:
    """Names of all characters in the roots and in the configured folder, sorted."""
    names = set()
    for entry in (p for folder, _ in _places(character_dir, roots, "characters") for p in _entries(folder)):
        files = _entries(entry) if entry.is_dir() else [entry]
        if any(p.suffix.lower() in CHARACTER_SUFFIXES for p in files):
            names.add(entry.stem)
    return sorted(names)


def _user_first(roots: Iterable[AssetRoot]) -> list[AssetRoot]:
    return sorted(roots, key=lambda r: r.is_starter)  # stable: the caller's order within each kind


def _places(first: Path | None, roots: Sequence[AssetRoot], sub: str) -> list[tuple[Path, AssetRoot]]:
    places = [(first, AssetRoot(first))] if first is not None else []
    places += [(root.path / sub, root) for root in _user_first(roots)]
    return list({p: (p, r) for p, r in reversed(places)}.values())[::-1]


def _entries(folder: Path) -> Iterator[Path]:
    """Visible entries in a fixed order; none where the folder is missing."""
    if folder.is_dir():
        yield from sorted((p for p in folder.iterdir() if not p.name.startswith(".")), key=lambda p: p.name)


def _folders(folder: Path) -> Iterator[Path]:
    return (p for p in _entries(folder) if p.is_dir())


def _mesh_in(folder: Path, names: tuple[str, ...]) -> Path | None:
    """The mesh file of an object's folder, or of the first folder below that has one."""
    wanted = [f"{stem}.obj" for stem in ("model", *names, "mesh")]
    below = sorted(_folders(folder), key=lambda p: is_hull(p.name))  # `collision/` comes after `visual/`
    for place in (folder, *below):
        files = {p.name: p for p in _entries(place) if p.is_file()}
        for name in wanted:
            if name in files:
                return files[name]
        found = _first_by_suffix(files.values(), OBJECT_SUFFIXES, _coarse)
        if found:
            return found
    return None


def _coarse(path: Path) -> int:
    """Rank of a file among those of an object: the finest level of detail first, collision hulls last."""
    return 1000 if is_hull(path.stem) else max(level_of(path.stem)[1], 0)


def _first_by_suffix(
    files: Iterable[Path], suffixes: Sequence[str], rank: Callable[[Path], int] = lambda _: 0
) -> Path | None:
    usable = [p for p in files if p.suffix.lower() in suffixes]
    return min(usable, key=lambda p: (rank(p), suffixes.index(p.suffix.lower()), p.name), default=None)


def _named_in(folder: Path, name: str, suffixes: Sequence[str]) -> Path | None:
    """File called `name...` in the folder, or the best file of a folder called so."""

    def rank(path: Path) -> int:
        return 0 if path.stem == name else 1 if _starts_with_name(path, name) else 2

    files = [p for p in _entries(folder) if p.is_file() and _starts_with_name(p, name)]
    found = _first_by_suffix(files, suffixes, rank)
    if found:
        return found
    for sub in sorted(
        (p for p in _folders(folder) if _starts_with_name(p, name)), key=lambda p: (p.name != name, p.name)
    ):
        found = _first_by_suffix((p for p in _entries(sub) if p.is_file()), suffixes, rank)
        if found:
            return found
    return None


def _starts_with_name(path: Path, name: str) -> bool:
    # a letter right after the name makes it another name: kid is not kidney
    return path.name.startswith(name) and not path.name[len(name) :][:1].isalpha()


def _missing(what: str, looked: Sequence[Path], name: str, known: Sequence[str], in_starter: bool) -> InputError:
    places = ", ".join(str(p) for p in dict.fromkeys(looked)) or "no folder at all"
    close = difflib.get_close_matches(name, [k for k in known if k != name], n=3)
    fix = f"Did you mean {' or '.join(close)}? " if close else ""
    fix += "`make assets` builds the starter set." if in_starter else ""
    fix += "Name the robot's MuJoCo XML with --g1_xml_path." if name.lower() == ROBOT and not close else ""
    return InputError(Problem(f"{what}{_LOOKED}{places}.", fix.strip()))


def _of_another_format(missing: InputError, looked: Sequence[Path]) -> InputError:
    """The same, with what is there in a form that is not read as an object."""
    files = (p for folder in looked for place in (folder, *_folders(folder)) for p in _entries(place))
    other = next((p for p in files if p.suffix.lower() in _NOT_READ), None)
    if other is None:
        return missing
    fix = f"{other.name} is there, and that format is not read for objects: save it as GLB or OBJ."
    return InputError(Problem(missing.problems[0].message, fix))


def as_one(problems: Sequence[Problem]) -> list[Problem]:
    """Problems of missing assets put into one line: what is missing, each once, and where it was looked for.

    Anything else among `problems` follows as it is.
    """
    missing = [p for p in problems if _LOOKED in p.message]
    if len(missing) < 2:
        return list(dict.fromkeys(problems))
    parts = [p.message.removesuffix(".").split(_LOOKED, 1) for p in missing]
    whats = list(dict.fromkeys(what for listed, _ in parts for what in listed.split("; ")))
    places = _folders_once(Path(place) for _, looked in parts for place in looked.split(", "))
    more = f" and {len(whats) - 12} more" if len(whats) > 12 else ""
    sentence = f"{'; '.join(whats[:12])}{more}{_LOOKED}{', '.join(map(str, places))}."
    fixes = list(dict.fromkeys(p.fix for p in missing if p.fix))
    others = [p for p in problems if _LOOKED not in p.message]
    return [Problem(sentence, fixes[0] if len(fixes) == 1 else ""), *dict.fromkeys(others)]


def find_static(name: str, roots: Sequence[AssetRoot]) -> Asset:
    """Mesh file of a static object: a path, or a name in `Scene/` of a root (with or without suffix, or a folder).

    Raises InputError that says where it was looked for.
    """
    direct = home_path(name)
    if direct.is_absolute() and direct.is_file():
        return Asset(direct, direct.parent, False)
    places = [(root.path / "Scene", root) for root in _user_first(roots)]
    for folder, root in places:
        if (folder / direct).is_file():
            return Asset(folder / direct, root.path, root.is_starter)
        path = _mesh_in(folder / direct, (direct.stem,)) or _named_in(folder, direct.stem, OBJECT_SUFFIXES)
        if path:
            return Asset(path, root.path, root.is_starter)
    known = sorted({p.stem for folder, _ in places for p in _entries(folder)})
    raise _missing(f"No mesh for static object {name}", [p for p, _ in places], name, known, False)


def _folders_once(places: Iterable[Path]) -> list[Path]:
    """Each place once; of several in one folder only the folder."""
    once = list(dict.fromkeys(places))
    siblings = Counter(place.parent for place in once)
    return list(dict.fromkeys(place.parent if siblings[place.parent] > 1 else place for place in once))
