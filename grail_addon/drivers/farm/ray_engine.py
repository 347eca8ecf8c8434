# SPDX-License-Identifier: GPL-3.0-or-later
"""Workers on a Ray cluster: an actor on each place holds a worker process, which it starts and talks to for the dealer.

Blender runs in that process and never in Ray's own, so a crash of it takes no actor along, and its Python need not be
Ray's. Tries are the dealer's: Ray starts nothing again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from ...core.config.farm import FarmConfig
from ...core.errors import InputError, Problem
from .lines import Message
from .link import Inbox, ProcessLink

LISTEN_SECONDS = 1.0
"""How long one question for news waits for some."""

UNREACHABLE_SECONDS = 60.0
"""An actor that Ray calls unavailable may answer again; after so long it is given up."""

ORPHAN_SECONDS = 5.0
"""A worker whose actor was killed leaves by itself within its grace; only then may another have its unit."""


class Holder:
    """What runs in the actor: one worker process. Its methods are called from several threads at once."""

    def __init__(self, name: str, command: Sequence[str], log: str) -> None:
        self._inbox: Inbox = SimpleQueue()
        self._link = ProcessLink(name, command, self._inbox, Path(log))

    def news(self) -> list[Message]:
        """What the worker said since the last question; waits a little for the first."""
        found: list[Message] = []
        try:
            found.append(self._inbox.get(timeout=LISTEN_SECONDS)[1])
            while True:
                found.append(self._inbox.get_nowait()[1])
        except Empty:
            return found

    def send(self, message: Message) -> None:
        """Give the worker a message."""
        self._link.send(message)

    def stop(self) -> None:
        """Ask the worker to leave."""
        self._link.stop()

    def kill(self) -> None:
        """End the worker."""
        self._link.kill()


class RayLink:
    """A worker in an actor, as the dealer knows it."""

    def __init__(self, ray: Any, name: str, actor: Any, inbox: Inbox) -> None:
        self.name, self.node = name, ""
        self._ray, self._actor, self._inbox = ray, actor, inbox
        self._gone = threading.Event()
        threading.Thread(target=self._listen, daemon=True, name=f"ray {name}").start()

    def _listen(self) -> None:
        """Pass on what the worker says until it is gone, or its actor is."""
        unreachable_since: float | None = None
        while True:
            try:
                news = self._ray.get(self._actor.news.remote())
            except self._ray.exceptions.ActorUnavailableError:
                now = time.monotonic()
                unreachable_since = unreachable_since or now
                if now - unreachable_since > UNREACHABLE_SECONDS:
                    self._end("cannot be reached any more")
                    return
                time.sleep(LISTEN_SECONDS)
                continue
            except self._ray.exceptions.RayError as error:
                self._end(f"lost its actor ({type(error).__name__})")
                return
            unreachable_since = None
            for message in news:
                if message["say"] == "gone":
                    self._gone.set()
                self._inbox.put((self, message))
            if self._gone.is_set():
                self._ray.kill(self._actor)
                return

    def _end(self, why: str) -> None:
        self._ray.kill(self._actor)
        time.sleep(ORPHAN_SECONDS)
        self._gone.set()
        self._inbox.put((self, {"say": "gone", "why": why}))

    def send(self, message: Message) -> None:
        self._actor.send.remote(message)

    def stop(self) -> None:
        self._actor.stop.remote()

    def wait(self, seconds: float) -> bool:
        return self._gone.wait(seconds)

    def kill(self) -> None:
        self._actor.kill.remote()
        if not self._gone.wait(2.0):
            self._ray.kill(self._actor)


class RayWorkers:
    """Starts the workers of a dealer as actors; they wait for a free place. logs: folder for what workers print.

    The cluster is left when this process ends: Ray's own shutdown of a cluster that it has started here may kill the whole
    process group, and step 4 and the report come after the frames.
    """

    def __init__(self, farm: FarmConfig, command: Sequence[str], logs: Path, gpu: bool) -> None:
        """Raises InputError where Ray is not installed; the cluster is joined with the first worker."""
        self._ray, self._address = _ray(), farm.ray_address
        self._command, self._logs = list(command), logs
        self._gpus = farm.gpus_per_worker if gpu else 0.0
        self._options: Mapping[str, Any] = {
            "num_cpus": farm.cpus_per_worker,
            "max_concurrency": 4,
            "max_restarts": 0,
            "max_task_retries": 0,
        }

    def __call__(self, slot: int, inbox: Inbox) -> RayLink:
        if not self._ray.is_initialized():
            own = {} if self._address is not None else {"include_dashboard": False}
            # without an address, ray.init joins whatever cluster it finds a trace of
            self._ray.init(address=self._address or "local", log_to_driver=False, **own)
        # a cluster without cards would let the actor wait for one for ever
        gpus = self._gpus if self._ray.cluster_resources().get("GPU", 0.0) else 0.0
        actor = self._ray.remote(Holder).options(num_gpus=gpus, **self._options)
        log = str(self._logs / f"worker-{slot}.log")
        return RayLink(self._ray, str(slot), actor.remote(str(slot), self._command, log), inbox)


def _ray() -> Any:
    try:
        import ray  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        fix = "Install it (`pip install ray`), or use --engine local or slurm."
        raise InputError(Problem("Ray is not installed for this Python.", fix, key_path="farm.engine")) from None
    return ray
