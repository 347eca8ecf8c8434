# SPDX-License-Identifier: GPL-3.0-or-later
"""The extension's texts in other languages. English is what the code itself says."""

from __future__ import annotations

import bpy

from . import german_gate, german_operators, german_sentences, german_setup, german_variants, german_window

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
    # preferences
    (ANY, "Keys From"): "Schlüssel aus",
    (ANY, "Where the keys of the paid services come from"): "Woher die Schlüssel der bezahlten Dienste kommen",
    (ANY, "Environment"): "Umgebung",
    (ANY, "Read the keys from environment variables, as the batch front does"): (
        "Die Schlüssel aus Umgebungsvariablen lesen, wie die Kommandozeile es tut"
    ),
    (ANY, "Preferences"): "Einstellungen",
    (ANY, "Keep the keys in Blender's preferences on this computer, unencrypted"): (
        "Die Schlüssel unverschlüsselt in Blenders Einstellungen auf diesem Rechner behalten"
    ),
    (ANY, "Kling API Key"): "Kling-API-Schlüssel",
    (ANY, "Single key of a Kling account; works with every model"): (
        "Einzelner Schlüssel eines Kling-Kontos; gilt für jedes Modell"
    ),
    (ANY, "Kling Access Key"): "Kling-Zugangsschlüssel",
    (ANY, "First half of a Kling key pair, for the older models"): (
        "Erste Hälfte eines Kling-Schlüsselpaars, für die älteren Modelle"
    ),
    (ANY, "Kling Secret Key"): "Geheimer Kling-Schlüssel",
    (ANY, "Second half of a Kling key pair, for the older models"): (
        "Zweite Hälfte eines Kling-Schlüsselpaars, für die älteren Modelle"
    ),
    (ANY, "Kling Address"): "Kling-Adresse",
    (ANY, "Address of the Kling service that the keys belong to; empty means the one outside China"): (
        "Adresse des Kling-Dienstes, zu dem die Schlüssel gehören; leer heißt: der außerhalb Chinas"
    ),
    (ANY, "OpenAI Key"): "OpenAI-Schlüssel",
    (ANY, "Key of the vision model that judges size and writes prompts"): (
        "Schlüssel des Modells, das Größen beurteilt und Prompts schreibt"
    ),
    (ANY, "OpenAI Address"): "OpenAI-Adresse",
    (ANY, "Address of another service with the same interface; empty means OpenAI's own"): (
        "Adresse eines anderen Dienstes mit derselben Schnittstelle; leer heißt: OpenAI selbst"
    ),
    (ANY, "Results Folder"): "Ergebnisordner",
    (ANY, "Folder that new requests write to"): "Ordner, in den neue Aufträge schreiben",
    (ANY, "Data Folder"): "Datenordner",
    (ANY, "Folder with your own objects, characters and scenes; the starter set is used beside it"): (
        "Ordner mit eigenen Gegenständen, Figuren und Szenen; die mitgelieferten gelten daneben weiter"
    ),
    (ANY, "Budget (USD)"): "Budget (USD)",
    (ANY, "Most that may be spent in one results folder; zero means that nothing may be spent"): (
        "So viel darf in einem Ergebnisordner höchstens ausgegeben werden; null heißt: nichts"
    ),
    (ANY, "Device"): "Gerät",
    (ANY, "What Cycles renders on"): "Worauf Cycles rendert",
    (ANY, "GPU"): "GPU",
    (ANY, "Render on the graphics card where Cycles can use it, else on the processor"): (
        "Auf der Grafikkarte rendern, wo Cycles sie nutzen kann, sonst auf dem Prozessor"
    ),
    (ANY, "CPU"): "CPU",
    (ANY, "Render on the processor"): "Auf dem Prozessor rendern",
    (ANY, "Render With"): "Rendern mit",
    (ANY, "Which Blender renders the frames"): "Welches Blender die Bilder rendert",
    (ANY, "This Blender"): "Diesem Blender",
    (ANY, "Render in this window; F12, undo or opening a file meanwhile costs a frame its render"): (
        "In diesem Fenster rendern; F12, Rückgängig oder Öffnen einer Datei kostet das Bild, das gerade rendert"
    ),
    (ANY, "Background Blender"): "Zweitem Blender",
    (ANY, "Render in a second Blender without a window: smoother, stops at once"): (
        "In einem zweiten Blender ohne Fenster rendern: flüssiger, hält sofort an"
    ),
    # connection
    (OPERATOR, "Test Connection"): "Verbindung prüfen",
    (ANY, "Ask Kling and OpenAI whether they accept the keys. Nothing is made, and nothing costs money"): (
        "Kling und OpenAI fragen, ob sie die Schlüssel annehmen. Nichts wird gemacht, und nichts kostet Geld"
    ),
    (ANY, "Asking the services ..."): "Die Dienste werden gefragt ...",
    (ANY, "The services are being asked"): "Die Dienste werden gerade gefragt",
    (ANY, "Blender was started offline; start it with --online-mode"): (
        "Blender wurde ohne Netz gestartet; mit --online-mode starten"
    ),
    (ANY, "Turn on Allow Online Access in the System section of the preferences first"): (
        "Zuerst in den Einstellungen unter System den Online-Zugriff erlauben"
    ),
}
"""(context, English text) -> German text."""
for part in (german_gate, german_operators, german_sentences, german_setup, german_variants, german_window):
    GERMAN |= part.GERMAN


def register() -> None:
    # Blender looks under the language for every country that speaks it
    bpy.app.translations.register(__package__, {"de": GERMAN})


def unregister() -> None:
    bpy.app.translations.unregister(__package__)
