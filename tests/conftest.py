"""What all tests share: runs that repeat themselves, and snapshots as files."""

from __future__ import annotations

from collections.abc import Iterator

import hypothesis
import pytest
from syrupy.assertion import SnapshotAssertion

import imagewire
import toy
from snapshots import JSONFile

pytest_plugins = ["pytester", "sdk_releases"]

# A run says the same twice: what chance finds belongs into a table. No test is timed.
hypothesis.settings.register_profile("repeatable", deadline=None, derandomize=True)
hypothesis.settings.load_profile("repeatable")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record", action="store_true", help="write down what libraries send")


@pytest.fixture(scope="module")
def with_toy() -> Iterator[None]:
    """The toy format among the formats, by one line in their table."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(imagewire.FORMATS, toy.NAME, toy)
        yield


@pytest.fixture
def wire_snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(JSONFile)
