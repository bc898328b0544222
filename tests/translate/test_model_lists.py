"""``render_models``: the reply to a client that asks which models there are."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
from openai.pagination import SyncPage
from openai.types import Model as OpenAIModel

from imagewire import render_models
from imagewire.catalog import CATALOG, Catalog, Model

OURS = Catalog(
    (
        Model(id="gpt-old", family="openai", retires=date(2026, 1, 1)),
        Model(id="gpt-new", family="openai"),
        Model(id="gem", family="gemini", description="Gem"),
    )
)


def listed(face: str, catalog: Catalog = CATALOG) -> Any:
    return msgspec.json.decode(bytes(render_models(face, catalog=catalog).body))


class TestModelLists:
    def test_a_face_lists_the_models_that_it_serves_and_what_retires_last(self) -> None:
        assert ["gpt-new", "gem", "gpt-old"] == [row["id"] for row in listed("chat", OURS)["data"]]
        assert ["gpt-new", "gpt-old"] == [row["id"] for row in listed("images", OURS)["data"]]
        assert ["models/gem"] == [row["name"] for row in listed("gemini", OURS)["models"]]

    def test_a_row_says_what_the_apis_require(self) -> None:
        """OpenAI's has a time, which is not known; Google's names the method to call."""
        openai = {"id": "gem", "object": "model", "created": 0, "owned_by": "gemini"}
        google = {
            "name": "models/gem",
            "displayName": "Gem",
            "supportedGenerationMethods": ["generateContent"],
        }

        assert openai == listed("chat", OURS)["data"][1]
        assert google == listed("gemini", OURS)["models"][0]

    def test_the_openai_sdk_reads_the_built_in_list(self) -> None:
        page = SyncPage[OpenAIModel].model_validate_json(bytes(render_models("chat").body))

        assert {"gpt-image-2", "gemini-nano-banana-2.1"} <= {model.id for model in page.data}
