"""Fields of a Gemini request that nobody knows: written back to Gemini, reported elsewhere."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bodies import document, snake, translated
from imagewire.loss import SETTING, LossKind

EXTRAS: dict[str, Any] = {
    "systemInstruction": {"parts": [{"text": "Be terse.", "partMetadata": {"b": 2}}]},
    "contents": [
        {
            "role": "user",
            "parts": [
                {
                    "inlineData": {
                        "mimeType": "image/gif",
                        "data": "R0lGODlhAQ==",
                        "displayName": "a.gif",
                    },
                    "mediaResolution": {"level": "MEDIA_RESOLUTION_HIGH"},
                },
                {"text": "a fox", "partMetadata": {"a": 1}},
            ],
            "turnField": 1,
        }
    ],
    "generationConfig": {
        "responseModalities": ["TEXT", "IMAGE"],
        "imageConfig": {"aspectRatio": "1:1", "personGeneration": "ALLOW_ADULT"},
        "enableEnhancedCivicAnswers": True,
        "thinkingConfig": {"includeThoughts": True, "newThought": 3},
    },
    "safetySettings": [{"category": "A", "threshold": "OFF", "newSafety": 4}],
    "labels": {"team": "x"},
    "toolConfig": {"functionCallingConfig": {"mode": "NONE"}},
}
UNKNOWN = {
    "$.systemInstruction.parts[0].partMetadata",
    "$.contents[0].parts[0].inlineData.displayName",
    "$.contents[0].parts[0].mediaResolution",
    "$.contents[0].parts[1].partMetadata",
    "$.contents[0].turnField",
    "$.generationConfig.imageConfig.personGeneration",
    "$.generationConfig.enableEnhancedCivicAnswers",
    "$.generationConfig.thinkingConfig.newThought",
    "$.safetySettings[0].newSafety",
    "$.labels",
    "$.toolConfig",
}


class TestUnknownFields:
    def test_gemini_gets_them_back_where_they_stood(self) -> None:
        result = translated(EXTRAS, "gemini")

        assert (EXTRAS, ()) == (document(result), result.losses)

    @pytest.mark.parametrize("spell", [lambda body: body, snake], ids=["camel", "snake"])
    def test_chat_reports_each_where_the_source_has_it(self, spell: Any) -> None:
        result = translated(spell(EXTRAS), "chat")
        spelled = {
            path if spell is not snake else re.sub(r"([A-Z])", r"_\1", path).lower()
            for path in UNKNOWN
        }

        assert spelled == {loss.path for loss in result.losses}
        assert {(LossKind.DROPPED, SETTING)} == {
            (x.kind, x.level) for x in result.losses if x.path != "$.labels"
        }
