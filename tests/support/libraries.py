"""The libraries whose asks the tests know, and whether they are here."""

from __future__ import annotations

import shutil
from collections.abc import Mapping

import attrs
import msgspec

import asks_of_ai_sdk
import asks_of_langchain
import asks_of_litellm
import asks_of_sdks
from asks import Ask
from sdk_releases import installed
from staged import MODULES


def _npm(package: str) -> str | None:
    """The release of a package of npm's, where there is Node to run it."""
    about = MODULES / package / "package.json"
    if shutil.which("node") is None or not about.exists():
        return None
    found: str = msgspec.json.decode(about.read_bytes())["version"]
    return found


@attrs.frozen
class Library:
    """Its packages, of pip or of npm, and what it is asked."""

    packages: tuple[str, ...]
    asks: Mapping[str, Ask]
    npm: bool = False

    @property
    def versions(self) -> dict[str, str | None]:
        find = _npm if self.npm else installed
        return {package: find(package) for package in self.packages}

    @property
    def missing(self) -> str:
        """What is not installed, in words; empty if all of it is."""
        names = ", ".join(name for name, found in self.versions.items() if found is None)
        return names and f"not installed{' (or no node)' * self.npm}: {names}"


LIBRARIES: dict[str, Library] = {
    "sdks": Library(("openai", "google-genai"), asks_of_sdks.ASKS),
    "litellm": Library(("litellm",), asks_of_litellm.ASKS),
    "langchain": Library(("langchain-openai", "langchain-google-genai"), asks_of_langchain.ASKS),
    "ai_sdk": Library(
        (
            "ai",
            "@ai-sdk/openai",
            "@ai-sdk/openai-compatible",
            "@ai-sdk/google",
            "@openrouter/ai-sdk-provider",
        ),
        asks_of_ai_sdk.ASKS,
        npm=True,
    ),
}
