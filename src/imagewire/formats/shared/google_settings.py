"""Google's request fields that two formats carry: Gemini itself, and chat under ``google``.

Enums by number are the Gemini API's: googleapis ``google/ai/generativelanguage/v1beta``. Vertex AI
numbers its harm categories in another order: ask it by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, Any, Protocol

from imagewire.codec.fields import EnumNames
from imagewire.model import SafetySetting, Thinking

_CATEGORIES = EnumNames(
    (
        "HARM_CATEGORY_UNSPECIFIED",
        "HARM_CATEGORY_DEROGATORY",
        "HARM_CATEGORY_TOXICITY",
        "HARM_CATEGORY_VIOLENCE",
        "HARM_CATEGORY_SEXUAL",
        "HARM_CATEGORY_MEDICAL",
        "HARM_CATEGORY_DANGEROUS",
        "HARM_CATEGORY_HARASSMENT",
        "HARM_CATEGORY_HATE_SPEECH",
        "HARM_CATEGORY_SEXUALLY_EXPLICIT",
        "HARM_CATEGORY_DANGEROUS_CONTENT",
        "HARM_CATEGORY_CIVIC_INTEGRITY",
    )
)
_THRESHOLDS = EnumNames(
    (
        "HARM_BLOCK_THRESHOLD_UNSPECIFIED",
        "BLOCK_LOW_AND_ABOVE",
        "BLOCK_MEDIUM_AND_ABOVE",
        "BLOCK_ONLY_HIGH",
        "BLOCK_NONE",
        "OFF",
    )
)
HarmCategory = Annotated[str, _CATEGORIES]
HarmBlockThreshold = Annotated[str, _THRESHOLDS]


class _ThinkingConfig(Protocol):
    include_thoughts: bool | None
    thinking_budget: int | None
    thinking_level: str | None


class _SafetySetting(Protocol):
    category: str
    threshold: str
    method: str | None


def read_thinking(config: _ThinkingConfig | None) -> Thinking | None:
    """A thinking config; its level is an enum, in any case."""
    if config is None:
        return None
    level = config.thinking_level
    return Thinking(
        include_thoughts=config.include_thoughts,
        budget=config.thinking_budget,
        level=level.upper() if level else None,
    )


def thinking_fields(thinking: Thinking, spell: Callable[[str], str]) -> dict[str, Any]:
    """The fields of a thinking config; chat spells the level small, Gemini large."""
    return {
        "include_thoughts": thinking.include_thoughts,
        "thinking_budget": thinking.budget,
        "thinking_level": spell(thinking.level) if thinking.level else None,
    }


def read_safety(settings: Iterable[_SafetySetting] | None) -> tuple[SafetySetting, ...]:
    """Safety settings, in order; their enums, in any case, as Google has them."""
    if not settings:
        return ()
    return tuple(
        SafetySetting(
            category=_CATEGORIES.read(item.category),
            threshold=_THRESHOLDS.read(item.threshold),
            method=item.method,
        )
        for item in settings
    )


def safety_fields(setting: SafetySetting) -> dict[str, Any]:
    """The fields of a safety setting."""
    return {
        "category": setting.category,
        "threshold": setting.threshold,
        "method": setting.method,
    }
