"""What a newer SDK than was reviewed breaks is an expected failure, which says what is new."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from itertools import chain

import pytest

import sdk_releases
from recorded import RECORDINGS

FAILING = "def test_fields():\n    assert {} == {'shiny': 1}\n"
PASSING = "def test_fields():\n    assert {} == {}\n"
UNREADABLE = "import no_such_module_any_more\n"
NEWER = f"pytest {version('pytest')} is newer than 1.0, the last one reviewed"

Run = Callable[..., pytest.RunResult]


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a test file, where pytest itself stands for an SDK of which a release was reviewed."""
    monkeypatch.setattr(sdk_releases, "REVIEWED", pytester.path / "reviewed.txt")

    def run_in(folder: str, test: str, *arguments: str, reviewed: str = "1.0") -> pytest.RunResult:
        (pytester.path / "reviewed.txt").write_text(f"# a reason\n\npytest=={reviewed}\n")
        pytester.mkdir(folder).joinpath("test_sdk.py").write_text(test)
        return pytester.runpytest_inprocess("-ra", "-p", "sdk_releases", *arguments)

    return run_in


class TestNewerRelease:
    @pytest.mark.parametrize("folder", ["clients", "drift"])
    def test_a_failure_is_expected_and_says_what_is_new(self, run: Run, folder: str) -> None:
        found = run(folder, FAILING)

        found.assert_outcomes(xfailed=1)
        found.stdout.fnmatch_lines(
            [f"XFAIL *test_fields - {NEWER}: *assert {{}} == {{'shiny': 1}}*"]
        )

    def test_a_success_is_one(self, run: Run) -> None:
        run("drift", PASSING).assert_outcomes(passed=1)

    def test_a_file_that_cannot_be_imported_is_skipped_and_says_why(self, run: Run) -> None:
        found = run("drift", UNREADABLE)

        found.assert_outcomes(skipped=1)
        found.stdout.fnmatch_lines([f"SKIPPED *{NEWER}: *no_such_module_any_more*"])

    def test_a_test_that_follows_no_sdk_fails(self, run: Run) -> None:
        run("laws", FAILING).assert_outcomes(failed=1)

    def test_the_option_makes_it_hard(self, run: Run) -> None:
        run("drift", FAILING, "--drift").assert_outcomes(failed=1)

    def test_the_option_makes_an_import_hard(self, run: Run) -> None:
        run("drift", UNREADABLE, "--drift").assert_outcomes(errors=1)


class TestReviewedRelease:
    @pytest.mark.parametrize("reviewed", [version("pytest"), "9999"], ids=["same", "older"])
    def test_a_failure_fails(self, run: Run, reviewed: str) -> None:
        run("drift", FAILING, reviewed=reviewed).assert_outcomes(failed=1)

    def test_one_that_is_not_installed_is_not_newer(self, run: Run) -> None:
        found = run("drift", FAILING, reviewed="1.0\nno-such-package==1.0")

        found.assert_outcomes(xfailed=1)

    def test_it_is_what_was_recorded(self) -> None:
        text = sdk_releases.REVIEWED.read_text()
        recorded = [recording.versions.items() for recording in RECORDINGS.values()]

        pins = sdk_releases.pinned(text) | sdk_releases.pinned_of_npm(text)
        assert pins == dict(chain.from_iterable(recorded))
