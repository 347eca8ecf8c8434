# SPDX-License-Identifier: GPL-3.0-or-later
"""The pinned libraries are complete for every Python that a Blender carries: what one needs, the list has."""

from __future__ import annotations

from importlib.metadata import distributions

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.debian import REPOSITORY

BLENDERS_OWN = {"numpy"}


@pytest.mark.parametrize("python", ["3.11", "3.13", "3.14"])
def test_nothing_that_a_library_needs_is_missing(python: str) -> None:
    folder = REPOSITORY / "build" / "libs" / f"cp{python.replace('.', '')}"
    there = {canonicalize_name(found.name): found for found in distributions(path=[str(folder)])}
    assert "pydantic" in there, "`make libs` makes the folder"
    environment = {"python_version": python, "python_full_version": f"{python}.0", "extra": ""}
    missing = []
    for found in there.values():
        for needed in map(Requirement, found.requires or ()):
            if needed.marker and not needed.marker.evaluate(environment):
                continue
            name = canonicalize_name(needed.name)
            if name not in BLENDERS_OWN and (name not in there or there[name].version not in needed.specifier):
                missing.append(f"{found.name} needs {needed}")
    assert missing == []
