# SPDX-License-Identifier: GPL-3.0-or-later
"""The extension's texts in other languages. English is what the code itself says."""

from __future__ import annotations

import bpy

ANY = "*"
OPERATOR = "Operator"

GERMAN = {
    (ANY, "Setup"): "Einrichtung",
    (ANY, "Task"): "Aufgabe",
    (ANY, "What the person does with the object"): "Was die Person mit dem Gegenstand tut",
    (ANY, "Manipulation"): "Benutzen",
    (
        ANY,
        "A person uses an object that stands on a table",
    ): "Jemand benutzt einen Gegenstand, der auf einem Tisch steht",
    (ANY, "Pick Up From Table"): "Vom Tisch aufnehmen",
    (ANY, "A person picks an object up from a table"): "Jemand nimmt einen Gegenstand vom Tisch auf",
    (ANY, "Pick Up From Ground"): "Vom Boden aufheben",
    (ANY, "A person picks an object up from the ground"): "Jemand hebt einen Gegenstand vom Boden auf",
    (ANY, "Sitting"): "Hinsetzen",
    (ANY, "A person sits down on a chair"): "Jemand setzt sich auf einen Stuhl",
    (ANY, "Stairs"): "Treppe",
    (
        ANY,
        "A person climbs stairs or walks over rough ground",
    ): "Jemand steigt eine Treppe oder geht über unebenen Boden",
    (ANY, "Keys From"): "Schlüssel aus",
    (ANY, "Environment"): "Umgebung",
    (ANY, "Results Folder"): "Ergebnisordner",
    (ANY, "Data Folder"): "Datenordner",
    (ANY, "Render In"): "Rendern in",
    (ANY, "This Blender"): "Diesem Blender",
    (ANY, "Background Blender"): "Blender im Hintergrund",
    (OPERATOR, "Test Connection"): "Verbindung prüfen",
    (ANY, "Asking the services ..."): "Die Dienste werden gefragt ...",
}
"""(context, English text) -> German text."""


def register() -> None:
    # Blender looks under the language for every country that speaks it
    bpy.app.translations.register(__package__, {"de": GERMAN})


def unregister() -> None:
    bpy.app.translations.unregister(__package__)
