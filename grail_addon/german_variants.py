# SPDX-License-Identifier: GPL-3.0-or-later
"""German texts of the panels Progress, Variants, Video and Run All."""

from __future__ import annotations

ANY = "*"
OPERATOR = "Operator"

GERMAN = {
    # progress
    (ANY, "Progress"): "Fortschritt",
    (ANY, "In a background Blender"): "In einem Blender im Hintergrund",
    (ANY, "Nothing is running"): "Es läuft nichts",
    (ANY, "Something is running; wait for it or stop it first"): "Es läuft schon etwas; erst abwarten oder anhalten",
    (ANY, "There is no error"): "Es gibt keinen Fehler",
    (ANY, "No file is named"): "Es ist keine Datei genannt",
    (ANY, "This window shows your scene already"): "Dieses Fenster zeigt die eigene Szene schon",
    (
        ANY,
        "Show your own scene in this window again; the stage stays ready",
    ): "In diesem Fenster wieder die eigene Szene zeigen; die Bühne bleibt bereit",
    (
        ANY,
        "Stop what is running at its next safe place. What is finished stays; what is paid for is fetched later",
    ): "Anhalten, sobald es sicher geht. Was fertig ist, bleibt; was bezahlt ist, wird später geholt",
    (
        ANY,
        "Copy what went wrong, with all details, to the clipboard; folders of your computer are left out",
    ): "Kopieren, was schiefging, mit allen Einzelheiten; Ordner des Rechners bleiben weg",
    (
        ANY,
        "Open the file that is at fault in the program that your computer uses for it",
    ): "Die Datei, an der es liegt, mit dem Programm öffnen, das der Rechner dafür nimmt",
    (OPERATOR, "Stop"): "Anhalten",
    (OPERATOR, "Copy Details"): "Kopieren",
    (OPERATOR, "Back to My Scene"): "Zurück zu meiner Szene",
    # variants
    (ANY, "What Varies"): "Was sich ändert",
    (ANY, "Camera"): "Kamera",
    (ANY, "Light"): "Licht",
    (ANY, "Placement"): "Platz",
    (
        ANY,
        "Each variant has a camera of its own; else all have that of seed 1",
    ): "Jede Variante hat ihre eigene Kamera; sonst haben alle die von Startwert 1",
    (
        ANY,
        "Each variant has lights of its own; else all have those of seed 1",
    ): "Jede Variante hat ihr eigenes Licht; sonst haben alle das von Startwert 1",
    (
        ANY,
        "In each variant object and person stand elsewhere; else all stand as with seed 1",
    ): "In jeder Variante stehen Gegenstand und Person anderswo; sonst stehen alle wie bei Startwert 1",
    (ANY, "Not rendered"): "Nicht gerendert",
    (ANY, "No picture"): "Kein Bild",
    (ANY, "{count} picked"): "{count} gewählt",
    (ANY, "You approved it"): "Von dir angenommen",
    (ANY, "You rejected it"): "Von dir abgelehnt",
    (ANY, "Made by an earlier request"): "Von einem früheren Auftrag",
    (ANY, "Its camera is fitted"): "Die Kamera ist angepasst",
    (
        ANY,
        "The camera of these variants is fitted from now on",
    ): "Die Kamera dieser Varianten ist von jetzt an angepasst",
    (ANY, "Pick a variant in the list first"): "Erst eine Variante in der Liste wählen",
    (ANY, "Render this variant first"): "Erst diese Variante rendern",
    (ANY, "There are no variants yet"): "Es gibt noch keine Varianten",
    (ANY, "There is no viewport in the background"): "Im Hintergrund gibt es keine Ansicht",
    (ANY, "There is no window in the background"): "Im Hintergrund gibt es kein Fenster",
    (
        ANY,
        "Render the variants with Cycles, with depth, masks, joints and camera beside each picture, and judge them",
    ): "Die Varianten mit Cycles rendern, mit Tiefe, Masken, Gelenken und Kamera neben jedem Bild, und sie beurteilen",
    (
        ANY,
        "Throw the pictures of the picked variants away and render them anew. What you decided about them stays, unless settings that change the picture were changed meanwhile",
    ): "Die Bilder der gewählten Varianten wegwerfen und neu rendern. Was du über sie entschieden hast, bleibt, solange keine Einstellung geändert wurde, die das Bild ändert",
    (
        ANY,
        "Move the camera of the picked variants so that object and whole person just fit the picture, and render them. Other pictures come of it, so look at them anew: what you decided about the old ones ends with them",
    ): "Die Kamera der gewählten Varianten so setzen, dass Gegenstand und ganze Person gerade ins Bild passen, und rendern. Es werden andere Bilder, die neu anzusehen sind: was du über die alten entschieden hast, endet mit ihnen",
    (
        ANY,
        "Give the picked variants the camera that was drawn for them again; render them to see it. What you decided about the fitted pictures ends with them",
    ): "Den gewählten Varianten wieder die ausgeloste Kamera geben; zu sehen ist es nach dem Rendern. Was du über die angepassten Bilder entschieden hast, endet mit ihnen",
    (
        ANY,
        "New pictures: what you decided about the old ones ends: {count}",
    ): "Neue Bilder: was du über die alten entschieden hast, endet: {count}",
    (
        ANY,
        "Place object and person, light the room and look through the camera of this variant in the viewport, unrendered",
    ): "Gegenstand und Person aufstellen, den Raum beleuchten und ungerendert durch die Kamera dieser Variante sehen",
    (
        ANY,
        "Say whether the picked variants are good; your word counts more than the checks",
    ): "Sagen, ob die gewählten Varianten gut sind; das zählt mehr als die Prüfungen",
    (
        ANY,
        "Show this variant's verdict below; with Shift or Ctrl several can be picked",
    ): "Unten das Urteil über diese Variante zeigen; mit Umschalt oder Strg lassen sich mehrere wählen",
    (ANY, "Pick all variants of the list, or none"): "Alle Varianten der Liste wählen, oder keine",
    (ANY, "Show other variants of the list"): "Andere Varianten der Liste zeigen",
    (ANY, "Read the results folder again"): "Den Ergebnisordner noch einmal lesen",
    (
        ANY,
        "Open this variant's picture at full size in a window of its own",
    ): "Das Bild dieser Variante in voller Größe in einem eigenen Fenster öffnen",
    (ANY, "Mask"): "Maske",
    (
        ANY,
        "Draw over the full-size picture where the object is (orange), what hides of it (red) and the person (blue)",
    ): "Über das große Bild malen, wo der Gegenstand ist (orange), was von ihm verdeckt ist (rot) und die Person (blau)",
    (ANY, "Depth"): "Tiefe",
    (
        ANY,
        "Show how far things are: light is near, dark is far",
    ): "Zeigen, wie weit alles weg ist: hell ist nah, dunkel ist fern",
    (ANY, "Joints"): "Gelenke",
    (
        ANY,
        "Draw the person's joints: green where they are seen, yellow where something hides them",
    ): "Die Gelenke der Person zeichnen: grün, wo sie zu sehen sind, gelb, wo etwas sie verdeckt",
    (OPERATOR, "Render Variants"): "Varianten rendern",
    (OPERATOR, "Render Again"): "Neu rendern",
    (OPERATOR, "Fit Camera"): "Einpassen",
    (OPERATOR, "Camera as Drawn"): "Kamera wie ausgelost",
    (OPERATOR, "Preview"): "Vorschau",
    (OPERATOR, "Decide"): "Entscheiden",
    (OPERATOR, "Pick Variant"): "Variante wählen",
    (OPERATOR, "Pick All"): "Alle wählen",
    (OPERATOR, "Page"): "Seite",
    (OPERATOR, "Refresh"): "Neu lesen",
    (OPERATOR, "View Full Size"): "In voller Größe ansehen",
    # video
    (ANY, "Video"): "Video",
    (ANY, "Looking at the frames ..."): "Die Bilder werden angesehen ...",
    (ANY, "Frames to send"): "Bilder zu senden",
    (ANY, "Clips to buy"): "Clips zu kaufen",
    (ANY, "Costs at most"): "Kostet höchstens",
    (ANY, "Left of the budget"): "Rest des Budgets",
    (ANY, "Left of the budget: {usd:.2f} USD"): "Rest des Budgets: {usd:.2f} USD",
    (ANY, "Frames: {frames}, clips: {clips}"): "Bilder: {frames}, Clips: {clips}",
    (ANY, "Send 1 clip for {usd:.2f} USD?"): "1 Clip für {usd:.2f} USD senden?",
    (ANY, "Send {clips} clips for {usd:.2f} USD?"): "{clips} Clips für {usd:.2f} USD senden?",
    (ANY, "Spend {usd:.2f} USD"): "{usd:.2f} USD ausgeben",
    (
        ANY,
        "What is sent is charged by Kling, whatever comes out.",
    ): "Was gesendet ist, berechnet Kling, was auch herauskommt.",
    (ANY, "The budget ends the queue before all is sent."): "Das Budget reicht nicht für alle.",
    (
        ANY,
        "Nothing was sent: it costs {now:.2f} USD, not the agreed {agreed:.2f}",
    ): "Nichts wurde gesendet: es kostet {now:.2f} USD, nicht die vereinbarten {agreed:.2f}",
    (
        ANY,
        "Nothing was sent: agree to the sum with confirmed_usd={now:.2f}",
    ): "Nichts wurde gesendet: der Summe mit confirmed_usd={now:.2f} zustimmen",
    (
        ANY,
        "There is no frame that may be sent; render and approve some first",
    ): "Kein Bild darf gesendet werden; erst welche rendern und annehmen",
    (ANY, "This frame is not sent"): "Dieses Bild wird nicht gesendet",
    (ANY, "Not sent: {reason}"): "Nicht gesendet: {reason}",
    (ANY, "Clips still with Kling: {count}"): "Noch bei Kling: {count}",
    (ANY, "and {count} more"): "und {count} weitere",
    (ANY, "Prompt written by the vision model"): "Prompt vom Bildmodell geschrieben",
    (ANY, "Prompt edited by you"): "Prompt von dir geändert",
    (ANY, "Prompt as in the pipeline file"): "Prompt wie in der Pipeline-Datei",
    (ANY, "The clip looks right"): "Der Clip sieht richtig aus",
    (ANY, "This clip is suspect"): "Dieser Clip ist zweifelhaft",
    (ANY, "Look at this clip"): "Diesen Clip ansehen",
    (ANY, "The clip is not there any more"): "Der Clip ist nicht mehr da",
    (ANY, "waits to be sent"): "wartet aufs Senden",
    (ANY, "is being sent"): "wird gesendet",
    (ANY, "is being made"): "wird gemacht",
    (ANY, "is ready to fetch"): "kann geholt werden",
    (ANY, "is being checked"): "wird geprüft",
    (ANY, "is here"): "ist da",
    (ANY, "Clip {state}"): "Clip {state}",
    (
        ANY,
        "Each frame that may be sent has its clips already",
    ): "Jedes Bild, das gesendet werden darf, hat seine Clips schon",
    (ANY, "failed at Kling, not charged"): "bei Kling gescheitert, nicht berechnet",
    (ANY, "was refused by Kling, not charged"): "von Kling abgelehnt, nicht berechnet",
    (ANY, "was taken back before it was sent"): "vor dem Senden zurückgenommen",
    (ANY, "was removed by Kling"): "von Kling entfernt",
    (
        ANY,
        "Send the frames that may be sent to Kling, which costs money. You are shown the sum first",
    ): "Die Bilder, die gesendet werden dürfen, an Kling senden; das kostet Geld. Vorher wird die Summe gezeigt",
    (
        ANY,
        "Fetch the clips that were sent earlier, also by another Blender. Nothing new is sent, and nothing costs money",
    ): "Die Clips holen, die früher gesendet wurden, auch von einem anderen Blender. Nichts Neues wird gesendet, nichts kostet Geld",
    (
        ANY,
        "Change the words that are sent with this frame. They are sent as you write them, with a word about the still camera",
    ): "Die Worte ändern, die mit diesem Bild gesendet werden. Sie gehen so hinaus, mit einem Satz über die ruhende Kamera",
    (ANY, "Play the finished clip in a window of Blender"): "Den fertigen Clip in einem Fenster von Blender abspielen",
    (
        ANY,
        "Open the finished clip in the program that your computer plays videos with",
    ): "Den fertigen Clip mit dem Programm öffnen, das der Rechner für Videos nimmt",
    (OPERATOR, "Send to Kling"): "An Kling senden",
    (OPERATOR, "Fetch Clips"): "Clips holen",
    (OPERATOR, "Pause"): "Pause",
    (OPERATOR, "Edit Prompt"): "Prompt ändern",
    (OPERATOR, "Play in Blender"): "In Blender abspielen",
    (OPERATOR, "Open in Player"): "Im Player öffnen",
    (ANY, "Value"): "Wert",
    (ANY, "Value as it would stand in a pipeline file"): "Wert, wie er in einer Pipeline-Datei stünde",
    # run all
    (ANY, "Run All"): "Alles",
    (ANY, "Then Videos"): "Danach Videos",
    (
        ANY,
        "When Run All has rendered the variants, ask whether to send them to Kling; the sum is shown first",
    ): "Nach dem Rendern fragen, ob die Varianten an Kling gehen sollen; vorher wird die Summe gezeigt",
    (
        ANY,
        "Do it all: find and take each object's size where a key is there and you have set none, let it settle, and render and judge the variants",
    ): "Alles tun: jede Größe finden und übernehmen, wo ein Schlüssel da ist und keine gesetzt wurde, den Gegenstand ablegen, die Varianten rendern und beurteilen",
    (
        ANY,
        "Write the report with all pictures, verdicts and costs, and open it in the web browser",
    ): "Den Bericht mit allen Bildern, Urteilen und Kosten schreiben und im Browser öffnen",
    (ANY, "Open the folder that all files are written to"): "Den Ordner öffnen, in den alle Dateien geschrieben werden",
    (ANY, "Nothing was made yet; render some variants first"): "Es ist noch nichts gemacht; erst Varianten rendern",
    (OPERATOR, "Run All"): "Alles ausführen",
    (OPERATOR, "Open Report"): "Bericht öffnen",
    (OPERATOR, "Open Results Folder"): "Ergebnisordner öffnen",
}
"""(context, English text) -> German text."""
