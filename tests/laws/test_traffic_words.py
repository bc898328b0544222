"""The words, settings and counts of today's traffic: each was got wrong once.

Public reports, recorded traffic and fixtures of public projects; the links stand at the rows.
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

import pytest

import imagewire
from hub import PNG
from image_sdks import form_of
from imagewire import Endpoint, FailureKind, Options
from traffic import (
    MODEL,
    PICTURE,
    ask,
    document,
    from_form,
    levels,
    prompt,
    said,
    tell,
)


class TestWordsAndSettings:
    SHAPES = (
        *({"aspect_ratio": "16:9"}, {"aspectRatio": "16:9"}, {"imageSize": "2K"}),
        *({"image_size": "2k"}, {"image_size": "16:9"}, {"image_size": "2752x1536"}),
        {"image_config": {"aspect_ratio": "16:9", "image_size": "2K"}},
        {"imageConfig": {"aspectRatio": "16:9"}},
        {"generationConfig": {"imageConfig": {"aspectRatio": "16:9"}}},
        {"generation_config": {"image_config": {"aspect_ratio": "16:9"}}},
        *(
            {"extra_body": shape}
            for shape in (
                {"aspect_ratio": "16:9"},
                {"image_config": {"aspect_ratio": "16:9"}},
                {"generationConfig": {"imageConfig": {"imageSize": "2K"}}},
                {"google": {"imageConfig": {"aspectRatio": "16:9"}}},
                {"google": {"generation_config": {"image_config": {"aspect_ratio": "16:9"}}}},
            )
        ),
    )

    @pytest.mark.parametrize("fields", SHAPES, ids=str)
    @pytest.mark.parametrize("source", ["chat", "images"])
    def test_a_ratio_and_a_tier_are_carried(self, source: str, fields: Any) -> None:
        """https://github.com/MiXaiLL76/auto_ai_router/issues/99"""
        body = said(**fields) if source == "chat" else prompt(**fields)
        result = ask(body, source, "gemini")
        config = document(result)["generationConfig"]["imageConfig"]

        assert set() < set(config.items()) <= {("aspectRatio", "16:9"), ("imageSize", "2K")}
        assert set() == levels(result)

    def test_a_resolution_is_a_tier(self) -> None:
        result = ask(prompt(resolution="2k", aspect_ratio="16:9"), "images", "gemini")

        assert {"aspectRatio": "16:9", "imageSize": "2K"} == (
            document(result)["generationConfig"]["imageConfig"]
        )

    def test_thinking_stands_in_a_generation_config_too(self) -> None:
        config = {"thinkingConfig": {"thinkingLevel": "high"}, "topK": 4}
        result = ask(said(generationConfig=config), "chat", "gemini")
        written = document(result)["generationConfig"]

        assert ({"thinkingLevel": "HIGH"}, 4) == (written["thinkingConfig"], written["topK"])

    @pytest.mark.parametrize(
        "field",
        [
            ("aspect_ratio", b"16:9"),
            ("image_config[aspect_ratio]", b"16:9"),
            ("image_config", b'{"aspect_ratio": "16:9"}'),
            ("extra_body", b'{"google": {"image_config": {"aspect_ratio": "16:9"}}}'),
        ],
        ids=str,
    )
    def test_a_form_s_shape_is_carried(self, field: tuple[str, bytes]) -> None:
        result = from_form((*field, None), ("image", b"GIF89a", "a"))

        assert "16:9" == document(result)["generationConfig"]["imageConfig"]["aspectRatio"]

    def test_a_form_s_shape_goes_back_where_it_stood(self) -> None:
        fields = (("aspect_ratio", b"16:9", None), ("image", b"GIF89a", "a"))
        result = form_of(from_form(*fields, target="images"))

        assert "16:9" == dict(result.fields)["aspect_ratio"]
        assert "size" not in dict(result.fields)

    def test_a_choice_that_is_an_error_is_a_failure(self) -> None:
        """https://github.com/pydantic/pydantic-ai/issues/2844"""
        error = {"code": 502, "message": "Provider returned error"}
        choice = {"finish_reason": "error", "error": error, "message": {"content": ""}}
        for target in imagewire.FORMATS:
            result = tell({"id": "1", "choices": [choice]}, "chat", target)

            assert result.status >= 500
            assert (error["message"], True) == (result.failure.message, result.failure.retryable)

    def test_a_choice_without_a_message_may_be_blocked(self) -> None:
        body = {
            "choices": [{"finish_reason": "content_filter", "content_filter_results": {"a": 1}}]
        }

        assert FailureKind.CONTENT_BLOCKED == tell(body, "chat", "images").failure.kind
        assert "SAFETY" == document(tell(body, "chat", "gemini"))["candidates"][0]["finishReason"]

    def test_a_picture_alone_is_what_the_images_api_makes(self) -> None:
        for names in (["IMAGE"], ["TEXT", "IMAGE"]):
            body = {"contents": [{"parts": [{"text": "a"}]}]}
            body["generationConfig"] = {"responseModalities": names}  # type: ignore[assignment]
            assert () == ask(body, "gemini", "images").losses

        with pytest.raises(imagewire.UnsupportedError) as caught:
            ask(said(modalities=["text"]), "chat", "images")

        assert "modalities" == caught.value.param

    def test_only_gpt_image_goes_without_a_response_format(self) -> None:
        for model, kept in (("grok-imagine-image", "b64_json"), ("gpt-image-2", None)):
            body = prompt(model=model, response_format="b64_json")
            written = document(ask(body, "images", "images", model=None))

            assert kept == written.get("response_format")

    def test_an_images_reply_may_name_its_model(self) -> None:
        body = {"created": 1, "model": "gpt-image-2", "data": [{"b64_json": PNG}]}
        context = imagewire.ReplyContext(model="openai/gpt-image-2")

        assert ("gpt-image-2", ()) == (
            document(tell(body, "images", "chat"))["model"],
            tell(body, "images", "chat").losses,
        )
        again = document(tell(body, "images", "images", context=context))
        assert "openai/gpt-image-2" == again["model"]

    def test_an_empty_text_with_a_signature_is_no_lost_text(self) -> None:
        """https://github.com/vercel/ai/issues/12410"""
        parts = [PICTURE, {"text": "", "thoughtSignature": "AAAA"}]
        body = {"candidates": [{"content": {"parts": parts}}]}
        for target, options in (
            ("images", Options()),
            ("images", Options(images_text="revised_prompt")),
            ("chat", Options(chat_images="message")),
            ("chat", Options(chat_images="markdown")),
            ("chat", Options(chat_extensions=False)),
        ):
            assert set() == levels(tell(body, "gemini", target, options=options)), options


class TestCounts:
    GIVEN: ClassVar[dict[str, int]] = {
        "prompt_tokens": 10,
        "completion_tokens": 100,
        "total_tokens": 110,
    }

    def test_either_spelling_is_read(self) -> None:
        """https://github.com/BerriAI/litellm/issues/34908"""
        body = {"data": [{"b64_json": PNG}], "usage": self.GIVEN}

        assert self.GIVEN == document(tell(body, "images", "chat"))["usage"]

    @pytest.mark.parametrize("usage", [{"cost": 1}, {"generated_images": 1}, {}], ids=str)
    @pytest.mark.parametrize("target", ["chat", "gemini"])
    def test_what_counts_nothing_is_no_usage(self, usage: Any, target: str) -> None:
        found = document(tell({"data": [{"b64_json": PNG}], "usage": usage}, "images", target))

        assert {"usage", "usageMetadata"}.isdisjoint(found)

    def test_a_total_alone_is_no_usage_of_chat(self) -> None:
        body = {"data": [{"b64_json": PNG}], "usage": {"total_tokens": 1066}}
        result = tell(body, "images", "chat")

        assert "usage" not in document(result)
        assert "token counts (total 1066)" in str(result.losses)
        assert {"totalTokenCount": 1066} == document(tell(body, "images", "gemini"))[
            "usageMetadata"
        ]

    def test_half_a_usage_of_chat_is_none_of_gemini(self) -> None:
        body = {"choices": [{"message": {"content": "a"}}], "usage": {"prompt_tokens": 5}}

        assert "usageMetadata" not in document(tell(body, "chat", "gemini"))

    def test_a_zero_that_does_not_add_up_is_written(self) -> None:
        usage = {"prompt_tokens": 0, "completion_tokens": 5, "total_tokens": 9}
        body = {"choices": [{"message": {"content": "a"}}], "usage": usage}

        assert {"promptTokenCount": 0, "candidatesTokenCount": 5, "totalTokenCount": 9} == (
            document(tell(body, "chat", "gemini"))["usageMetadata"]
        )

    def test_details_are_always_whole(self) -> None:
        counts = {"promptTokenCount": 12, "candidatesTokenCount": 3, "totalTokenCount": 15}
        counts["promptTokensDetails"] = [{"modality": "TEXT", "tokenCount": 12}]  # type: ignore[assignment]
        body = {"candidates": [{"content": {"parts": [PICTURE]}}], "usageMetadata": counts}

        assert {"cached_tokens": 0, "text_tokens": 12} == (
            document(tell(body, "gemini", "chat"))["usage"]["prompt_tokens_details"]
        )

    def test_cached_tokens_of_an_images_reply_are_carried(self) -> None:
        usage = {"input_tokens": 5, "output_tokens": 6, "cached_tokens": 3}
        found = document(tell({"data": [{"b64_json": PNG}], "usage": usage}, "images", "chat"))

        assert 3 == found["usage"]["prompt_tokens_details"]["cached_tokens"]

    def test_of_several_calls_a_count_is_known_if_all_state_it(self) -> None:
        first = {"data": [{"b64_json": PNG}], "usage": {"input_tokens": 5, "output_tokens": 6}}
        second = {"data": [{"b64_json": PNG}], "usage": {"output_tokens": 6, "total_tokens": 9}}
        replies = [imagewire.Reply(first), imagewire.Reply(second)]
        merged = imagewire.translate_responses(replies, source="images", target="gemini")

        assert {"candidatesTokenCount": 12, "totalTokenCount": 20} == (
            document(merged)["usageMetadata"]
        )


class TestInvented:
    def test_no_id_gets_a_prefix_that_nobody_wrote(self) -> None:
        endpoint = Endpoint("gemini", "generate", "gpt-image-2")
        result = ask({"contents": [{"parts": [{"text": "a"}]}]}, endpoint, "native", model=None)

        assert "gpt-image-2" == document(result)["model"]

    @pytest.mark.parametrize("name", ["SOMETHING_NEW", "IMAGE_LIMIT"])
    def test_two_hops_say_what_one_hop_says(self, name: str) -> None:
        body = {"candidates": [{"content": {"parts": [{"text": "a"}]}, "finishReason": name}]}
        there = tell(body, "gemini", "chat")
        direct, around = tell(body, "gemini", "images"), tell(document(there), "chat", "images")

        assert FailureKind.NO_IMAGE == direct.failure.kind == around.failure.kind
        assert (
            name
            == document(tell(document(there), "chat", "gemini"))["candidates"][0]["finishReason"]
        )

    @pytest.mark.parametrize("parts", [[], [{"functionCall": {"name": "f"}}]], ids=str)
    def test_an_emptied_turn_is_left_out(self, parts: Any) -> None:
        contents = [
            {"role": "user", "parts": [{"text": "a"}]},
            {"role": "model", "parts": parts},
            {"role": "user", "parts": [{"text": "b"}]},
        ]
        found = document(ask({"contents": contents}, "gemini", "chat", model=MODEL))

        assert ["user", "user"] == [message["role"] for message in found["messages"]]

    def test_unknown_bytes_are_told_of_once(self) -> None:
        body = {"created": 1, "data": [{"b64_json": "AAAA"}]}

        assert ["missing_media_type"] == [x.code for x in tell(body, "images", "images").losses]


class TestRefusedThoughRight:
    def test_one_value_is_a_list_of_one(self) -> None:
        """https://github.com/QuantumNous/new-api/issues/1566, and Google's own tutorials"""
        body = {
            "contents": {"role": "USER", "parts": {"text": "x", "note": 1}},
            "generation_config": {"response_modalities": "TEXT", "stop_sequences": "END"},
            "safety_settings": {"category": "A", "threshold": "OFF"},
            "system_instruction": {"parts": {"text": "s"}},
        }
        result = ask(body, "gemini", "chat", model=MODEL)
        found = document(result)

        assert ["s", "x"] == [message["content"] for message in found["messages"]]
        assert (["END"], ["text"]) == (found["stop"], found["modalities"])
        assert {("setting", "$.contents.parts.note")} == levels(result)

    def test_one_candidate_is_a_list_of_one(self) -> None:
        body = {"candidates": {"content": {"role": "MODEL", "parts": PICTURE}}}

        assert [PNG] == [x["b64_json"] for x in document(tell(body, "gemini", "images"))["data"]]

    def test_a_generation_without_a_model_is_the_api_s_to_serve(self) -> None:
        body = {"prompt": "p", "n": 1, "size": "256x256"}

        assert body == document(ask(body, "images", "images", model=None))
        with pytest.raises(imagewire.InvalidModelError, match="no model was named"):
            ask(body, "images", "gemini", model=None)

    def test_a_list_of_one_error_is_a_failure(self) -> None:
        error = {"code": 429, "message": "Slow down.", "status": "RESOURCE_EXHAUSTED"}

        assert FailureKind.RATE_LIMIT == tell([{"error": error}], "gemini", "chat").failure.kind

    @pytest.mark.parametrize(
        ("odd", "clear"), [("iVBORw0KGgp", "iVBORw0KGgo="), ("R0lGODlhAf==", "R0lGODlhAQ==")]
    )
    def test_spare_bits_of_base64_are_cleared(self, odd: str, clear: str) -> None:
        """google-genai refuses them."""
        for target in imagewire.FORMATS:
            result = tell({"created": 1, "data": [{"b64_json": odd}]}, "images", target)

            assert clear in bytes(result.body).decode()

    def test_spare_bits_of_a_large_picture_are_cleared(self) -> None:
        large = PNG[:12] + "A" * 400_000
        body = json.dumps({"created": 1, "data": [{"b64_json": f"{large}AAB="}]}).encode()
        result = imagewire.translate_response(body, source="images", target="images")

        assert f"{large}AAA=" == document(result)["data"][0]["b64_json"]
