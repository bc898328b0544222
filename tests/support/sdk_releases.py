"""A pytest plugin: what a newer SDK than the reviewed one breaks is expected to, and says so."""

# Only tests in the folders that follow the SDKs are; ``--drift`` makes their failures failures
# again.

from __future__ import annotations

from collections.abc import Generator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TypeVar

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

REVIEWED = Path(__file__).parents[1] / "drift" / "reviewed.txt"
FOLLOWING = {"clients", "drift", "frameworks"}
_LONGEST = 600

T = TypeVar("T")
#: What wraps a hook: it is sent a report, and returns one.
Reported = Generator[None, T, T]


def pinned(constraints: str) -> dict[str, str]:
    """The releases that a constraints file names."""
    lines = [line for line in constraints.splitlines() if line and not line.startswith("#")]
    return {pin.name: spec.version for pin in map(Requirement, lines) for spec in pin.specifier}


def pinned_of_npm(constraints: str) -> dict[str, str]:
    """The releases of npm's packages, which are in comments of a constraints file."""
    pins = [line.split()[1] for line in constraints.splitlines() if line.startswith("#npm ")]
    return {name: release for name, _, release in (pin.rpartition("@") for pin in pins)}


def installed(name: str) -> str | None:
    """The release of a package that is installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def newer() -> list[str]:
    """What is installed newer than it was reviewed, in words."""
    return [
        f"{name} {found} is newer than {seen}, the last one reviewed"
        for name, seen in pinned(REVIEWED.read_text()).items()
        if (found := installed(name)) and Version(found) > Version(seen)
    ]


def _reason(node: pytest.Item | pytest.Collector, failure: str) -> str | None:
    """Why a failure is expected; None: it is not."""
    if node.config.getoption("drift") or node.path.parent.name not in FOLLOWING:
        return None
    releases = newer()
    return f"{'; '.join(releases)}: {' '.join(failure.split())[:_LONGEST]}" if releases else None


def pytest_addoption(parser: pytest.Parser) -> None:
    text = "fail where an SDK newer than the reviewed one has something new"
    parser.addoption("--drift", action="store_true", help=text)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Reported[pytest.TestReport]:
    report = yield
    if report.failed and call.excinfo and (reason := _reason(item, call.excinfo.exconly())):
        report.outcome, report.wasxfail = "skipped", reason
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Reported[pytest.CollectReport]:
    report = yield
    if report.failed and (reason := _reason(collector, str(report.longrepr))):
        report.outcome, report.longrepr = "skipped", (str(collector.path), 0, reason)
    return report
