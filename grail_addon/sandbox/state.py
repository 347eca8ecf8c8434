# SPDX-License-Identifier: GPL-3.0-or-later
"""What the sandbox remembers: keys, tasks, faults to play, requests seen. One lock guards it all."""

from __future__ import annotations

import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .movie import MovieOptions

RESULT_SECONDS = 30 * 86400.0


class RefusalError(Exception):
    """A business error: HTTP status, code, message."""

    def __init__(self, http: int, code: int, message: str) -> None:
        super().__init__(message)
        self.http = http
        self.code = code
        self.message = message


@dataclass
class SandboxOptions:
    """How the sandbox behaves. Times in seconds."""

    api_keys: set[str] = field(default_factory=lambda: {"sandbox-key"})
    key_pairs: dict[str, str] = field(default_factory=lambda: {"sandbox-access": "sandbox-secret-of-32-characters!"})
    openai_keys: set[str] = field(default_factory=lambda: {"sandbox-key"})
    slots: int = 5
    queue_seconds: float = 1.0
    work_seconds: float = 3.0
    visible_seconds: float = 0.0
    """How long after its creation a task cannot yet be found by its own id."""
    listed_seconds: float = 0.0
    """How long after its creation a task is not in the account's list."""
    page_limit: int = 500
    """Most tasks on a page of the list, whatever was asked for."""
    refuse_used_ids: bool = True
    """False plays a service that makes a second task for a used id: whether the legacy routes do is not known."""
    link_seconds: float = 3600.0
    fail_messages: list[str] = field(default_factory=list)
    """The next tasks fail with these texts."""
    has_pack: bool = True
    reports_cost: bool = True
    movie: MovieOptions = field(default_factory=MovieOptions)


@dataclass(frozen=True)
class Order:
    """An accepted request, the same for both generations."""

    generation: str
    model: str
    mode: str
    duration: int
    sound: bool
    prompt: str
    image: bytes
    external_id: str


@dataclass
class SandboxTask:
    """A task. created in seconds since the epoch; failure: text of a task that will fail."""

    task_id: str
    order: Order
    created: float
    work_from: float
    ready: float
    failure: str | None
    units: str

    def status(self, now: float) -> str:
        """submitted, processing, done or failed."""
        if now < self.work_from:
            return "submitted"
        if now < self.ready:
            return "processing"
        return "failed" if self.failure is not None else "done"


@dataclass
class Fault:
    """One scripted fault; see docs/sandbox.md. after: matching requests to let pass; times: how often it plays."""

    action: str
    method: str = ""
    path: str = ""
    after: int = 0
    times: int = 1
    create: bool = False
    http: int = 500
    code: int = 5000
    message: str = "Server internal error"
    retry_after: float | None = None
    seconds: float = 0.0
    share: float = 0.5


class SandboxState:
    """All of it. Methods are safe to call from any thread."""

    def __init__(self, options: SandboxOptions | None = None) -> None:
        self.options = options or SandboxOptions()
        self.lock = threading.RLock()
        self.tasks: dict[str, SandboxTask] = {}
        self.own_ids: dict[str, str] = {}
        self.faults: list[Fault] = []
        self.judge: dict[str, list[dict[str, Any]]] = {}
        self.spoil_record: Callable[[dict[str, Any], str], None] | None = None
        """Changes each task record before it is sent, given our own id of its task; for tests."""
        self.strangers: list[Any] = []
        """Records of other kinds that the account's list shows too; for tests."""
        self.movie_file: Callable[[], bytes] | None = None
        """Makes the file that is sent in place of each clip; for tests."""
        self.requests: Counter[str] = Counter()
        self.leaked_keys = 0
        self.most_running = 0
        self._ahead = 0.0
        self._links: dict[str, tuple[str, float]] = {}
        self._next_id = 850_000_000_000_000_000

    def now(self) -> float:
        """The sandbox's own time, seconds since the epoch."""
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        """Move the sandbox's clock on."""
        with self.lock:
            self._ahead += seconds

    def running(self) -> int:
        """Tasks that hold a slot."""
        now = self.now()
        return sum(task.status(now) in ("submitted", "processing") for task in self.tasks.values())

    def accept(self, order: Order, units: str) -> SandboxTask:
        """Make a task; RefusalError if its own id is used or no slot is free."""
        with self.lock:
            if self.options.refuse_used_ids and order.external_id in self.own_ids:
                raise RefusalError(400, 1201, f"external_task_id {order.external_id} already exists")
            if self.running() >= self.options.slots:
                raise RefusalError(429, 1303, "parallel task over resource pack limit")
            now = self.now()
            failure = self.options.fail_messages.pop(0) if self.options.fail_messages else None
            self._next_id += 7
            work_from = now + self.options.queue_seconds
            task = SandboxTask(
                str(self._next_id), order, now, work_from, work_from + self.options.work_seconds, failure, units
            )
            self.tasks[task.task_id] = task
            if order.external_id:
                self.own_ids[order.external_id] = task.task_id
            self.most_running = max(self.most_running, self.running())
            return task

    def find(self, any_id: str) -> SandboxTask | None:
        """By task id, or by own id once that is visible."""
        with self.lock:
            task = self.tasks.get(any_id)
            if task is None:
                task = self.tasks.get(self.own_ids.get(any_id, ""))
                if task is not None and self.now() < task.created + self.options.visible_seconds:
                    return None
            return task

    def listed(self) -> list[SandboxTask]:
        """The account's list, newest first."""
        with self.lock:
            end = self.now() - self.options.listed_seconds
            tasks = [task for task in self.tasks.values() if task.created <= end]
            return sorted(tasks, key=lambda task: task.created, reverse=True)

    def link_for(self, task: SandboxTask) -> str:
        """A fresh token of the result file."""
        with self.lock:
            token = uuid.uuid4().hex
            end = min(self.now() + self.options.link_seconds, task.created + RESULT_SECONDS)
            self._links[token] = (task.task_id, end)
            return token

    def linked(self, token: str) -> SandboxTask | None:
        """The task behind a token that is still good."""
        with self.lock:
            task_id, end = self._links.get(token, ("", 0.0))
            return self.tasks.get(task_id) if self.now() < end else None

    def take_fault(self, method: str, path: str) -> Fault | None:
        """The fault to play on this request, if any; counts it down."""
        with self.lock:
            for fault in self.faults:
                if fault.times <= 0 or not path.startswith(fault.path) or fault.method not in ("", method):
                    continue
                if fault.after > 0:
                    fault.after -= 1
                    continue
                fault.times -= 1
                return fault
            return None

    def next_answer(self, name: str) -> dict[str, Any] | None:
        """The next scripted answer for a schema, or None for the default."""
        with self.lock:
            queue = self.judge.get(name)
            return queue.pop(0) if queue else None
