"""The product page's Images interface: its request, reply, error and models, in every direction."""

from __future__ import annotations

import base64
from typing import Any

import msgspec
import pytest

import imagewire
from hub import PNG as PNG_BASE64
from imagewire import Loss, ReplyContext
from product_page import (
    BOTH,
    CAPTION,
    CHAT_LANDSCAPE,
    CHAT_OTTER,
    CHAT_PATH,
    CHAT_REPLY,
    GEMINI_MODELS,
    GEMINI_REPLY,
    GPT_MODELS,
    IMAGES_OTTER,
    IMAGES_PATH,
    IMAGES_REPLY,
    INLINE,
    INVALID_MODEL,
    OTTER,
    answered,
    endpoint,
    error_of,
    forwarded,
    gemini_path,
    refused,
)

#: Asking for one image is asking for none in particular.
SETTINGS = {
    name: IMAGES_OTTER[name] for name in ("size", "quality", "output_compression", "output_format")
}


class TestRequests:
    def test_the_page_s_path_is_a_generation(self) -> None:
        found = endpoint(IMAGES_PATH)
        assert ("images", "generate", None) == (found.format, found.operation, found.model)

    @pytest.mark.parametrize("target", ["images", "native"])
    def test_the_otter_goes_on_as_it_came(self, target: str) -> None:
        path, document = forwarded(IMAGES_OTTER, IMAGES_PATH, target)
        assert IMAGES_PATH == path
        assert IMAGES_OTTER == document

    def test_the_otter_goes_to_chat(self) -> None:
        assert (CHAT_PATH, {**CHAT_OTTER, **SETTINGS}) == forwarded(
            IMAGES_OTTER, IMAGES_PATH, "chat"
        )

    @pytest.mark.parametrize(
        ("model", "size"),
        [
            (GEMINI_MODELS[0], {"aspectRatio": "1:1"}),
            (GEMINI_MODELS[1], {"aspectRatio": "1:1", "imageSize": "1K"}),
            (GEMINI_MODELS[2], {"aspectRatio": "1:1", "imageSize": "1K"}),
        ],
    )
    def test_the_otter_goes_to_a_model_of_gemini(self, model: str, size: Any) -> None:
        translated = imagewire.translate_request(
            msgspec.json.encode(IMAGES_OTTER),
            source=endpoint(IMAGES_PATH),
            target="gemini",
            model=model,
        )
        assert gemini_path(model.removeprefix("google/")) == translated.path
        assert {
            "contents": [{"role": "user", "parts": [{"text": OTTER}]}],
            "generationConfig": {**BOTH, "imageConfig": size},
        } == msgspec.json.decode(bytes(translated.body))
        assert {("$.quality", "setting"), ("$.output_format", "setting")} == {
            (loss.path, loss.level) for loss in translated.losses
        }

    @pytest.mark.parametrize("target", ["images", "native"])
    def test_the_otter_of_chat_goes_to_images(self, target: str) -> None:
        assert (IMAGES_PATH, {"model": "openai/gpt-image-2", "prompt": OTTER}) == forwarded(
            CHAT_OTTER, CHAT_PATH, target
        )

    @pytest.mark.parametrize("model", GPT_MODELS)
    def test_every_model_is_served(self, model: str) -> None:
        body = {**IMAGES_OTTER, "model": model}
        _, document = forwarded(body, IMAGES_PATH, "native")
        assert model == document["model"]
        path, document = forwarded({**CHAT_OTTER, "model": model, "n": 3}, CHAT_PATH, "native")
        assert (IMAGES_PATH, {"model": model, "prompt": OTTER, "n": 3}) == (path, document)

    @pytest.mark.parametrize("name", SETTINGS)
    def test_every_setting_may_be_left_out(self, name: str) -> None:
        body = {key: value for key, value in IMAGES_OTTER.items() if key != name}
        _, document = forwarded(body, IMAGES_PATH, "images")
        assert body == document


def replied(body: Any, source: str, **context: Any) -> tuple[Any, list[Loss]]:
    """The Images reply of an upstream's, and its losses, but those of bookkeeping."""
    translated = imagewire.translate_response(
        msgspec.json.encode(body),
        source=source,
        target="images",
        context=ReplyContext(**context),
        created=1735689600,
    )
    assert 200 == translated.status
    losses = [loss for loss in translated.losses if loss.level != "metadata"]
    return msgspec.json.decode(bytes(translated.body)), losses


#: The page's reply, with the format that its picture's bytes are in.
PNG_REPLY = {**IMAGES_REPLY, "output_format": "png"}
USAGE = {
    "input_tokens": 12,
    "input_tokens_details": {"image_tokens": 0, "text_tokens": 12},
    "output_tokens": 1290,
    "total_tokens": 1302,
}


class TestReplies:
    def test_the_page_s_reply_goes_on_as_it_is(self) -> None:
        assert IMAGES_REPLY == answered(IMAGES_REPLY, "images", "images")

    def test_the_page_s_reply_goes_to_chat(self) -> None:
        document = answered(IMAGES_REPLY, "images", "chat", model="openai/gpt-image-2")
        assert document["choices"][0]["message"].pop("refusal") is None
        assert document.pop("id").startswith("chatcmpl-")
        assert {
            name: CHAT_REPLY[name] for name in CHAT_REPLY if name not in {"id", "usage"}
        } == document

    def test_the_page_s_reply_goes_to_gemini(self) -> None:
        assert {
            "candidates": [
                {"content": {"role": "model", "parts": [INLINE]}, "finishReason": "STOP"}
            ],
            "createTime": "2025-01-01T00:00:00Z",
        } == answered(IMAGES_REPLY, "images", "gemini")

    def test_gemini_s_reply_comes_as_images(self) -> None:
        details = {"image_tokens": 0, "text_tokens": 12}
        document, [loss] = replied(GEMINI_REPLY, "gemini", had_input_images=False)
        assert {**PNG_REPLY, "usage": {**USAGE, "input_tokens_details": details}} == document
        assert ("$.candidates[0].content.parts[1]", "DROPPED", "content") == (
            loss.path,
            loss.kind,
            loss.level,
        )

    @pytest.mark.parametrize("context", [{}, {"had_input_images": True}], ids=["unknown", "edited"])
    def test_the_tokens_of_images_and_text_are_all_text_where_they_are_not_counted(
        self, context: Any
    ) -> None:
        document, _ = replied(GEMINI_REPLY, "gemini", **context)
        assert {**PNG_REPLY, "usage": USAGE} == document

    def test_gemini_s_words_may_be_the_revised_prompt(self) -> None:
        translated = imagewire.translate_response(
            msgspec.json.encode(GEMINI_REPLY),
            source="gemini",
            target="images",
            created=1735689600,
            options=imagewire.Options(images_text="revised_prompt"),
        )
        [item] = msgspec.json.decode(bytes(translated.body))["data"]
        assert {"b64_json": PNG_BASE64, "revised_prompt": CAPTION} == item
        assert {"metadata"} == {loss.level for loss in translated.losses}

    def test_a_chat_reply_comes_as_images(self) -> None:
        details = {"image_tokens": 0, "text_tokens": 12}
        assert (
            {**PNG_REPLY, "usage": {**USAGE, "input_tokens_details": details}},
            [],
        ) == replied(CHAT_REPLY, "chat", had_input_images=False)

    @pytest.mark.parametrize(
        ("body", "source"),
        [(IMAGES_REPLY, "images"), (GEMINI_REPLY, "gemini"), (CHAT_REPLY, "chat")],
        ids=["images", "gemini", "chat"],
    )
    def test_the_page_s_client_code_saves_the_png(self, body: Any, source: str) -> None:
        payload, _ = replied(body, source)
        img_b64 = payload["data"][0]["b64_json"]
        assert base64.b64decode(PNG_BASE64) == base64.b64decode(img_b64, validate=True)


def passed_on(body: bytes, source: str, target: str) -> imagewire.TranslatedResponse:
    return imagewire.translate_response(body, source=source, target=target, status=400)


class TestErrors:
    PAGE = msgspec.json.encode({"error": INVALID_MODEL})

    @pytest.mark.parametrize("source", ["images", "chat"])
    @pytest.mark.parametrize("target", ["images", "chat"])
    def test_the_page_s_error_is_the_same_on_both_faces(self, source: str, target: str) -> None:
        reply = passed_on(self.PAGE, source, target)
        assert ({"error": INVALID_MODEL}, 400, ()) == (
            msgspec.json.decode(bytes(reply.body)),
            reply.status,
            reply.losses,
        )
        assert "false" == reply.headers["x-should-retry"]

    @pytest.mark.parametrize("face", ["images", "chat"])
    def test_the_page_s_error_goes_to_gemini_and_back(self, face: str) -> None:
        there = passed_on(self.PAGE, face, "gemini")
        error = error_of(there)
        assert (400, "Invalid value for 'model'", "INVALID_ARGUMENT") == (
            error["code"],
            error["message"],
            error["status"],
        )
        details = {item["@type"].rpartition(".")[2]: item for item in error["details"]}
        assert ("invalid_model", "openai") == (
            details["ErrorInfo"]["reason"],
            details["ErrorInfo"]["domain"],
        )
        assert "model" == details["BadRequest"]["fieldViolations"][0]["field"]
        assert INVALID_MODEL == error_of(passed_on(bytes(there.body), "gemini", face))

    def test_malformed_json_is_said_in_openai_s_shape(self) -> None:
        assert {
            "message": "body must be valid JSON",
            "type": "invalid_request_error",
            "param": None,
            "code": None,
        } == error_of(refused(b'{"model": ', IMAGES_PATH, "images"))


class TestModels:
    @pytest.mark.parametrize("model", GPT_MODELS)
    @pytest.mark.parametrize(
        ("body", "path"),
        [(IMAGES_OTTER, IMAGES_PATH), (CHAT_OTTER, CHAT_PATH)],
        ids=["images", "chat"],
    )
    def test_a_gpt_model_is_no_model_of_gemini(self, body: Any, path: str, model: str) -> None:
        raw = msgspec.json.encode({**body, "model": model})
        reply = refused(raw, path, "gemini")
        assert INVALID_MODEL == error_of(reply)
        assert "application/json" == reply.headers["content-type"]

    @pytest.mark.parametrize("prefix", ["", "google/"], ids=["bare", "prefixed"])
    @pytest.mark.parametrize("model", GEMINI_MODELS)
    @pytest.mark.parametrize(
        ("body", "path"),
        [(IMAGES_OTTER, IMAGES_PATH), (CHAT_LANDSCAPE, CHAT_PATH)],
        ids=["images", "chat"],
    )
    def test_a_gemini_model_is_no_model_of_images(
        self, body: Any, path: str, model: str, prefix: str
    ) -> None:
        spelled = prefix + model.removeprefix("google/")
        raw = msgspec.json.encode({**body, "model": spelled})
        assert INVALID_MODEL == error_of(refused(raw, path, "images"))

    @pytest.mark.parametrize(
        ("models", "faces"),
        [(GPT_MODELS, {"chat", "images"}), (GEMINI_MODELS, {"chat", "gemini"})],
        ids=["gpt", "gemini"],
    )
    @pytest.mark.parametrize("face", ["chat", "gemini", "images"])
    def test_the_page_s_tables_say_where_a_model_is_served(
        self, models: list[str], faces: set[str], face: str
    ) -> None:
        for model in models:
            assert (face in faces) is imagewire.serves(model, face)
            bare = model.partition("/")[2]
            assert (face in faces) is imagewire.serves(bare, face)

    @pytest.mark.parametrize(
        ("models", "native"), [(GPT_MODELS, "images"), (GEMINI_MODELS, "gemini")]
    )
    def test_each_family_has_one_upstream(self, models: list[str], native: str) -> None:
        assert {native} == {imagewire.native_format(model) for model in models}
