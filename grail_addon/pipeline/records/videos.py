# SPDX-License-Identifier: GPL-3.0-or-later
"""What step 4 writes into a frame's manifest: `prompt`, `video` and `cost` (docs/file-formats.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...core.config.video import VideoConfig
from ...core.files import read_json, sha256_file, write_json
from ...core.layout import ResultsLayout
from ...core.ledger.rows import Entry, Payee
from ...core.ledger.store import Ledger
from ...core.money import MICRO_PER_USD
from ...core.video.order import FrameOrder
from ...core.video.prompts import pick_base_prompt
from ...core.video.verdict import Verdict
from ...services.video_events import ClipResult, ClipStatus
from ...services.video_files import VideoFileError, read_facts

if TYPE_CHECKING:  # what speaks with services is loaded where it is used: most runs make frames alone
    from ...services.prompt_writer import ClipPrompts

WORST: tuple[ClipStatus, ...] = ("failed", "stopped", "pending", "busy", "done")


def status_of(results: Sequence[ClipResult]) -> ClipStatus:
    """The worst status among the clips of a frame."""
    return min((result.status for result in results), key=WORST.index)


def prompt_part(
    layout: ResultsLayout, order: FrameOrder, config: VideoConfig, seed: int, prompts: Sequence[ClipPrompts]
) -> dict[str, Any]:
    """Manifest key `prompt`: of the first clip, and the others' texts under `clips`."""
    first = prompts[0]
    part: dict[str, Any] = {
        "base": pick_base_prompt(config.base_prompt, seed, str(order.vid), 0),
        "text": "\n".join(dict.fromkeys(first.segments)),
        "refined": first.source == "refined",
        **({"edited": True} if first.source == "edited" else {}),
        "file": _relative(layout, layout.prompt(order.vid)),
    }
    notes = list(dict.fromkeys(clip.note for clip in prompts if clip.note))
    if notes:
        part["notes"] = notes
    if len(prompts) > 1:
        part["clips"] = [list(clip.segments) for clip in prompts]
    return part


def video_part(
    layout: ResultsLayout,
    order: FrameOrder,
    payee: str,
    results: Sequence[ClipResult],
    verdicts: Mapping[tuple[int, int], Verdict],
    before: Mapping[str, Any],
) -> dict[str, Any]:
    """Manifest key `video`. verdicts: (clip, segment) -> what was measured in this run; `before`: the key as it was,
    whose measurements stay for files that are still the same."""
    old = {clip.get("sha256"): clip for clip in before.get("clips") or ()}
    ordered = sorted(results, key=lambda result: result.clip)
    return {
        "status": status_of(ordered),
        "vendor": payee,
        "fingerprint": order.fingerprint,
        "picture": order.picture,
        "clips": [_clip(layout, result, verdicts, old) for result in ordered],
    }


def _clip(
    layout: ResultsLayout,
    result: ClipResult,
    verdicts: Mapping[tuple[int, int], Verdict],
    old: Mapping[Any, Mapping[str, Any]],
) -> dict[str, Any]:
    clip: dict[str, Any] = {"clip": result.clip, "status": result.status, "task_ids": list(result.external_ids)}
    if result.problem is not None:
        clip["problem"] = str(result.problem)
    if result.file is None:
        return clip
    sha = sha256_file(result.file)
    measured = old.get(sha)
    if measured is None or any(number == result.clip for number, _ in verdicts):
        measured = _measured(result.file, {s: v for (number, s), v in verdicts.items() if number == result.clip})
    return {
        **measured,
        **clip,
        "file": _relative(layout, result.file),
        "sha256": sha,
        "verdict": result.verdict,
        "reasons": list(result.reasons),
    }


def _measured(file: Path, verdicts: Mapping[int, Verdict]) -> dict[str, Any]:
    try:
        facts = read_facts(file)
    except VideoFileError:
        return {}
    found: dict[str, Any] = {
        "duration_s": round(facts.seconds, 3),
        "fps": round(facts.fps, 3),
        "frames": facts.frames,
        "size": [facts.width, facts.height],
        "sandbox": facts.sandbox,
    }
    if verdicts:
        ordered = [verdict for _, verdict in sorted(verdicts.items())]
        found["checks"] = [{**dict(verdict.measured), "notes": list(verdict.notes)} for verdict in ordered]
        found |= _stillness(ordered)
        if 0 in verdicts and verdicts[0].psnr_db is not None:
            found["first_frame_psnr_db"] = round(verdicts[0].psnr_db, 2)
    return found


def _stillness(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """What the report plots: segments one after another, each against its own first frame."""
    start, path, limit = 0.0, [], None
    for verdict in verdicts:
        if verdict.stillness is not None:
            path += [(start + at, shift) for at, shift in verdict.stillness.path]
            limit = verdict.stillness.limit
        start += verdict.seconds or 0.0
    if limit is None:
        return {}
    return {
        "stillness_px": [round(shift, 2) for _, shift in path],
        "stillness_times": [round(at, 3) for at, _ in path],
        "stillness_limit_px": round(limit, 2),
    }


def cost_part(ledger: Ledger, video_id: str, payee: str) -> dict[str, Any]:
    """Manifest key `cost` in dollars: all that this frame ever cost at this payee, also under earlier settings."""
    rows = [row for row in ledger.of_video(video_id) if row.payee == payee]
    return {
        "currency": "USD",
        "estimated": _usd(rows, "estimated"),
        "reserved": _usd(rows, "reserved"),
        "actual": _usd(rows, "charged"),
    }


def _usd(rows: Sequence[Entry], name: str) -> float:
    return float(sum(int(getattr(row, name)) for row in rows)) / MICRO_PER_USD


def write_parts(path: Path, **parts: Mapping[str, Any]) -> None:
    """Put the parts into the manifest as it is now on disk: a person may have decided about the frame meanwhile."""
    manifest = read_json(path)
    write_json(path, {**manifest, **parts})


def finished_before(layout: ResultsLayout, order: FrameOrder, payee: Payee) -> bool:
    """Whether all clips of a frame are there, bought from `payee`, with their recorded hashes."""
    try:
        video = read_json(layout.manifest(order.vid))["video"]
        same = (video["status"], video["vendor"], video["fingerprint"]) == ("done", payee, order.fingerprint)
        clips = video["clips"]
        return (
            same
            and len(clips) == order.clips
            and all(sha256_file(layout.results_dir / clip["file"]) == clip["sha256"] for clip in clips)
        )
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _relative(layout: ResultsLayout, path: Path) -> str:
    return path.relative_to(layout.results_dir).as_posix()
