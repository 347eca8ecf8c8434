# SPDX-License-Identifier: GPL-3.0-or-later
"""Control routes of the sandbox, for people and tests: script faults and answers, move its clock, see what it saw.

GET /_sandbox/state; POST /_sandbox/{faults, judge, fail, options, advance}. See docs/sandbox.md.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from .state import Fault, SandboxState

_NUMBERS = (
    "slots", "queue_seconds", "work_seconds", "visible_seconds", "listed_seconds", "page_limit", "refuse_used_ids", "link_seconds", "has_pack", "reports_cost",
)  # fmt: skip


def answer(state: SandboxState, method: str, path: str, body: Any) -> tuple[int, Any]:
    """(status, JSON) of a control request."""
    name = path.removeprefix("/_sandbox/")
    if method == "GET" and name == "state":
        return 200, seen(state)
    if method != "POST" or not isinstance(body, (dict, list)):
        return 404, {"error": "see docs/sandbox.md"}
    with state.lock:
        try:
            _change(state, name, body)
        except (TypeError, KeyError, ValueError) as error:
            return 400, {"error": f"{type(error).__name__}: {error}"}
    return 200, seen(state)


def _change(state: SandboxState, name: str, body: Any) -> None:
    if name == "faults":
        state.faults.extend(Fault(**item) for item in body)
    elif name == "judge":
        for schema, answers in body.items():
            state.judge.setdefault(schema, []).extend(answers)
    elif name == "fail":
        state.options.fail_messages.extend(body)
    elif name == "advance":
        state.advance(float(body["seconds"]))
    elif name == "options":
        for key, value in body.items():
            if key == "movie":
                state.options.movie = dataclasses.replace(state.options.movie, **value)
            elif key in _NUMBERS:
                setattr(state.options, key, type(getattr(state.options, key))(value))
            else:
                raise KeyError(key)
    else:
        raise KeyError(name)


def seen(state: SandboxState) -> dict[str, Any]:
    """What happened so far: tasks accepted, requests by route, most tasks at once, keys that leaked to the file host."""
    now = state.now()
    with state.lock:
        tasks = [
            {
                "id": task.task_id, "external_id": task.order.external_id, "generation": task.order.generation,
                "model": task.order.model, "mode": task.order.mode, "duration": task.order.duration,
                "status": task.status(now), "prompt": task.order.prompt,
            }
            for task in state.tasks.values()
        ]  # fmt: skip
        return {
            "accepted": len(tasks), "tasks": tasks, "requests": dict(state.requests),
            "most_running": state.most_running, "leaked_keys": state.leaked_keys,
            "movie": dataclasses.asdict(state.options.movie),
        }  # fmt: skip
