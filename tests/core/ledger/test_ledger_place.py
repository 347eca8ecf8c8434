# SPDX-License-Identifier: GPL-3.0-or-later
"""One budget has one writer: a ledger on a local disk, and the note that keeps other machines away."""

from __future__ import annotations

import errno
import fcntl
import platform
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from grail_addon.core.errors import InputError, UserError
from grail_addon.core.layout import ResultsLayout
from grail_addon.core.ledger.place import claim_ledger, ledger_path
from grail_addon.core.locks import check_locks


@pytest.fixture
def layout(tmp_path: Path) -> ResultsLayout:
    return ResultsLayout(tmp_path / "results")


def test_by_default_it_lies_in_the_results_folder(layout: ResultsLayout) -> None:
    assert ledger_path(layout, None) == claim_ledger(layout, None) == layout.ledger
    assert not layout.results_dir.exists(), "nothing is written"


def test_another_machine_is_refused_and_told_where(
    layout: ResultsLayout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = tmp_path / "disk"
    path = claim_ledger(layout, disk)
    assert path.parent == disk and claim_ledger(layout, disk) == ledger_path(layout, None) == path
    here = platform.node()
    monkeypatch.setattr(platform, "node", lambda: "other")
    for folder in (disk, None):
        with pytest.raises(InputError, match=f"bought on {here}, which keeps the ledger; this is other"):
            ledger_path(layout, folder)


def test_a_ledger_does_not_move(layout: ResultsLayout, tmp_path: Path) -> None:
    claim_ledger(layout, tmp_path / "disk")
    with pytest.raises(InputError, match="The ledger of this results folder is"):
        ledger_path(layout, tmp_path / "elsewhere")
    other = ResultsLayout(tmp_path / "other")
    other.results_dir.mkdir()
    other.ledger.touch()
    with pytest.raises(InputError, match="has its ledger in it already"):
        ledger_path(other, tmp_path / "disk")


def test_of_many_that_claim_it_at_once_all_have_the_same(layout: ResultsLayout, tmp_path: Path) -> None:
    def claim(number: int) -> str:
        try:
            return str(claim_ledger(layout, tmp_path / f"disk{number}"))
        except InputError:
            return "refused"

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(claim, range(8)))
    assert len(set(found) - {"refused"}) == 1 and found.count("refused") == 7
    assert str(ledger_path(layout, None)) in found


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    check_locks(tmp_path)

    def refused(*_: object) -> None:
        raise OSError(number, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refused)
    with pytest.raises(UserError, match="has no file locks"):
        check_locks(tmp_path)
    assert not list(tmp_path.iterdir())
