# SPDX-License-Identifier: GPL-3.0-or-later
"""A server between the clients and the sandbox: it passes all on, and a test spoils the answers that it chooses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from grail_addon.core.ledger.store import Ledger
from grail_addon.core.video.prices import Prices
from grail_addon.core.video.request import ModelTable
from grail_addon.sandbox.server import SandboxServer
from grail_addon.services.kling import open_service
from grail_addon.services.purchase import PurchaseContext
from tests.services.paid_helpers import QuickClock, key_secrets, pair_secrets, playable
from tests.services.scripted_server import Reply, ScriptedServer, Seen

Spoil = Callable[[Seen, Reply], Reply]
PASSED_ON = ("authorization", "content-type", "range", "if-range")


def is_create(seen: Seen) -> bool:
    return seen.method == "POST" and seen.path.startswith(("/v1/videos/image2video", "/image-to-video/"))


def passing(url: str, spoil: Spoil) -> ScriptedServer:
    """Passes every request on to `url`; `spoil` makes the answer that is given of the one that came."""

    def script(seen: Seen) -> Reply:
        headers = {name: value for name, value in seen.headers.items() if name in PASSED_ON}
        came = requests.request(seen.method, url + seen.path, headers=headers, data=seen.body, timeout=30)
        kept = {
            name: came.headers[name] for name in ("x-grail-sandbox", "etag", "content-range") if name in came.headers
        }
        return spoil(seen, Reply(came.content, came.status_code, came.headers.get("content-type", ""), kept))

    return ScriptedServer(script)


@contextmanager
def context_behind(
    sandbox: SandboxServer, models: ModelTable, prices: Prices, folder: Path, generation: str, spoil: Spoil
) -> Iterator[PurchaseContext]:
    """What a run needs to buy through a server that spoils answers. Absence counts as known at once."""
    clock = QuickClock()
    secrets = pair_secrets() if generation == "legacy" else key_secrets()
    with passing(sandbox.url, spoil) as server, Ledger(folder / "results" / "ledger.sqlite3", clock) as ledger:
        service = open_service(models, "kling-v2-5-turbo", server.url, secrets, clock)
        try:
            yield PurchaseContext(ledger, service, models, prices, clock, playable, slots=50, absent_after=0.0)
        finally:
            service.close()
