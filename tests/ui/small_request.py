# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs inside Blender's window: a request whose frames take seconds, and the parts of the extension that scripts look at."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import bpy

EXTENSION = "bl_ext.user_default.grail_hoi"
SMALL = {"rendering.width": "320", "rendering.height": "180", "rendering.samples": "1", "rendering.denoise": "false"}
SENDABLE = {"rendering.width": "640", "rendering.height": "360", "video.poll_seconds": "1", "video.skip_prompt_refinement": "true"}  # fmt: skip
"""Over SMALL: frames that Kling takes, and no vision model for the prompts."""


def part(name: str) -> Any:
    """A module of the installed extension, such as "operators.state"."""
    return importlib.import_module(f"{EXTENSION}.{name}")


def preferences() -> Any:
    """The extension's preferences."""
    return bpy.context.preferences.addons[EXTENSION].preferences


def request(results: Path, backend: str, variants: int = 2, category: str = "cordless_drill", **keys: str) -> Any:
    """The open scene asks for small frames; its settings are returned. backend: THIS or BACKGROUND; keys: key paths with
    `__` for the dots and their values in YAML."""
    preferences().render_backend = backend
    own = bpy.context.scene.grail
    own.category, own.character, own.variants, own.results_dir = category, "kid", variants, str(results)
    set_keys(own, SMALL | {name.replace("__", "."): value for name, value in keys.items()})
    return own


def set_keys(own: Any, keys: dict[str, str]) -> None:
    """Set key paths over the pipeline file, as the panel's Advanced does."""
    for key, value in keys.items():
        item = own.overrides.get(key) or own.overrides.add()
        item.name, item.value = key, value


def connect(address: str) -> None:
    """Send to the sandbox at this address."""
    own = preferences()
    own.key_source, own.kling_host = "PREFERENCES", address
    own.kling_api_key = own.openai_api_key = "sandbox-key"
    own.openai_base_url = f"{address}/v1"


def said(state: Any) -> list[str]:
    """The sentences of the error that the panel shows."""
    return list(state.error.sentences) if state.error else []
