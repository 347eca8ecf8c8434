# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person decided about frames, stored beside the verdict, and what follows from both.

The format is described in docs/file-formats.md. The report's download button writes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from ..errors import InputError, Problem
from .types import Level


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


def parse_decisions(data: Any, file: str = "") -> dict[str, Decision]:
    """Video id -> decision, from the parsed JSON of a decisions file; file: named in problems. Raises InputError, with one
    problem for each thing that is wrong."""
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
