# SPDX-License-Identifier: GPL-3.0-or-later
"""Mesh files in, one clean object out; and the contract's OBJ."""

from .objects import ImportedObject, import_object
from .write import write_mesh

__all__ = ["ImportedObject", "import_object", "write_mesh"]
