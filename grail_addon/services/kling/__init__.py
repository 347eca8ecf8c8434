# SPDX-License-Identifier: GPL-3.0-or-later
"""Client of Kling's image-to-video service: both API generations behind one interface (`VideoService`)."""

from .errors import ErrorKind, KlingError, Reaction
from .factory import open_service
from .service import Task, TaskState, VideoService

__all__ = ["ErrorKind", "KlingError", "Reaction", "Task", "TaskState", "VideoService", "open_service"]
