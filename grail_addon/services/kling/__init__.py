# SPDX-License-Identifier: GPL-3.0-or-later
"""Client of Kling's image-to-video service: both API generations behind one interface (`VideoService`)."""

from .errors import ErrorKind, KlingError, Reaction
from .factory import DEFAULT_HOST, kling_auth, open_service
from .service import VideoService
from .task import TaskState, VideoTask
from .transport import Transport

__all__ = [
    "DEFAULT_HOST", "ErrorKind", "KlingError", "Reaction", "TaskState", "Transport", "VideoService", "VideoTask",
    "kling_auth", "open_service",
]  # fmt: skip
