"""Drift: where the official clients put a field, and what becomes of those that JSON does not have.

`sdk_types` says where Google's client sends a field of its config; here the client itself does.
"""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import Any

import pytest
from google import genai
from google.genai import types
from openai.types.shared import ErrorObject

import imagewire
from bodies import document
from cases import GEMINI_MODEL, UPSTREAM_MODELS
from image_sdks import edit, form_of, sent_form, sent_on
from imagewire.formats.shared import openai_error
from imagewire.loss import LossKind
from sdk_fields import ERROR_DETAILS, REFUSED, REPORTED, is_listed
from sdk_places import look, sample
from sdk_types import EDIT, SENT, Field, fields
from sdks import PNG, Upstream, google_client

CONFIG = types.GenerateContentConfig
#: What the client checks before it sends it, or makes of something else.
VALUES: dict[str, Any] = {
    "response_schema": {"type": "STRING"},
    "tools": [{"google_search": {}}],
    "speech_config": "Kore",
    "response_modalities": ["IMAGE"],
    "system_instruction": "Be terse.",
    "labels": {"team": "x"},
    "tool_config": {"include_server_side_tool_invocations": True},
    "cached_content": "cachedContents/abc",
    "safety_settings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "OFF"}],
    "continuation_token": b"x",
}


@cache
def client(*, vertex: bool) -> tuple[Upstream, genai.Client]:
    upstream = Upstream()
    return upstream, google_client(upstream, vertex=vertex)


def sent(config: Any) -> Any:
    """The body that the client sends, to Vertex where the Gemini API does not have it."""
    for vertex in (False, True):
        upstream, google = client(vertex=vertex)
        upstream.calls.clear()
        try:
            google.models.generate_content(model=GEMINI_MODEL, contents="a fox", config=config)
        except ValueError:
            continue
        return upstream.document
    raise AssertionError


class TestGoogleSent:
    """`SENT` says where each field of a config goes: the client puts it there."""

    @pytest.mark.parametrize("name", CONFIG.model_fields)
    def test_a_field_of_the_config(self, name: str) -> None:
        info = CONFIG.model_fields[name]
        body = sent({name: VALUES.get(name, sample(info.annotation))})
        path = SENT[CONFIG].get(info.alias or name, f"generationConfig.{info.alias}")

        if path is None:
            assert {"contents", "generationConfig"} == body.keys()
            assert {} == body["generationConfig"]
        else:
            assert look(body, tuple(path.split("."))) is not None

    @pytest.mark.parametrize("name", types.ImageConfig.model_fields)
    def test_a_field_of_the_image_config(self, name: str) -> None:
        info = types.ImageConfig.model_fields[name]
        body = sent({"image_config": {name: sample(info.annotation)}})
        path = SENT[types.ImageConfig].get(info.alias or name) or info.alias or name

        assert look(body, ("generationConfig", "imageConfig", *path.split("."))) is not None


#: What the SDK takes as a file.
FILES = ("image", "mask", "markup")


def asked(field: Field) -> Upstream:
    """What the client sends of an edit with this field."""
    upstream = Upstream()
    value = sample(field.annotation)
    value = True if field.name == "stream" else PNG if field.name in FILES else value
    edit(upstream, **{"model": "gpt-image-1.5", field.name: value})
    return upstream


class TestForms:
    """The client's own form of an edit, with each field that the SDK has."""

    @pytest.mark.parametrize(
        "field",
        [
            field
            for field in fields(EDIT)
            if not is_listed(REFUSED, field.struct, field.name) and field.name != "response_format"
        ],
        ids=str,
    )
    def test_the_images_api_gets_it_back(self, field: Field) -> None:
        upstream = asked(field)
        found = sent_on(upstream, "images")
        ours, theirs = form_of(found), sent_form(upstream)

        assert theirs.fields == ours.fields
        assert {f.name: f.data for f in theirs.files} == {f.name: f.data for f in ours.files}
        assert () == found.losses

    @pytest.mark.parametrize(
        "field", [f for f in fields(EDIT) if is_listed(REPORTED, f.struct, f.name)], ids=str
    )
    @pytest.mark.parametrize("target", ["chat", "gemini"])
    def test_another_format_reports_it(self, field: Field, target: str) -> None:
        result = sent_on(asked(field), target, model=UPSTREAM_MODELS.get(target, "m"))

        assert {LossKind.DROPPED} == {loss.kind for loss in result.losses}
        assert all(loss.path.startswith(f"$.{field.name}") for loss in result.losses)

    @pytest.mark.parametrize(
        "field", [f for f in fields(EDIT) if is_listed(REFUSED, f.struct, f.name)], ids=str
    )
    def test_what_is_refused_is_refused_in_a_form(self, field: Field) -> None:
        with pytest.raises(imagewire.UnsupportedError) as caught:
            sent_on(asked(field), "images")

        assert f"$.{field.name}" == caught.value.path


class TestErrors:
    """OpenAI's error object: its four keys by name, what else it has as details."""

    DETAILS = tuple(name for names in ERROR_DETAILS.values() for name in names)

    def test_the_sdk_s_fields_are_named_or_listed(self) -> None:
        assert set(ErrorObject.model_fields) == {*openai_error._NAMED, *self.DETAILS}

    @pytest.mark.parametrize("name", DETAILS)
    def test_a_detail_is_carried_in_its_envelope(self, name: str) -> None:
        known = {"message": "No.", "type": "server_error", "param": None, "code": None}
        value = sample(ErrorObject.model_fields[name].annotation)
        body = {"error": {**known, name: value}}
        for source, target in product(("chat", "images"), repeat=2):
            reply = imagewire.translate_response(body, source=source, target=target, status=500)

            assert body == document(reply)

    @pytest.mark.parametrize("name", DETAILS)
    def test_another_envelope_leaves_a_detail_to_the_failure(self, name: str) -> None:
        value = sample(ErrorObject.model_fields[name].annotation)
        body = {"error": {"message": "No.", "type": "server_error", name: value}}
        reply = imagewire.translate_response(body, source="chat", target="gemini", status=500)

        assert reply.failure is not None
        assert [((name,), value)] == [(d.path, d.value) for d in reply.failure.details]
