"""Drift: every image model that the official SDKs name has a row in the catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from google.genai._gaos.types.interactions import model as google
from openai.types import image_model
from openai.types.image_edit_params import ImageEditParamsBase
from openai.types.image_generate_params import ImageGenerateParamsBase
from openai.types.responses.tool_param import ImageGeneration
from typing_extensions import get_type_hints

from imagewire import CATALOG

#: The day on which the catalogue was last held against the providers' pages.
CHECKED = "2026-11-26"

ROWS = {name: row for row in CATALOG.models for name in (row.id, *row.aliases)}
OPENAI = [
    pytest.param(annotation, id=name)
    for name, annotation in {
        "images": image_model.ImageModel,
        "generations": get_type_hints(ImageGenerateParamsBase)["model"],
        "edits": get_type_hints(ImageEditParamsBase)["model"],
        "tool": get_type_hints(ImageGeneration)["model"],
    }.items()
]


def names(annotation: Any) -> Iterator[str]:
    """The names in an annotation's literals, however deep."""
    for inner in get_args(annotation):
        if isinstance(inner, str):
            yield inner
        else:
            yield from names(inner)


class TestNames:
    @pytest.mark.parametrize("annotation", OPENAI)
    def test_every_image_model_of_openais_sdk_has_a_row(self, annotation: Any) -> None:
        found = set(names(annotation))

        assert "gpt-image-2" in found
        assert set() == found - ROWS.keys()

    def test_every_image_model_of_googles_sdk_has_a_row(self) -> None:
        found = {name for name in names(google.Model) if re.search("image|banana", name)}

        assert "gemini-nano-banana-2.1" in found
        assert set() == found - ROWS.keys()


class TestState:
    def test_what_openais_sdk_calls_retired_is_retired(self) -> None:
        source = Path(image_model.__file__).read_text()
        retired = set(re.findall(r'"([^"]+)"', source.partition("Deprecated values:")[2]))

        living = {name for name, row in ROWS.items() if str(row.retires or "9") > CHECKED}

        assert {"gpt-image-1", "dall-e-2", "dall-e-3"} <= retired
        assert set() == retired & living

    def test_a_successor_is_a_living_model(self) -> None:
        heirs = {row.successor for row in CATALOG.models} - {None}

        assert heirs
        assert [] == [name for name in heirs if ROWS[str(name)].retires is not None]
