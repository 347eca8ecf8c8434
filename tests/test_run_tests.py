# SPDX-License-Identifier: GPL-3.0-or-later
"""The runner of all tests: what fails is tried once more, alone, and named; a fault, a crash and a hang fail the run."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tools import run_tests
from tools.run_tests import MOST_TRIED_AGAIN, UNSTEADY, Group, Outcome

TESTS = """
import os, time
from pathlib import Path
import pytest

def once(name):
    mark = Path(__file__).with_name(f"{name}.seen")
    seen = mark.exists()
    mark.touch()
    return seen

class TestOne:
    @pytest.mark.parametrize("word", ["a::b", "c d", "\u00e4"])
    def test_unsteady(self, word):
        assert once(f"one {ord(word[-1])}")

@pytest.fixture
def unsteady_end():
    yield
    assert once("end")

def test_unsteady_end(unsteady_end):
    pass

def test_steady():
    assert not once("steady"), "it has passed and is not run again"

@pytest.mark.skipif(os.path.exists("never"), reason="never")
def test_skipped():
    pytest.skip("no need")
"""
FAULT = "def test_fault():\n    assert not 'a fault'\n"
CRASH = "import os\ndef test_crash():\n    os._exit(3)\n"
HANG = "import time\ndef test_hang():\n    time.sleep(600)\n"
BROKEN = "import nothing_of_this_name\n"
MANY = "import pytest\n@pytest.mark.parametrize('n', range({count}))\ndef test_many(n):\n    assert 0\n"
SKIPS_THEN = (
    TESTS.partition("class")[0]
    + """
def test_skips_then():
    if once("skips"):
        pytest.skip("it does not say more")
    assert 0
"""
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(run_tests, "ROOT", tmp_path)
    monkeypatch.setattr(run_tests, "REPORTS", tmp_path / "reports")
    (tmp_path / "tests/inner").mkdir(parents=True)
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -p no:cacheprovider\n")
    return tmp_path


def group_of(folder: Path, limit: int = 300, **files: str) -> Group:
    (folder / "reports").mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / "tests/inner" / f"test_{name}.py").write_text(text, encoding="utf-8")
    names = [f"tests/inner/test_{name}.py" for name in files]
    return Group(f"some of {len(names)}", Path(sys.executable), tuple(names), limit)


def runs(folder: Path) -> int:
    return len(list((folder / "reports").glob("*.xml")))


def test_what_passes_at_the_second_try_has_passed_and_is_named(folder: Path) -> None:
    outcome = run_tests.run(group_of(folder, tests=TESTS))
    assert (outcome.passed, outcome.failed, outcome.skipped, outcome.broken) == (5, 0, 1, "")
    assert len(outcome.unsteady) == 4 and runs(folder) == 2
    names = {name.partition("::")[2] for name in outcome.unsteady}
    assert {"TestOne::test_unsteady[a::b]", "TestOne::test_unsteady[c d]", "test_unsteady_end"} < names


def test_a_fault_fails_twice(folder: Path) -> None:
    outcome = run_tests.run(group_of(folder, tests=TESTS, fault=FAULT))
    assert (outcome.passed, outcome.failed) == (5, 1) and len(outcome.unsteady) == 4
    assert outcome.failures == ("tests/inner/test_fault.py::test_fault",)


def test_what_is_skipped_at_the_second_try_has_not_passed(folder: Path) -> None:
    outcome = run_tests.run(group_of(folder, skips=SKIPS_THEN))
    assert (outcome.passed, outcome.failed, outcome.unsteady) == (0, 1, ()) and runs(folder) == 2


@pytest.mark.parametrize(("count", "again"), [(MOST_TRIED_AGAIN, True), (MOST_TRIED_AGAIN + 1, False)])
def test_many_failures_are_not_tried_again(folder: Path, count: int, again: bool) -> None:
    outcome = run_tests.run(group_of(folder, many=MANY.format(count=count)))
    assert outcome.failed == count and runs(folder) == 1 + again


@pytest.mark.parametrize(
    ("text", "limit", "why"),
    [(CRASH, 300, "exit code 3"), (HANG, 5, "stopped after 5 s"), (BROKEN, 300, "exit code 2")],
    ids=["crash", "hang", "import"],
)
def test_a_group_that_does_not_end_well_is_not_repaired(folder: Path, text: str, limit: int, why: str) -> None:
    outcome = run_tests.run(group_of(folder, limit, tests=TESTS, z_last=text))
    assert outcome.failed >= 1 and why in outcome.broken and not outcome.unsteady
    assert runs(folder) <= 1


def test_a_crash_at_the_second_try_repairs_nothing() -> None:
    first = Outcome("g", {"a": "failed", "b": "passed"}, (1.0, 1.0))
    second = Outcome("g, again", {"a": "passed"}, (2.0, 2.0), "pytest ended with exit code -11")
    outcome = run_tests.tried_again(first, second)
    assert (outcome.passed, outcome.failed, outcome.unsteady, outcome.seconds) == (1, 1, (), (3.0, 3.0))


def test_the_summary_names_the_unsteady_and_the_rest_is_left_after_a_failure(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    todo = [group_of(folder, tests=TESTS), group_of(folder, other="def test_other(): pass\n")]
    monkeypatch.setattr(run_tests, "groups", lambda environments: todo)
    assert run_tests.main([]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[-1] == "6 passed, 0 failed"
    assert "  tests/inner/test_tests.py::test_unsteady_end (some of 1)" in said[said.index(UNSTEADY.upper()) :]
    todo[0] = group_of(folder, fault=FAULT)
    assert run_tests.main([]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[-1] == "0 passed, 1 failed" and "the tests that need Blender were not run" in said[-2]
    assert UNSTEADY.upper() not in said
