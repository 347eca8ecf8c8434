# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user's machine remembers: where the keys come from, folders, money, device. Kept in Blender's preferences."""

from __future__ import annotations

import os

import bpy

from . import __package__ as base_package

KEY_SOURCES = (
    ("ENVIRONMENT", "Environment", "Read the keys from environment variables, as the batch front does"),
    ("PREFERENCES", "Preferences", "Keep the keys in Blender's preferences on this computer, unencrypted"),
)
DEVICES = (
    ("GPU", "GPU", "Render on the graphics card where Cycles can use it, else on the processor"),
    ("CPU", "CPU", "Render on the processor"),
)
BACKENDS = (
    ("THIS", "This Blender", "Render in this window; F12, undo or opening a file meanwhile costs a frame its render"),
    ("BACKGROUND", "Background Blender", "Render in a second Blender without a window: smoother, stops at once"),
)
KEYS = {
    "KLING_API_KEY": "kling_api_key",
    "KLING_ACCESS_KEY": "kling_access_key",
    "KLING_SECRET_KEY": "kling_secret_key",
    "OPENAI_API_KEY": "openai_api_key",
    "OPENAI_BASE_URL": "openai_base_url",
}
"""Environment variable -> the preference that stands in for it."""


def _password(name: str, description: str) -> object:
    return bpy.props.StringProperty(name=name, description=description, subtype="PASSWORD")


class GrailPreferences(bpy.types.AddonPreferences):
    bl_idname = base_package

    key_source: bpy.props.EnumProperty(
        name="Keys From", description="Where the keys of the paid services come from", items=KEY_SOURCES
    )
    kling_api_key: _password("Kling API Key", "Single key of a Kling account; works with every model")
    kling_access_key: _password("Kling Access Key", "First half of a Kling key pair, for the older models")
    kling_secret_key: _password("Kling Secret Key", "Second half of a Kling key pair, for the older models")
    openai_api_key: _password("OpenAI Key", "Key of the vision model that judges size and writes prompts")
    kling_host: bpy.props.StringProperty(
        name="Kling Address",
        description="Address of the Kling service that the keys belong to; empty means the one outside China",
    )
    openai_base_url: bpy.props.StringProperty(
        name="OpenAI Address",
        description="Address of another service with the same interface; empty means OpenAI's own",
    )
    results_dir: bpy.props.StringProperty(
        name="Results Folder", description="Folder that new requests write to", subtype="DIR_PATH"
    )
    data_dir: bpy.props.StringProperty(
        name="Data Folder",
        description="Folder with your own objects, characters and scenes; the starter set is used beside it",
        subtype="DIR_PATH",
    )
    budget_usd: bpy.props.FloatProperty(
        name="Budget (USD)",
        description="Most that may be spent in one results folder; zero means that nothing may be spent",
        default=10.0,
        min=0.0,
        precision=2,
        step=100,
    )
    device: bpy.props.EnumProperty(name="Device", description="What Cycles renders on", items=DEVICES)
    render_backend: bpy.props.EnumProperty(
        name="Render With", description="Which Blender renders the frames", items=BACKENDS
    )

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        column = layout.column()
        column.row().prop(self, "key_source", expand=True)
        if self.key_source == "PREFERENCES":
            for name in KEYS.values():
                column.prop(self, name)
        column.prop(self, "kling_host")
        self._draw_connection(layout.column())
        column = layout.column()
        column.prop(self, "results_dir")
        column.prop(self, "data_dir")
        column.prop(self, "budget_usd")
        column = layout.column()
        column.row().prop(self, "device", expand=True)
        column.row().prop(self, "render_backend", expand=True)

    def _draw_connection(self, column: bpy.types.UILayout) -> None:
        from .operators.connection import TEST
        from .operators.spoken import spoken

        row = column.row()
        row.operator("grail.test_connection", icon="URL")
        if TEST.running:
            column.label(text="Asking the services ...", icon="TIME")
        for connection in TEST.results:
            text = f"{connection.service}: {spoken(connection.says)}"
            column.label(text=text, translate=False, icon="CHECKMARK" if connection.ok else "ERROR")
        if TEST.error:
            column.label(text=TEST.error, translate=False, icon="ERROR")


def preferences() -> GrailPreferences:
    """The preferences of this copy of the extension, which Blender has as long as it is enabled."""
    return bpy.context.preferences.addons[base_package].preferences


def key_environment() -> dict[str, str]:
    """The environment that `load_secrets` reads: the process's own, with the keys of the preferences where they are used.

    A key that the preferences leave empty is then absent, whatever the process's environment holds.
    """
    environment = dict(os.environ)
    own = preferences()
    if own.key_source == "PREFERENCES":
        environment |= {variable: getattr(own, name) for variable, name in KEYS.items()}
    return environment


CLASSES = (GrailPreferences,)

register, unregister = bpy.utils.register_classes_factory(CLASSES)
