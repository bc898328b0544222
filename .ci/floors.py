"""Print the lowest versions that pyproject.toml allows at run time, as constraints for pip."""

from __future__ import annotations

import tomllib
from pathlib import Path

from packaging.requirements import Requirement

#: The extras that have a run time; the others are for whoever works on the project.
EXTRAS = ("cli", "arrow")


def floors(project: dict) -> list[str]:
    """A pin for each requirement, whose lowest version has to be written down."""
