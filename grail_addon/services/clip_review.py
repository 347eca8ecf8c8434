# SPDX-License-Identifier: GPL-3.0-or-later
"""Has a vision model look at six frames of a clip. What it does not answer changes no verdict."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from threading import Lock

from PIL import Image

from ..core.task import Task
from ..core.video.review import (
    REVIEW_FRAMES,
    REVIEW_MESSAGE,
    REVIEW_WIDTH,
    ClipReview,
    review_question,
    with_review,
)
from ..core.video.verdict import Verdict
from .video_files import VideoFileError, colour_frames, read_facts
from .vision import VisionError, VisionModel


class ClipReviewer:
    """Asks `model` about clips, in any thread. After a failure that holds for every question it asks no more."""

    def __init__(self, model: VisionModel) -> None:
        self._model = model
        self._lock = Lock()
        self._stopped = ""

    def close(self) -> None:
        self._model.close()

    def review(self, verdict: Verdict, video: Path, category: str, task: Task | None) -> Verdict:
        """The verdict with the model's answer, or with a note why there is none."""
        with self._lock:  # one question at a time
            if self._stopped:
                return _unasked(verdict, self._stopped)
            try:
                answer = self._ask(video, category)
            except VisionError as error:
                if error.kind.stops:
                    self._stopped = str(error)
                return _unasked(verdict, str(error))
            except (VideoFileError, OSError) as error:
                return _unasked(verdict, f"the file cannot be read: {error}")
        return with_review(verdict, answer, task)

    def _ask(self, video: Path, category: str) -> ClipReview:
        with tempfile.TemporaryDirectory() as folder:
            pictures = sampled_pictures(video, Path(folder))
            return self._model.ask(REVIEW_MESSAGE, review_question(category), pictures, ClipReview)


def sampled_pictures(video: Path, folder: Path) -> list[Path]:
    """Six frames of a clip as JPEG files, evenly from its first to its last."""
    every = max(1, (read_facts(video).frames - 1) // (REVIEW_FRAMES - 1))
    paths = []
    for number, (_, shot) in enumerate(colour_frames(video, REVIEW_WIDTH, every)[:REVIEW_FRAMES]):
        path = folder / f"{number}.jpg"
        Image.fromarray((shot * 255).round().astype("uint8")).save(path, quality=90)
        paths.append(path)
    return paths


def _unasked(verdict: Verdict, why: str) -> Verdict:
    return replace(verdict, notes=(*verdict.notes, f"The vision model has not looked at it: {why}."))
