"""Regular expressions that are compiled when they are first used.

An import that compiled them all took a seventh of its time for it, and most are for rare bodies.
"""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast


class _Pattern:
    """A pattern to be: each of its methods is the compiled one's, looked up once."""

    def __init__(self, text: str | bytes, flags: int) -> None:
        self._text, self._flags = text, flags

    def __getattr__(self, name: str) -> Any:
        found = getattr(re.compile(self._text, self._flags), name)
        setattr(self, name, found)
        return found


def pattern(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """The pattern of a text, as `re.compile` has it."""
    return cast("re.Pattern[AnyStr]", _Pattern(text, flags))
