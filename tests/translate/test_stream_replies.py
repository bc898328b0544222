"""Streams as whole replies: folded into one, refused, or told of an error that came first."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

import hub
import imagewire
from events import message_of, sent
from imagewire import Failure, FailureKind, ReplyContext
from imagewire.translate import replay
from streamed import CONTEXT, CUT_OFF, PNG_PART, STREAMS, piece

FACES = list(imagewire.FORMATS)


class TestRenderedErrors:
    FAILURE = Failure(kind=FailureKind.TIMEOUT, message="too late", status=504, retryable=True)

    @pytest.mark.parametrize("target", FACES)
    def test_in_a_stream_that_has_begun(self, target: str) -> None:
        reply = imagewire.render_error(self.FAILURE, target=target, context=CONTEXT, begun=True)

        assert (200, "text/event-stream") == (reply.status, reply.headers["content-type"])
        assert "too late" == message_of(bytes(reply.body))
        assert self.FAILURE == reply.failure

    def test_in_an_array(self) -> None:
        context = ReplyContext(stream="array")

        reply = imagewire.render_error(self.FAILURE, target="gemini", context=context, begun=True)

        [error] = msgspec.json.decode(bytes(reply.body))
        assert "application/json" == reply.headers["content-type"]
        assert 504 == error["error"]["code"]


class TestWholeReplies:
    def test_failed_calls_are_an_event_when_the_stream_has_begun(self) -> None:
        late = TestRenderedErrors.FAILURE

        reply = imagewire.translate_responses(
            [late, late], source="gemini", target="images", context=CONTEXT, begun=True
        )

        assert (200, "too late") == (reply.status, message_of(bytes(reply.body)))

    @pytest.mark.parametrize(("begun", "status"), [(False, 400), (True, 200)])
    def test_a_refusal_towards_the_images_api(self, begun: bool, status: int) -> None:  # noqa: FBT001
        reply = imagewire.translate_response(
            piece(finishReason="IMAGE_SAFETY", finishMessage="Not that."),
            source="gemini", target="images", context=CONTEXT, begun=begun,
        )  # fmt: skip

        assert (status, "Not that.") == (reply.status, message_of(bytes(reply.body), status))
        assert FailureKind.CONTENT_BLOCKED == (reply.failure and reply.failure.kind)

    def test_a_stream_of_no_events_of_gemini_is_an_array(self) -> None:
        writer = imagewire.gemini.stream_writer(context=ReplyContext(stream="array"))

        assert b"[]" == writer.close().value


class TestFolding:
    def folded(self, body: bytes | str, source: str = "gemini", **about: Any) -> Any:
        return imagewire.translate_response(body, source=source, target="images", **about)

    @pytest.mark.parametrize("source", FACES)
    def test_a_stream_is_one_reply(self, source: str) -> None:
        reply = self.folded(STREAMS[source], source)

        document = msgspec.json.decode(bytes(reply.body))
        assert [hub.PNG] == [entry["b64_json"] for entry in document["data"]]
        assert 1070 == document["usage"]["total_tokens"]

    def test_losses_say_in_which_event(self) -> None:
        losses = self.folded(STREAMS["gemini"]).losses

        assert ("draft_image", "$[0].candidates[0].content.parts[0]") in [
            (loss.code, loss.path) for loss in losses
        ]
        assert ("text_beside_image", "$[1].candidates[0].content.parts[0]") in [
            (loss.code, loss.path) for loss in losses
        ]

    @pytest.mark.parametrize("after", [b"", b"data: {\n\n", sent({"error": {"message": "no"}})])
    def test_a_break_after_a_picture_is_reported(self, after: bytes) -> None:
        reply = self.folded(sent(piece(PNG_PART)) + after)

        assert 200 == reply.status
        assert ["$[1]"] == [loss.path for loss in reply.losses if loss.code == "broken_stream"]

    def test_a_break_after_words_is_a_failure_to_be_tried_again(self) -> None:
        reply = self.folded(sent(piece({"text": "Here"})))

        assert (503, CUT_OFF) == (reply.status, message_of(bytes(reply.body), 503))
        assert reply.failure.retryable

    def test_an_event_that_is_no_json_is_an_error_with_its_place(self) -> None:
        with pytest.raises(imagewire.MalformedError) as caught:
            self.folded(sent(piece({"text": "Here"})) + b"data: {\n\n")

        assert ("$[1]", 502) == (caught.value.path, caught.value.status)

    def test_an_error_before_a_picture_is_that_error(self) -> None:
        body = sent({"error": {"code": 429, "message": "no", "status": "RESOURCE_EXHAUSTED"}})

        assert 429 == self.folded(body).status

    def test_a_stream_of_nothing_is_malformed(self) -> None:
        with pytest.raises(imagewire.MalformedError, match="no answer"):
            self.folded(sent(b"[DONE]"), "chat")

    @pytest.mark.parametrize("body", [b"[]", b"[{]", b'[{"error":{"message":"no"}}]'])
    def test_an_array_of_none_or_of_one_error_is_what_it_was(self, body: bytes) -> None:
        try:
            assert 500 == self.folded(body).status
        except imagewire.MalformedError as error:
            assert 502 == error.status

    def test_more_events_than_a_body_may_have_values(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(replay, "MAX_VALUES", 2)

        with pytest.raises(imagewire.MalformedError, match="more than 2 events") as caught:
            self.folded(sent(*[piece({"text": "a"})] * 3))

        assert 502 == caught.value.status

    @pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, bytes.decode])
    def test_any_kind_of_body_is_read(self, kind: Any) -> None:
        whole = msgspec.json.encode(piece(PNG_PART, finishReason="STOP"))
        array = b"[" + whole + b"]"

        for body in (STREAMS["gemini"], whole, array):
            assert self.folded(body) == self.folded(kind(body))
