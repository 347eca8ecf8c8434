# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the prompts of a frame's clips: draws the base prompt, lets a vision model refine it, keeps what it chose.

What was chosen is saved beside the prompt file with the item's fingerprint, so a resumed run sends the same words and
does not ask (and pay) again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ..core.files import read_json, write_json, write_text
from ..core.video.prompts import pick_base_prompt, prompt_file_text, split_segments, with_static_camera
from .vision import VisionError, VisionModel

REFINEMENT_MESSAGE = (
    "You write prompts for an image-to-video model. You get a picture with a person and an object, and a short base "
    "prompt. Rewrite the base prompt for this picture in at most three sentences: keep its action, name the object and "
    "the hand as they are seen, and describe a physically plausible motion. Invent no new objects or people. Do not "
    "mention the camera."
)


class RefinedPrompt(BaseModel):
    """The form of the answer."""

    model_config = ConfigDict(extra="forbid")

    prompt: str = Field(description="the rewritten prompt")


@dataclass(frozen=True)
class ClipPrompts:
    """Prompts of one clip, one per segment. source: `base`, `refined`, `fallback` (refining failed; `note` says why) or
    `edited` (a person wrote it)."""

    segments: tuple[str, ...]
    source: Literal["base", "refined", "fallback", "edited"]
    note: str = ""


@dataclass(frozen=True)
class PromptOrder:
    """What is to be written for one frame. path: `prompts/{video_id}.txt`; longest: characters the model takes; also: the
    frame's fingerprint for another payee, empty for none."""

    video_id: str
    fingerprint: str
    path: Path
    frame: Path
    choices: Sequence[str]
    base_seed: int
    clips: int
    segments: int
    longest: int
    system: str | None = None
    also: str = ""


def write_prompts(order: PromptOrder, model: VisionModel | None) -> list[ClipPrompts]:
    """The prompts of each clip; written to `order.path` (and `_001` etc. for further clips). model None: no refinement.

    Raises VisionError for what holds for every question (key, quota, model); any other failure falls back to the base.
    """
    memory = order.path.with_suffix(".json")
    kept = _recall(memory, order.fingerprint)
    if len(kept) < order.clips:
        # clips that are there already keep their words: they may be bought
        kept += [_clip(order, clip, model) for clip in range(len(kept), order.clips)]
        _remember(memory, order.fingerprint, kept, [order.also] if order.also else [])
    kept = kept[: order.clips]
    _write_texts(order.path, kept)
    return kept


def keep_edited(path: Path, fingerprints: Sequence[str], segments: Sequence[str], clips: int, longest: int) -> None:
    """Keep a person's words as the prompt of all clips of a frame: `write_prompts` then takes them as they are.

    path: `prompts/{video_id}.txt`; fingerprints: of what is bought with the frame, one for each payee; longest: characters the model takes.
    """
    texts = tuple(with_static_camera(text, longest) for text in segments)
    kept = [ClipPrompts(texts, "edited")] * clips
    _remember(path.with_suffix(".json"), fingerprints[0], kept, fingerprints[1:])
    _write_texts(path, kept)


def recalled(path: Path, fingerprint: str) -> list[ClipPrompts]:
    """The prompts that are kept for a frame's clips; empty where there are none for this fingerprint."""
    return _recall(path.with_suffix(".json"), fingerprint)


def _remember(memory: Path, fingerprint: str, kept: Sequence[ClipPrompts], also: Sequence[str] = ()) -> None:
    rows = [{"segments": list(k.segments), "source": k.source, "note": k.note} for k in kept]
    write_json(memory, {"fingerprint": fingerprint, **({"also": list(also)} if also else {}), "clips": rows})


def _write_texts(first: Path, kept: Sequence[ClipPrompts]) -> None:
    for number, clip in enumerate(kept):
        path = first if number == 0 else first.with_stem(f"{first.stem}_{number:03d}")
        write_text(path, prompt_file_text(clip.segments))


def _recall(memory: Path, fingerprint: str) -> list[ClipPrompts]:
    try:
        data = read_json(memory)
        if fingerprint not in (data["fingerprint"], *data.get("also", ())):
            return []
        return [_kept(row) for row in data["clips"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []


def _kept(row: Any) -> ClipPrompts:
    segments, source, note = row["segments"], row["source"], row["note"]
    if not (isinstance(segments, list) and segments and all(isinstance(text, str) and text for text in segments)):
        raise ValueError("no prompts")
    return ClipPrompts(tuple(segments), source, str(note))


def _clip(order: PromptOrder, clip: int, model: VisionModel | None) -> ClipPrompts:
    base = split_segments(pick_base_prompt(order.choices, order.base_seed, order.video_id, clip), order.segments)
    refined: dict[str, str] = {}
    note = ""
    if model is not None:
        try:
            # the same text in several segments is refined once
            refined = {text: _refine(order, model, text) for text in dict.fromkeys(base)}
        except VisionError as error:
            if error.kind.stops:
                raise
            note = f"The base prompt is sent as it is: {error}."
    source: Literal["base", "refined", "fallback"] = "base" if model is None else "refined" if refined else "fallback"
    texts = tuple(with_static_camera(refined.get(text, text), order.longest) for text in base)
    return ClipPrompts(texts, source, note)


def _refine(order: PromptOrder, model: VisionModel, text: str) -> str:
    reply = model.ask(order.system or REFINEMENT_MESSAGE, f"Base prompt: {text}", [order.frame], RefinedPrompt)
    # '#' would be read as a segment mark when the file is used again
    return reply.prompt.replace("#", "").strip() or text
