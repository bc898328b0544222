"""Replies from one format to another: what counts as a reply, several calls, errors."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

import imagewire
from bodies import document
from cases import FAILURES, RESPONSES, Case
from hub import GIF, PNG
from imagewire import Failure, FailureKind, Reply
from imagewire.loss import CONTENT, LossKind

K = LossKind
BUSY = {"error": {"code": 503, "message": "Too busy.", "status": "UNAVAILABLE"}}


def inline(data: str = PNG) -> dict[str, Any]:
    return {"inlineData": {"mimeType": "image/png" if data == PNG else "image/gif", "data": data}}


def answer(*parts: dict[str, Any], **fields: Any) -> dict[str, Any]:
    candidate = {"content": {"role": "model", "parts": list(parts or [inline()])}}
    return {"candidates": [{**candidate, "finishReason": "STOP"}], **fields}


def one(body: Any, target: str = "chat", source: str = "gemini", **fields: Any) -> Any:
    return imagewire.translate_response(body, source=source, target=target, **fields)


def many(*replies: Any, target: Any = "gemini", **fields: Any) -> imagewire.TranslatedResponse:
    return imagewire.translate_responses(
        [item if isinstance(item, Reply | Failure) else Reply(item) for item in replies],
        source="gemini",
        target=target,
        **fields,
    )


def losses(reply: imagewire.TranslatedResponse) -> list[tuple[LossKind, str]]:
    return [(loss.kind, loss.path) for loss in reply.losses]


def timeout(**fields: Any) -> Failure:
    known = {"kind": FailureKind.TIMEOUT, "message": "no answer", "status": 504, "retryable": True}
    return Failure(**{**known, **fields})


class TestWhatCountsAsAReply:
    @pytest.mark.parametrize("target", imagewire.FORMATS)
    @pytest.mark.parametrize("status", [200, 201, 206, 299])
    def test_a_2xx_with_an_answer_is_a_success(self, status: int, target: str) -> None:
        """Always written as 200."""
        reply = one(answer(), target, status=status)

        assert (200, None) == (reply.status, reply.failure)
        assert {"content-type": "application/json"} == reply.headers

    @pytest.mark.parametrize("status", [100, 101, 300, 301, 304, 399])
    def test_neither_success_nor_error_is_malformed(self, status: int) -> None:
        with pytest.raises(imagewire.MalformedError) as caught:
            one(answer(), status=status)

        assert 502 == caught.value.status

    @pytest.mark.parametrize("source", imagewire.FORMATS)
    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"   ",
            b"<html>Bad</html>",
            b"[]",
            b'"ok"',
            b"null",
            b"{}",
            b"\xff",
        ],
    )
    def test_a_2xx_of_anything_else_is_malformed(self, body: bytes, source: str) -> None:
        with pytest.raises(imagewire.MalformedError) as caught:
            one(body, source=source)

        assert 502 == caught.value.status

    @pytest.mark.parametrize("source", imagewire.FORMATS)
    @pytest.mark.parametrize("status", [400, 404, 418, 429, 499, 500, 503, 599])
    @pytest.mark.parametrize("body", [b"", b"<html>Bad</html>", b"{}"], ids=["none", "html", "{}"])
    def test_4xx_and_5xx_are_failures_whatever_their_body(
        self, body: bytes, status: int, source: str
    ) -> None:
        """Outside the table they keep their class."""
        reply = one(body, source=source, status=status)

        assert reply.failure is not None
        assert (status, status) == (reply.failure.status, reply.status)

    def test_a_mapping_that_is_no_json_has_no_words(self) -> None:
        reply = one({"error": {"message": object()}}, status=400)

        assert reply.failure is not None
        assert "HTTP status 400" in reply.failure.message

    @pytest.mark.parametrize(
        ("source", "body", "status"),
        [
            ("gemini", BUSY, 503),
            ("gemini", {"error": {"message": "Odd."}}, 500),
            ("chat", {"error": {"message": "Slow.", "code": "rate_limit_exceeded"}}, 429),
            ("chat", {"error": {"message": "No.", "type": "invalid_request_error"}}, 400),
            ("chat", {"error": "Odd."}, 500),
        ],
    )
    def test_an_error_under_2xx_is_a_failure(self, source: str, body: Any, status: int) -> None:
        """Google's ``code``, or the row of the type and code, else 500."""
        assert [status] * 2 == [one(body, t, source).status for t in ("chat", "gemini")]

    @pytest.mark.parametrize("target", imagewire.FORMATS)
    @pytest.mark.parametrize("case", RESPONSES + FAILURES, ids=str)
    def test_every_kind_of_body_gives_the_same(self, case: Case, target: str) -> None:
        body = case.body
        bodies = [
            body.decode(),
            bytearray(body),
            memoryview(body),
            memoryview(b"".join(bytes([byte, 0]) for byte in body))[::2],
            msgspec.json.decode(body),
        ]
        if isinstance(bodies[-1], list):  # no mapping
            bodies.pop()
        expected = one(body, target, case.format, status=case.status)

        assert [expected] * len(bodies) == [
            one(item, target, case.format, status=case.status) for item in bodies
        ]


class TestOne:
    @pytest.mark.parametrize(
        "reply",
        [
            Reply(answer()),
            Reply(BUSY, 503),
            Reply(BUSY),
            Reply({"promptFeedback": {"blockReason": "OTHER"}}),
        ],
        ids=["answer", "failure", "error-under-200", "refusal"],
    )
    @pytest.mark.parametrize("target", imagewire.FORMATS)
    def test_one_reply_gives_what_translate_response_gives(self, reply: Reply, target: str) -> None:
        expected = one(reply.body, target, status=reply.status, created=1)

        assert expected == many(reply, target=target, created=1)

    def test_a_malformed_one_raises(self) -> None:
        with pytest.raises(imagewire.MalformedError) as caught:
            many(b"nope")

        assert 502 == caught.value.status

    def test_none_is_a_wrong_argument(self) -> None:
        with pytest.raises(ValueError, match="no replies"):
            many()

    @pytest.mark.parametrize("target", ["telegram", "native"])
    def test_an_unknown_target_is_a_wrong_argument(self, target: str) -> None:
        with pytest.raises(ValueError, match=target):
            many(answer(), target=target)

    def test_what_the_reply_does_not_say_comes_from_the_caller(self) -> None:
        context = imagewire.ReplyContext(model="google/m")
        found = document(one(answer(), created=7, response_id="mine", context=context))

        assert ("google/m", 7, "mine") == (found["model"], found["created"], found["id"])

    def test_what_nobody_says_is_defaulted(self) -> None:
        """The id is never random."""
        reply = one(answer())

        assert ("", 0, document(one(answer()))["id"]) == (
            document(reply)["model"],
            document(reply)["created"],
            document(reply)["id"],
        )
        assert {K.DEFAULTED} == {loss.kind for loss in reply.losses}


class TestSuccesses:
    def test_replies_of_one_candidate_become_one(self) -> None:
        """Parts in call order, usage summed, id and time of the first."""
        usage = {"promptTokenCount": 1, "candidatesTokenCount": 2, "totalTokenCount": 3}
        times = [f"2026-01-01T00:00:0{second}Z" for second in (1, 2)]
        replies = [
            answer(inline(data), usageMetadata=usage, responseId=f"r{time}", createTime=time)
            for data, time in zip((PNG, GIF), times, strict=True)
        ]
        reply = many(*replies)

        assert answer(
            inline(PNG),
            inline(GIF),
            usageMetadata={name: 2 * number for name, number in usage.items()},
            responseId=f"r{times[0]}",
            createTime=times[0],
        ) == document(reply)
        assert () == reply.losses

    def test_chat_gets_one_choice(self) -> None:
        choices = document(many(answer(), answer(inline(GIF)), target="chat"))["choices"]

        assert [2] == [len(choice["message"]["content"]) for choice in choices]

    def test_a_loss_points_into_its_reply(self) -> None:
        """``$[1]`` is the second reply; readers' and writers' losses alike."""
        second = answer(
            {"text": "a", "partMetadata": {"b": 1}},
            {"inline_data": {"mime_type": "image/png", "data": GIF}},
            {**inline(), "thought": True},
        )
        reply = many(answer(), second, target="chat", created=1)

        assert {
            (K.DROPPED, "$[1].candidates[0].content.parts[0].partMetadata"),
            (K.CORRECTED, "$[1].candidates[0].content.parts[1].inline_data.mime_type"),
            (K.DROPPED, "$[1].candidates[0].content.parts[2]"),
        } <= set(losses(reply))

    def test_replies_of_several_candidates_stand_side_by_side(self) -> None:
        two = {"candidates": answer()["candidates"] * 2}
        extra = answer({"text": "x", "partMetadata": {"b": 1}}, inline())
        reply = many(two, extra, target="chat", created=1)

        assert 3 == len(document(reply)["choices"])
        assert (K.DROPPED, "$[1].candidates[0].content.parts[0].partMetadata") in losses(reply)


class TestPartialFailures:
    @pytest.mark.parametrize(
        ("other", "words"),
        [
            pytest.param(Reply(BUSY, 503), "Too busy.", id="failed"),
            pytest.param(Reply(BUSY), "Too busy.", id="error-under-200"),
            pytest.param(timeout(), "no answer", id="the-caller-s"),
            pytest.param(Reply(b"nope"), "", id="malformed"),
            pytest.param(Reply(answer(), 302), "302", id="redirect"),
            pytest.param(
                Reply({"candidates": [{"finishReason": "IMAGE_SAFETY", "finishMessage": "No."}]}),
                "No.",
                id="refused",
            ),
            pytest.param(
                Reply({"promptFeedback": {"blockReason": "OTHER"}}), "OTHER", id="blocked"
            ),
        ],
    )
    def test_pictures_are_kept_and_the_failed_call_is_reported(
        self, other: Reply | Failure, words: str
    ) -> None:
        reply = many(answer(), other, answer(inline(GIF)))

        assert (200, None) == (reply.status, reply.failure)
        assert answer(inline(), inline(GIF)) == document(reply)
        assert [(K.DROPPED, CONTENT, "$[1]")] == [(x.kind, x.level, x.path) for x in reply.losses]
        assert words in reply.losses[0].detail

    def test_a_call_without_a_picture_is_reported(self) -> None:
        reply = many(timeout(), answer(), answer({"text": "Sorry."}))

        assert [(K.DROPPED, "$[0]"), (K.DROPPED, "$[2]")] == losses(reply)


class TestAllFailed:
    @pytest.mark.parametrize("target", imagewire.FORMATS)
    def test_retryable_goes_before_permanent(self, target: str) -> None:
        """With the longest ``retry_after`` of any."""
        denied = {"error": {"code": 403, "message": "No.", "status": "PERMISSION_DENIED"}}
        reply = many(
            Reply(denied, 403),
            Reply(BUSY, 503, {"Retry-After": "2"}),
            Reply(BUSY, 503, [("retry-after-ms", "9500")]),
            b"nope",
            target=target,
        )

        assert 503 == reply.status
        assert reply.failure is not None
        assert (FailureKind.UNAVAILABLE, 9.5) == (reply.failure.kind, reply.failure.retry_after)

    def test_else_the_first(self) -> None:
        denied = {"error": {"code": 403, "message": "No.", "status": "PERMISSION_DENIED"}}
        reply = many(Reply(denied, 403), Reply(b"", 404))

        assert 403 == reply.status

    def test_refusals_are_no_failed_calls(self) -> None:
        """The first refusal speaks, in the format's own way."""
        refused = {"promptFeedback": {"blockReason": "SAFETY"}}
        reply = many(timeout(), refused, refused)

        assert (200, refused, None) == (reply.status, document(reply), reply.failure)


class TestRequestIds:
    @pytest.mark.parametrize("target", imagewire.FORMATS)
    def test_a_success_carries_the_upstreams_request_id(self, target: str) -> None:
        """Support asks for it: an error had it already."""
        body = {"created": 1, "data": [{"b64_json": PNG}]}
        headers = {"X-Request-ID": "req_1", "set-cookie": "a=b"}
        reply = imagewire.translate_response(body, source="images", target=target, headers=headers)

        assert {"content-type": "application/json", "x-request-id": "req_1"} == reply.headers

    def test_of_several_replies_it_is_the_first_ones_that_made_a_picture(self) -> None:
        body = {"created": 1, "data": [{"b64_json": PNG}]}
        replies = [
            imagewire.Reply(b"{}", 500, {"x-request-id": "failed"}),
            imagewire.Reply(body, 200, {"request-id": "good"}),
            imagewire.Reply(body, 200, {"x-request-id": "later"}),
        ]
        merged = imagewire.translate_responses(replies, source="images", target="chat")

        assert "good" == merged.headers["x-request-id"]
