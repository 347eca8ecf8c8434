# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys: where they come from, that they show up nowhere; and the dry run, which needs none."""

from __future__ import annotations

import json
import traceback
from pathlib import Path

import pytest
from pydantic import SecretStr

from grail_addon.core.errors import InputError
from grail_addon.core.ledger.rows import external_id
from grail_addon.core.video.prices import Prices
from grail_addon.core.video.request import ModelTable
from grail_addon.sandbox.server import SandboxServer
from grail_addon.sandbox.state import Fault
from grail_addon.services.dry_run import estimate, write_requests
from grail_addon.services.purchase import PurchaseContext
from grail_addon.services.secrets import Secrets, load_secrets, missing_keys, redact
from grail_addon.services.video_pool import run_pool
from tests.services.paid_helpers import ACCESS, API_KEY, OPENAI, SECRET, MakePlan, drain_pool, key_secrets

PLANTED = (API_KEY, ACCESS, SECRET, OPENAI)


def all_secrets() -> Secrets:
    return Secrets(*map(SecretStr, PLANTED))


def test_named_file_wins_over_environment(tmp_path: Path) -> None:
    file = tmp_path / "keys.env"
    file.write_text('# mine\nKLING_API_KEY="from file"\nexport OPENAI_API_KEY=abc$def\nOPENAI_BASE_URL=\n')
    secrets = load_secrets(file, {"KLING_API_KEY": "from env", "KLING_ACCESS_KEY": " a ", "KLING_SECRET_KEY": ""})
    assert secrets.kling_api_key == SecretStr("from file") and secrets.openai_api_key == SecretStr("abc$def")
    assert secrets.kling_access_key == SecretStr("a") and secrets.kling_pair is None and secrets.openai_base_url is None
    with pytest.raises(InputError, match="--env_file"):
        load_secrets(tmp_path / "none.env", {})


def test_missing_keys_name_variable_and_flag() -> None:
    problems = missing_keys(Secrets(), True, {"the scale probe": "--scale_evaluator prior"})
    text = "\n".join(map(str, problems))
    for word in (
        "KLING_API_KEY",
        "KLING_SECRET_KEY",
        "--skip_step4",
        "dry-run",
        "OPENAI_API_KEY",
        "--scale_evaluator prior",
    ):
        assert word in text
    assert missing_keys(all_secrets(), True, {"the scale probe": "x"}) == []
    assert missing_keys(Secrets(), False, {}) == []


def test_nothing_shows_a_key() -> None:
    secrets = all_secrets()
    assert not any(key in repr(secrets) + str(secrets) for key in PLANTED)
    assert redact(f"{API_KEY}, {SECRET}!", secrets) == "[hidden], [hidden]!"


def test_a_run_with_trouble_writes_no_key(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan, tmp_path: Path
) -> None:
    sandbox.state.faults += [
        Fault("status", method="POST", http=400, code=1201, message=f"you sent {API_KEY} and {SECRET}"),
        Fault("cut", method="GET", after=2),
    ]
    seen: list[str] = []
    drain_pool(
        run_pool([make_plan(str(n)) for n in range(3)], context, 1.0), context, lambda event: seen.append(repr(event))
    )
    sandbox.state.options.api_keys.clear()
    sandbox.state.options.key_pairs.clear()
    try:
        context.service.find("x")
    except Exception:
        seen.append(traceback.format_exc())
    assert any("you sent" in text for text in seen), "the service's words are shown"
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()) + "".join(seen).encode()
    own = (API_KEY,) if context.service.generation == "new" else (ACCESS, SECRET)
    assert not any(key.encode() in written for key in own)
    assert sandbox.state.leaked_keys == 0


@pytest.mark.parametrize("generation", ["legacy", "new"])
def test_dry_run_writes_what_would_be_sent(
    sandbox: SandboxServer, models: ModelTable, prices: Prices, make_plan: MakePlan, tmp_path: Path, generation: str
) -> None:
    plan = make_plan(prompts=("One.", "Two."), model="kling-v2-6")
    files, cost = write_requests(plan, generation, models, prices, "https://example.org/", tmp_path / "requests")  # type: ignore[arg-type]
    assert cost == estimate([plan], models, prices) and cost.micro_usd == 700_000
    first, second = (json.loads(path.read_text()) for path in files)
    route = "/v1/videos/image2video" if generation == "legacy" else "/image-to-video/kling-2.6"
    assert first["url"] == f"https://example.org{route}" and first["cost"]["usd"] == 0.35
    text = files[0].read_text()
    assert external_id(plan.key("kling", 0), 1) in text and "sha256:" in text and len(text) < 1500
    assert "last frame" in json.dumps(second["body"])
    assert sum(sandbox.state.requests.values()) == 0
    with pytest.raises(InputError, match="no clips of 6 s"):
        write_requests(make_plan(duration=6), generation, models, prices, "https://example.org", tmp_path)  # type: ignore[arg-type]


def test_key_secrets_are_enough(sandbox: SandboxServer) -> None:
    assert missing_keys(key_secrets(), True, {"refining prompts": "--skip_prompt_refinement"}) == []
