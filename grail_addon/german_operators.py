# SPDX-License-Identifier: GPL-3.0-or-later
"""German texts of the operators' own settings, and of the prompts."""
# fmt: off

from __future__ import annotations

ANY = "*"
OPERATOR = "Operator"
GERMAN = {
    (ANY, "Which"): "Welche",
    (ANY, "Which variants are rendered"): "Welche Varianten gerendert werden",
    (ANY, "Picked"): "Ausgewählte",
    (ANY, "The variants that are picked in the list"): "Die Varianten, die in der Liste ausgewählt sind",
    (ANY, "All"): "Alle",
    (ANY, "All variants that are asked for; what is up to date is left alone"): "Alle verlangten Varianten; was aktuell ist, bleibt, wie es ist",
    (ANY, "Decision"): "Entscheidung",
    (ANY, "What you say of them"): "Was du dazu sagst",
    (ANY, "Approve"): "Annehmen",
    (ANY, "Reject"): "Ablehnen",
    (ANY, "Clear Decision"): "Entscheidung zurücknehmen",
    (ANY, "This variant may be sent, whatever the checks say"): "Diese Variante darf gesendet werden, was immer die Prüfungen sagen",
    (ANY, "This variant is never sent"): "Diese Variante wird nie gesendet",
    (ANY, "Let the checks decide about this variant again"): "Wieder die Prüfungen über diese Variante entscheiden lassen",
    (ANY, "Seed"): "Startwert",
    (ANY, "Tilts the drops in another way; 0 keeps the pipeline file's"): "Lässt anders gekippt fallen; 0 behält den Wert der Pipeline-Datei",
    (ANY, "Factor"): "Faktor",
    (ANY, "Times the size that is shown"): "Mal die gezeigte Größe",
    (ANY, "Agreed Sum (USD)"): "Zugesagte Summe (USD)",
    (ANY, "What you agree to spend at most; nothing is sent where it costs another sum"): "Was du höchstens ausgeben willst; kostet es eine andere Summe, wird nichts gesendet",
    (ANY, "Prompt"): "Prompt",
    (ANY, "What the person does; # separates the segments of a clip that has several"): "Was die Person tut; # trennt die Abschnitte eines Clips, der mehrere hat",
    (ANY, "File"): "Datei",
    (ANY, "Pipeline file to write"): "Pipeline-Datei, die geschrieben wird",
    (ANY, "Frames are made with a lens of {ours:.0f} mm; the camera's {lens:.0f} mm are not taken over"): "Bilder entstehen mit einem Objektiv von {ours:.0f} mm; die {lens:.0f} mm der Kamera werden nicht übernommen",
    (ANY, "The camera is rolled by {degrees:.1f} degrees; frames have a level horizon"): "Die Kamera ist um {degrees:.1f} Grad gerollt; Bilder haben einen waagerechten Horizont",
    (ANY, "The camera's shift is not taken over; frames look straight ahead"): "Die Verschiebung der Kamera wird nicht übernommen; Bilder schauen geradeaus",
    (ANY, "The camera's depth of field is not taken over; frames are sharp everywhere"): "Die Schärfentiefe der Kamera wird nicht übernommen; Bilder sind überall scharf",
    (ANY, "The camera is not a perspective one; choose one that is"): "Die Kamera ist keine perspektivische; eine solche wählen",
    (ANY, "One unit of this scene is {length:g} m"): "Eine Einheit dieser Szene ist {length:g} m",
    (ANY, "This system has no coacd library: nothing settles on uneven ground"): "Auf diesem System fehlt die Bibliothek coacd: auf unebenem Boden legt sich nichts ab",
    (OPERATOR, "Write Prompts"): "Prompts schreiben",
    (ANY, "Have the vision model write the prompts of the frames that may be sent, so that you can read and change them first. Costs a few cents for each frame"): "Das Bildmodell die Prompts der Bilder schreiben lassen, die gesendet werden dürfen, damit du sie vorher lesen und ändern kannst. Kostet ein paar Cent je Bild",
    (ANY, "Each frame that may be sent has its prompt"): "Jedes Bild, das gesendet werden darf, hat seinen Prompt",
    (ANY, "Write the prompts first, so that you can read and change them"): "Zuerst die Prompts schreiben, damit du sie lesen und ändern kannst",
    (ANY, "The vision model makes its prompt out of this"): "Daraus macht das Bildmodell den Prompt",
}
"""(context, English text) -> German text."""
