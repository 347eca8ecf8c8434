# SPDX-License-Identifier: GPL-3.0-or-later
"""German texts of the Progress panel, of frames that are not sent, and of buttons that stand for what an operator does in their place."""

from __future__ import annotations

ANY = "*"
OPERATOR = "Operator"

GERMAN = {
    (OPERATOR, "Dismiss"): "Ausblenden",
    (ANY, "Take this message away; nothing else changes"): "Diese Meldung wegnehmen; sonst ändert sich nichts",
    (ANY, "loading the person"): "lädt die Person",
    (ANY, "loading the object"): "lädt den Gegenstand",
    (ANY, "loading the room"): "lädt den Raum",
    (ANY, "shape for the physics"): "Form für die Physik",
    (ANY, "dropping"): "lässt fallen",
    (ANY, "watching it rest"): "sieht zu, ob es ruht",
    (ANY, "how firmly it stands"): "wie fest es steht",
    (ANY, "placing"): "stellt auf",
    (ANY, "lighting"): "beleuchtet",
    (ANY, "camera"): "Kamera",
    (ANY, "rendering"): "rendert",
    (ANY, "depth and masks"): "Tiefe und Masken",
    (ANY, "proving the files"): "prüft die Dateien",
    (ANY, "judging"): "beurteilt",
    (ANY, "asking the vision model"): "fragt das Bildmodell",
    (ANY, "{time} left"): "noch {time}",
    (OPERATOR, "Stopping ..."): "Hält an ...",
    (ANY, "There is no key for it; enter it in the extension's preferences first"): (
        "Dafür fehlt ein Schlüssel; erst in den Einstellungen der Erweiterung eintragen"
    ),
    (ANY, "Copied"): "Kopiert",
    (ANY, "the frame failed: {reasons}"): "das Bild ist durchgefallen: {reasons}",
    (OPERATOR, "Approve"): "Annehmen",
    (OPERATOR, "Reject"): "Ablehnen",
    (OPERATOR, "Render"): "Rendern",
    (OPERATOR, "Render All"): "Alle rendern",
    (OPERATOR, "Smaller"): "Kleiner",
    (OPERATOR, "Bigger"): "Größer",
    (OPERATOR, "Play"): "Abspielen",
    (OPERATOR, "Player"): "Außerhalb",
    (OPERATOR, "Resume"): "Weiter",
}
