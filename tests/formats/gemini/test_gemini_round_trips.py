"""Gemini replies on the way through chat: usage, drafts, unknown fields, and back again."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

import hub
import imagewire
from bodies import document
from hub import GIF, PNG, PNG_URI, SIGNATURE
from imagewire import gemini
from imagewire.loss import METADATA, LossKind
from imagewire.model import ImageSettings, ModalityCount, Usage

K = LossKind
INLINE = {"inlineData": {"mimeType": "image/png", "data": PNG}}
STILL = {"inlineData": {"mimeType": "image/gif", "data": GIF}}
KNOWN = imagewire.ReplyContext(model="m")


def reply(*parts: dict[str, Any], **fields: Any) -> dict[str, Any]:
    candidate = {"content": {"role": "model", "parts": list(parts)}, "finishReason": "STOP"}
    return {"candidates": [candidate], **fields}


def translated(body: Any, target: str, source: str = "gemini", **fields: Any) -> Any:
    return imagewire.translate_response(
        body, source=source, target=target, created=1, context=KNOWN, **fields
    )


def content(result: imagewire.TranslatedResponse) -> Any:
    return document(result)["choices"][0]["message"]["content"]


class TestUsage:
    @pytest.mark.parametrize(
        ("usage", "expected"),
        [
            pytest.param({}, None, id="empty"),
            pytest.param(
                {"promptTokenCount": 3},
                Usage(prompt=3, candidates=0, total=3),
                id="zeros-are-left-out",
            ),
            pytest.param(
                {"totalTokenCount": 1066}, Usage(total=1066), id="what-does-not-add-up-is-unknown"
            ),
            pytest.param(
                {"promptTokenCount": "3", "candidatesTokenCount": 4.0, "totalTokenCount": "9"},
                Usage(prompt=3, candidates=4, total=9),
                id="a-stated-total",
            ),
            pytest.param(
                {
                    "promptTokenCount": 1,
                    "toolUsePromptTokenCount": 2,
                    "candidatesTokenCount": 3,
                    "thoughtsTokenCount": 4,
                    "cachedContentTokenCount": 1,
                },
                Usage(prompt=1, tool_use=2, candidates=3, thoughts=4, cached=1, total=10),
                id="the-sum",
            ),
            pytest.param(
                {
                    "candidatesTokensDetails": [
                        {"modality": "image", "tokenCount": 5},
                        {"modality": "TEXT"},
                        {"tokenCount": 3},
                    ],
                    "cacheTokensDetails": None,
                },
                Usage(candidates_details=(ModalityCount(modality="IMAGE", tokens=5),)),
                id="details",
            ),
        ],
    )
    def test_counts_are_google_s(self, usage: Any, expected: Usage) -> None:
        value = gemini.read_response(reply(INLINE, usageMetadata=usage)).value

        assert expected == value.usage

    def test_absent_usage_stays_absent(self) -> None:
        body = reply(INLINE, usageMetadata=None)

        assert gemini.read_response(body).value.usage is None
        assert "usage" not in document(translated(body, "chat"))
        assert body == document(translated(body, "gemini"))

    def test_gemini_gets_all_of_it_back(self) -> None:
        count = [{"modality": "TEXT", "tokenCount": 1}]
        usage = {
            "promptTokenCount": 1,
            "toolUsePromptTokenCount": 2,
            "cachedContentTokenCount": 1,
            "candidatesTokenCount": 3,
            "thoughtsTokenCount": 4,
            "totalTokenCount": 10,
            "promptTokensDetails": count,
            "cacheTokensDetails": count,
            "toolUsePromptTokensDetails": count,
            "candidatesTokensDetails": count,
            "trafficType": "ON_DEMAND",
            "newCount": 5,
        }
        body = reply(INLINE, usageMetadata=usage)
        result = translated(body, "gemini")

        assert (body, ()) == (document(result), result.losses)

    def test_chat_counts_tool_use_as_prompt_and_thoughts_as_completion(self) -> None:
        usage = {
            "promptTokenCount": 10,
            "toolUsePromptTokenCount": 2,
            "candidatesTokenCount": 30,
            "thoughtsTokenCount": 4,
            "totalTokenCount": 46,
            "trafficType": "ON_DEMAND",
        }
        result = translated(reply(INLINE, usageMetadata=usage), "chat")
        found = document(result)["usage"]

        assert (12, 34, 46) == (
            found["prompt_tokens"],
            found["completion_tokens"],
            found["total_tokens"],
        )
        assert 4 == found["completion_tokens_details"]["reasoning_tokens"]
        assert () == result.losses

    @pytest.mark.parametrize(
        ("key", "name"),
        [("usageMetadata", "newCount"), ("usage_metadata", "new_count")],
    )
    def test_an_unknown_count_is_reported_towards_chat(self, key: str, name: str) -> None:
        result = translated(reply(INLINE, **{key: {name: 5}}), "chat")

        assert [(K.DROPPED, METADATA, f"$.{key}.{name}")] == [
            (loss.kind, loss.level, loss.path) for loss in result.losses
        ]


class TestDrafts:
    BODY = reply({"text": "hm", "thought": True}, {**INLINE, "thought": True}, STILL)

    def test_gemini_keeps_them(self) -> None:
        result = translated(self.BODY, "gemini")

        assert (self.BODY, ()) == (document(result), result.losses)

    def test_chat_leaves_them_out_and_says_so(self) -> None:
        result = translated(self.BODY, "chat")

        assert 1 == len(content(result))
        assert content(result)[0]["image_url"]["url"].startswith("data:image/gif;")
        assert {
            (K.DROPPED, "$.candidates[0].content.parts[0]"),
            (K.DROPPED, "$.candidates[0].content.parts[1]"),
        } == {(loss.kind, loss.path) for loss in result.losses}

    def test_if_only_drafts_came_the_last_one_is_the_image(self) -> None:
        body = reply({**STILL, "thought": True}, {**INLINE, "thought": True}, {"text": "Done."})
        result = translated(body, "chat")

        assert PNG_URI == content(result)[0]["image_url"]["url"]
        assert (K.APPROXIMATED, "$.candidates[0].content.parts[1]") in [
            (loss.kind, loss.path) for loss in result.losses
        ]

    def test_chat_keeps_them_if_asked(self) -> None:
        """And gives them back with their marks."""
        keep = imagewire.Options(keep_drafts=True)
        there = translated(self.BODY, "chat", options=keep)
        back = translated(bytes(there.body), "gemini", source="chat", options=keep)

        assert () == there.losses
        assert self.BODY["candidates"] == document(back)["candidates"]


class TestUnknownFields:
    CANDIDATE: ClassVar[dict[str, Any]] = {
        **reply({**INLINE, "partMetadata": {"a": 1}})["candidates"][0],
        "safetyRatings": [{"category": "A"}],
        "groundingMetadata": {"webSearchQueries": ["fox"]},
        "avgLogprobs": -0.5,
        "tokenCount": 3,
    }
    BODY: ClassVar[dict[str, Any]] = {
        "candidates": [CANDIDATE],
        "modelStatus": {"a": 1},
        "newField": {"b": 2},
    }

    def test_gemini_gets_them_back(self) -> None:
        result = translated(self.BODY, "gemini")

        assert (self.BODY, ()) == (document(result), result.losses)

    def test_chat_reports_all_but_bookkeeping(self) -> None:
        assert {
            "$.candidates[0].content.parts[0].partMetadata",
            "$.candidates[0].groundingMetadata",
            "$.newField",
        } == {loss.path for loss in translated(self.BODY, "chat").losses}

    def test_a_foreign_part_of_an_answer_is_dropped_towards_chat(self) -> None:
        """Nobody asked for it, so nothing is refused."""
        result = translated(reply({"executableCode": {"code": "1"}}, INLINE), "chat")

        assert ["$.candidates[0].content.parts[0]"] == [loss.path for loss in result.losses]
        assert [PNG_URI] == [part["image_url"]["url"] for part in content(result)]

    def test_what_openai_says_of_its_pictures_is_reported(self) -> None:
        response = hub.response(image=ImageSettings(quality="high"))
        outcome = gemini.write_response(response)

        assert ["$.image.quality"] == [loss.path for loss in outcome.losses]


class TestThroughChat:
    BODY = reply(
        {"text": "One.", "thoughtSignature": SIGNATURE},
        {**INLINE, "thoughtSignature": SIGNATURE},
        {"text": "Two."},
        {"fileData": {"mimeType": "image/webp", "fileUri": "gs://b/otter.webp"}},
        modelVersion="gemini-3-pro-image-preview",
        responseId="r1",
        createTime="2026-07-11T15:14:35Z",
        usageMetadata={"promptTokenCount": 3, "candidatesTokenCount": 4, "totalTokenCount": 7},
    )

    @pytest.mark.parametrize("style", ["parts", "message"])
    def test_everything_comes_back(self, style: Any) -> None:
        """Without a loss what comes back is equal."""
        options = imagewire.Options(chat_images=style)
        body = self.BODY if style == "parts" else reply({"text": "One."}, *_images(self.BODY))
        there = imagewire.translate_response(
            body, source="gemini", target="chat", options=options, created=1, response_id="r1"
        )
        back = translated(bytes(there.body), "gemini", source="chat", options=options)

        assert [] == [loss for loss in there.losses if loss.path != "$.modelVersion"]
        assert body["candidates"] == document(back)["candidates"]
        assert body.get("usageMetadata") == document(back).get("usageMetadata")

    def test_bookkeeping_comes_back(self) -> None:
        there = imagewire.translate_response(self.BODY, source="gemini", target="chat")
        back = document(translated(bytes(there.body), "gemini", source="chat"))

        assert self.BODY == back

    def test_a_chat_reply_goes_to_gemini_and_back(self) -> None:
        body: dict[str, Any] = {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1735689600,
            "model": "gemini-3-pro-image-preview",
            "choices": [
                {
                    "index": 0,
                    "message": {
                        "role": "assistant",
                        "content": [
                            {"type": "text", "text": "Here."},
                            {"type": "image_url", "image_url": {"url": PNG_URI}},
                        ],
                        "refusal": None,
                    },
                    "logprobs": None,
                    "finish_reason": "stop",
                }
            ],
            "usage": {"prompt_tokens": 12, "completion_tokens": 1290, "total_tokens": 1302},
        }
        there = translated(body, "gemini", source="chat")
        back = imagewire.translate_response(
            bytes(there.body),
            source="gemini",
            target="chat",
            context=imagewire.ReplyContext(model="gemini-3-pro-image-preview"),
        )
        found = document(back)

        assert () == there.losses
        assert (body["id"], body["created"], body["model"]) == (
            found["id"],
            found["created"],
            found["model"],
        )
        assert body["choices"][0]["message"]["content"] == content(back)
        assert body["usage"] == {
            name: found["usage"][name]
            for name in ("prompt_tokens", "completion_tokens", "total_tokens")
        }


def _images(body: dict[str, Any]) -> list[Any]:
    parts = body["candidates"][0]["content"]["parts"]
    return [part for part in parts if "text" not in part]


class TestErrorsUnderSuccess:
    @pytest.mark.parametrize("target", imagewire.FORMATS)
    def test_a_body_with_an_error_is_a_failure(self, target: str) -> None:
        """The status is the body's."""
        body = {"error": {"code": 429, "message": "Slow down.", "status": "RESOURCE_EXHAUSTED"}}
        result = translated(body, target)

        assert (429, "Slow down.") == (result.status, document(result)["error"]["message"])
        assert result.failure is not None
        assert ("rate_limit", True) == (result.failure.kind, result.failure.retryable)

    @pytest.mark.parametrize("error", [None, {}, False, ""])
    def test_an_error_that_says_nothing_is_absent(self, error: Any) -> None:
        body = reply(INLINE, responseId="r")
        result = translated({**body, "error": error}, "gemini")

        assert (body, None) == (document(result), result.failure)
