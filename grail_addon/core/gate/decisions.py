# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person decided about frames: read from `decisions.json`, stored beside the verdict, and what follows from both.

The format is described in docs/file-formats.md. The report's download button writes it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from ..errors import InputError, Problem
from ..files import read_json, write_json
from .picture_hash import picture_hash
from .types import Level

BOUGHT = ("prompt", "video", "cost")
"""Manifest keys that step 4 writes."""


def _iso_time(text: str) -> str:
    if text:
        datetime.fromisoformat(text)  # ValueError becomes the field's problem
    return text


class Decision(BaseModel):
    """One person's word on one frame. `clear` takes an earlier decision back. time: ISO 8601, empty = unknown."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    decision: Literal["approve", "reject", "clear"]
    by: str = ""
    time: Annotated[str, AfterValidator(_iso_time)] = ""
    note: str = ""


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_: Literal[1]
    decisions: dict[str, Decision]


def read_decisions(path: Path) -> dict[str, Decision]:
    """Video id -> decision. Raises InputError, with one problem for each thing that is wrong with the file."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(Problem("the decisions file cannot be read", file=str(path), detail=str(error))) from error
    except ValueError as error:
        raise InputError(Problem(f"this is no JSON file: {error}", file=str(path))) from error
    return parse_decisions(data, str(path))


def parse_decisions(data: Any, file: str = "") -> dict[str, Decision]:
    """As `read_decisions`, from parsed JSON; file: named in problems."""
    if isinstance(data, Mapping) and "schema" in data:  # pydantic keeps the name `schema` for itself
        data = {("schema_" if key == "schema" else key): value for key, value in data.items()}
    try:
        return dict(_File.model_validate(data).decisions)
    except ValidationError as error:
        problems = [
            Problem(
                str(e["msg"]), file=file, key_path=".".join(str(p) for p in e["loc"]).replace("schema_", "schema", 1)
            )
            for e in error.errors()
        ]
        raise InputError(problems) from error


def apply_decision(manifest: Mapping[str, Any], decision: Decision) -> dict[str, Any]:
    """The frame manifest with the decision stored under `human`; the machine's verdict stays as it is."""
    kept = {key: value for key, value in manifest.items() if key != "human"}
    if decision.decision == "clear":
        return kept
    return {**kept, "human": decision.model_dump()}


def write_keeping_decision(path: Path, manifest: Mapping[str, Any], picture: Path | None = None) -> None:
    """Write a frame's manifest over the one before. picture: the frame that was just made; None: none was made.

    What a person decided stays while the fingerprint is the same: then the picture is the one that was looked at. What
    was bought stays while the pixels, too, are those that it was bought for.
    """
    kept: dict[str, Any] = {}
    try:
        before = read_json(path)
        same = before if before.get("fingerprint") == manifest["fingerprint"] else {}
        if same.get("human"):
            kept["human"] = same["human"]
        bought_for = (same.get("video") or {}).get("picture")
        if bought_for and (picture is None or picture_hash(picture) == bought_for):
            kept |= {key: same[key] for key in BOUGHT if key in same}
    except (OSError, ValueError, AttributeError):
        pass  # what cannot be read or compared is not kept
    write_json(path, {**manifest, **kept})


def final_verdict(manifest: Mapping[str, Any]) -> Level:
    """What counts: a person's decision where there is one, else the machine's verdict.

    A frame that was never rendered fails whatever anybody decides.
    """
    if manifest.get("status") != "done":
        return "fail"
    decided = (manifest.get("human") or {}).get("decision")
    if decided == "reject":
        return "fail"
    verdict: Level = manifest["verdict"]
    return "pass" if decided == "approve" else verdict


def may_send(manifest: Mapping[str, Any], send_failed: bool = False) -> bool:
    """Whether money may be spent on the frame. send_failed sends what the machine failed, never what a person rejected."""
    if manifest.get("status") != "done" or (manifest.get("human") or {}).get("decision") == "reject":
        return False
    return send_failed or final_verdict(manifest) != "fail"
