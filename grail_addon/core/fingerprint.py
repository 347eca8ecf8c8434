# SPDX-License-Identifier: GPL-3.0-or-later
"""Fingerprints: a hash of everything a result depends on, and what differs between two of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any


def flatten(data: Any, prefix: str = "") -> dict[str, Any]:
    """Nested mappings and lists of plain values -> {"a.b[0]": value}."""
    if isinstance(data, Mapping):
        items = [(f"{prefix}.{k}" if prefix else str(k), v) for k, v in data.items()]
    elif isinstance(data, Sequence) and not isinstance(data, (str, bytes)):
        items = [(f"{prefix}[{i}]", v) for i, v in enumerate(data)]
    else:
        return {prefix: data}
    flat: dict[str, Any] = {}
    for name, value in items:
        flat.update(flatten(value, name))
    return flat


def fingerprint(inputs: Mapping[str, Any]) -> str:
    """Hex SHA-256 of the inputs as canonical JSON; mapping order does not count; 1 and 1.0, 0.0 and -0.0 are the same."""
    text = json.dumps(_canonical(inputs), sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _canonical(data: Any) -> Any:
    if isinstance(data, Mapping):
        return {str(k): _canonical(v) for k, v in data.items()}
    if isinstance(data, Sequence) and not isinstance(data, (str, bytes)):
        return [_canonical(v) for v in data]
    if isinstance(data, int) and not isinstance(data, bool):
        return float(data) if abs(data) < 2**53 else str(data)
    return data + 0.0 if isinstance(data, float) else data


def changes(old: Mapping[str, Any], new: Mapping[str, Any], most: int = 4) -> str:
    """One phrase that says which inputs differ, e.g. `simulation.seed: 42 -> 7`; empty where none does."""
    before, after = flatten(_canonical(old)), flatten(_canonical(new))
    rows = [
        f"{name}: {_short(before.get(name))} -> {_short(after.get(name))}"
        for name in sorted(before.keys() | after.keys())
        if json.dumps(before.get(name)) != json.dumps(after.get(name))  # to Python, False is 0
    ]
    more = f" and {len(rows) - most} more" if len(rows) > most else ""
    return "; ".join(rows[:most]) + more


def _short(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, float):
        return f"{value:g}"
    text = str(value)
    return text[:10] + "..." if len(text) == 64 else text
