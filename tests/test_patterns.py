"""Patterns, which an import does not compile."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from imagewire.patterns import pattern

_IMPORT = """
import re, sys

compile, callers = re.compile, set()

def spy(*args):
    callers.add(sys._getframe(1).f_globals["__name__"].partition(".")[0])
    return compile(*args)

re.compile = spy
import imagewire
print("imagewire" in callers)
"""


class TestPattern:
    """A pattern is compiled when it is first used."""

    def test_what_cannot_be_compiled_is_no_error_before_it_is_used(self) -> None:
        """Making one compiles nothing."""
        unfit = pattern("(")

        with pytest.raises(re.error):
            unfit.search("")

    def test_it_has_the_methods_of_the_compiled_one(self) -> None:
        """Each of them, and more than once."""
        letters = pattern("[a-z]+", re.IGNORECASE)

        assert ["-", "-1", ["X"]] == [
            letters.sub("-", "Fox"),
            letters.sub("-", "fox1"),
            letters.findall("1X"),
        ]

    def test_an_import_compiles_none(self) -> None:
        """No module of the package does as it is imported."""
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-c", _IMPORT], capture_output=True, text=True, check=True
        )

        assert done.stdout == "False\n"
