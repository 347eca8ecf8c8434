# SPDX-License-Identifier: GPL-3.0-or-later
"""Test Connection: do the paid services accept the keys? Costs nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import bpy

from ..preferences import key_environment, preferences
from .online import may_connect, may_use_network
from .spoken import spoken
from .threads import Work, in_thread

if TYPE_CHECKING:
    from ..services.connection import Connection


@dataclass
class ConnectionTest:
    """What the preferences show. running: services are being asked; results: how they answered; error: why nobody was asked."""

    running: bool = False
    results: list[Connection] = field(default_factory=list)
    error: str = ""


TEST = ConnectionTest()


def _check(environment: Mapping[str, str], kling_host: str) -> list[Connection]:
    """Runs in a thread, where the libraries are also imported."""
    from ..core.clock import SystemClock
    from ..core.config.scale import ScaleConfig
    from ..services.connection import check_connections
    from ..services.secrets import load_secrets

    secrets = load_secrets(environ=environment, may_connect=may_connect)
    return check_connections(secrets, kling_host or None, ScaleConfig().model, SystemClock())


class GRAIL_OT_test_connection(bpy.types.Operator):
    """Ask Kling and OpenAI whether they accept the keys. Nothing is made, and nothing costs money"""

    bl_idname = "grail.test_connection"
    bl_label = "Test Connection"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if TEST.running:
            cls.poll_message_set("The services are being asked")
            return False
        return may_use_network(cls)

    def execute(self, context: bpy.types.Context) -> set[str]:
        environment, host = key_environment(), preferences().kling_host.strip()
        TEST.running, TEST.results, TEST.error = True, [], ""
        in_thread(lambda: _check(environment, host), _show)
        for connection in TEST.results:  # in background mode they are there already
            self.report({"INFO" if connection.ok else "WARNING"}, f"{connection.service}: {spoken(connection.says)}")
        return {"FINISHED"}


def _show(work: Work[list[Connection]]) -> None:
    TEST.running = False
    TEST.results = work.value or []
    TEST.error = str(work.error) if work.error else ""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "PREFERENCES":
                area.tag_redraw()


CLASSES = (GRAIL_OT_test_connection,)
