# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads an MJCF file with what it includes, and answers for defaults and compiler settings."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import InputError, Problem

MAX_BYTES = 20_000_000
"""A model description is some tens of kilobytes; meshes are files of their own."""

MAX_DEPTH = 200
"""Elements inside each other: a chain of bodies deeper than this is no robot's, and Python's own depth ends at 1000."""


def wrong(message: str, path: Path, fix: str = "") -> InputError:
    """The error for a robot file that cannot be used."""
    return InputError(Problem(message, fix, file=str(path)))


@dataclass
class XmlFile:
    """An MJCF document. files: it and all that it includes; defaults: class -> tag -> attributes, inherited ones in."""

    path: Path
    root: ET.Element
    files: list[Path]
    compiler: dict[str, str] = field(default_factory=dict)
    defaults: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)

    def attributes(self, element: ET.Element, child_class: str) -> dict[str, str]:
        """The element's attributes with those of its default class below them."""
        name = element.get("class") or child_class
        if name not in self.defaults:
            raise wrong(f"the class {name} of a {element.tag} has no <default>.", self.path)
        return {**self.defaults[name].get(element.tag, {}), **element.attrib}

    def sections(self, tag: str) -> Iterator[ET.Element]:
        """All elements right below the root with this tag."""
        return iter(self.root.findall(tag))


def read_xml(path: Path) -> XmlFile:
    """Raises InputError for a file that is missing, too large, no XML, or no MuJoCo model."""
    files: list[Path] = []
    root = _parse(path, files)
    if root.tag != "mujoco":
        what = "a URDF file" if root.tag == "robot" else f"an XML file of <{root.tag}>"
        raise wrong(f"{path.name} is {what}, not a MuJoCo model.", path, "Name the file whose root is <mujoco>.")
    _include(root, path.parent, path, files)
    found = XmlFile(path, root, files)
    for element in found.sections("compiler"):
        found.compiler.update(element.attrib)
    found.defaults["main"] = {}
    for element in found.sections("default"):
        _take_defaults(found, element, found.defaults["main"], top=True)
    return found


def _parse(path: Path, files: list[Path]) -> ET.Element:
    try:
        data = path.read_bytes() if path.stat().st_size <= MAX_BYTES else None
    except OSError as error:
        raise wrong(f"the robot's XML cannot be read: {error.strerror}.", path) from error
    if data is None:
        raise wrong(f"{path.name} is larger than {MAX_BYTES // 10**6} MB, which no robot's XML is.", path)
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:  # entities can grow without bound, and no MJCF needs one
        raise wrong(f"{path.name} declares a document type, which is not read.", path, "Remove the <!DOCTYPE ...>.")
    try:
        root = ET.fromstring(data)
    except ET.ParseError as error:
        raise InputError(
            Problem(f"{path.name} is no well-formed XML: {error.msg}.", file=str(path), line=error.position[0])
        ) from error
    level = [root]
    for _ in range(MAX_DEPTH):
        level = [child for element in level for child in element]
    if level:
        raise wrong(f"{path.name} nests its elements more than {MAX_DEPTH} deep, which is not read.", path)
    files.append(path)
    return root


def _include(element: ET.Element, folder: Path, main: Path, files: list[Path]) -> None:
    """Put the children of each included file in the place of its <include>."""
    for index, child in reversed(list(enumerate(list(element)))):
        if child.tag != "include":
            _include(child, folder, main, files)
            continue
        file = folder / child.get("file", "")
        if file in files:
            raise wrong(f"{file.name} is included more than once.", main)
        included = _parse(file, files)
        _include(included, folder, main, files)
        element.remove(child)
        for offset, grandchild in enumerate(list(included)):
            element.insert(index + offset, grandchild)


def _take_defaults(
    found: XmlFile, element: ET.Element, above: Mapping[str, Mapping[str, str]], top: bool = False
) -> None:
    own = {tag: dict(values) for tag, values in above.items()}
    for child in element:
        if child.tag != "default":
            own.setdefault(child.tag, {}).update(child.attrib)
    name = element.get("class") or ("main" if top else "")
    if not name:
        raise wrong("a <default> inside another needs a class.", found.path)
    if top:
        found.defaults["main"] = own
    found.defaults[name] = own
    for child in element.findall("default"):
        _take_defaults(found, child, own)
