# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the small data tables of `configs/` (prices, models, sizes) into typed, checked models."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from .errors import InputError, Problem
from .yaml_text import parse_yaml


class Table(BaseModel):
    """Base of the tables: frozen, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


T = TypeVar("T", bound=Table)


def read_table(path: Path, kind: type[T]) -> T:
    """Read a YAML table. Raises InputError naming the file and each wrong key."""
    try:
        data, _ = parse_yaml(path.read_text(encoding="utf-8"), path.name, dates=True)
    except (OSError, UnicodeDecodeError, InputError) as error:
        raise InputError(
            Problem(f"The table {path.name} cannot be read.", detail=str(error), file=str(path))
        ) from error
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        raise InputError(
            [
                Problem(f"{item['msg']}.", key_path=".".join(map(str, item["loc"])), file=str(path))
                for item in error.errors()
            ]
        ) from error
