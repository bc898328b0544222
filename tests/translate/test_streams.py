"""Streams event by event: what is sent, when, and what becomes of a stream that goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

import hub
import imagewire
from bodies import document
from bypass import base64_of
from events import data_of, message_of, sent
from imagewire import Failure, FailureKind, StreamTranslator
from streamed import BROKEN, CONTEXT, CUT_OFF, PNG_PART, STREAMS, chunk, piece

FACES = list(imagewire.FORMATS)


def translator(source: str = "gemini", target: str = "chat", **about: Any) -> StreamTranslator:
    return StreamTranslator(
        source=source, target=target, **{"context": CONTEXT, "created": 1, **about}
    )


def told(stream: StreamTranslator, *slices: bytes) -> bytes:
    out = [segment for data in slices for segment in stream.feed(data)]
    return b"".join((*out, *stream.close()))


class TestLive:
    def test_status_and_headers_are_known_with_the_first_segments(self) -> None:
        stream = translator(headers={"x-request-id": "req-1"})

        assert ((), None, None) == (stream.feed(b"\r\n"), stream.status, stream.headers)
        assert stream.feed(sent(piece({"text": "a"})))
        assert (200, {
            "content-type": "text/event-stream",
            "cache-control": "no-cache",
            "x-request-id": "req-1",
        }) == (stream.status, stream.headers)  # fmt: skip

    def test_each_event_goes_out_as_it_comes(self) -> None:
        stream = translator()

        for text in ("a", "b"):
            segments = b"".join(stream.feed(sent(piece({"text": text}))))
            last = data_of(segments)[-1]
            assert text == last["choices"][0]["delta"]["content"]

    def test_what_reading_corrects_is_told_with_its_event(self) -> None:
        stream = translator()
        wrong = {"inlineData": {"mimeType": "image/webp", "data": hub.PNG}}

        told(stream, sent(piece({"text": "a"}), piece(wrong, finishReason="STOP")))

        path = "$[1].candidates[0].content.parts[0].inlineData.mimeType"
        assert ("wrong_media_type", path) in [(loss.code, loss.path) for loss in stream.losses]

    def test_a_failure_that_the_end_tells(self) -> None:
        stream = translator("images", "chat")
        error = {"code": "x", "message": "Too dark."}

        out = told(stream, sent({"type": "image_generation.partial_failed", "error": error}))

        assert "Too dark." == message_of(out, stream.status)

    def test_the_end_of_the_stream_closes_it_and_what_follows_is_passed_over(self) -> None:
        stream = translator("chat", "chat")

        assert b"[DONE]" in b"".join(stream.feed(STREAMS["chat"]))
        assert ((), ()) == (stream.feed(STREAMS["chat"]), stream.close())

    @pytest.mark.parametrize("target", FACES)
    def test_a_large_picture_leaves_as_a_view(self, target: str) -> None:
        data = base64_of(300_000)
        part = {"inlineData": {"mimeType": "image/png", "data": data}}
        stream = translator(target=target)
        body = sent(piece(part), piece(finishReason="STOP"))

        segments = [*stream.feed(body), *stream.close()]

        views = [segment for segment in segments if isinstance(segment, memoryview)]
        times = 2 if target == "responses" else 1  # in its item, and in the whole response
        assert [True] * times == [len(view) > 300_000 for view in views]
        whole = imagewire.translate_response(
            b"".join(segments), source=target, target="images", created=1
        )
        assert data == msgspec.json.decode(bytes(whole.body))["data"][0]["b64_json"]

    def test_an_event_that_quotes_a_placeholder_of_a_held_picture_is_refused(self) -> None:
        part = {"inlineData": {"mimeType": "image/png", "data": base64_of(300_000)}}
        stream = translator(target="images")
        stream.feed(sent(piece(part)))
        [cut] = stream._bypass._cuts  # the writer holds the picture back

        out = b"".join(stream.feed(sent(piece({"text": f"x{cut._tag}"}))))
        assert () == stream.feed(sent(piece({"text": "more"})))

        assert "quotes what stands for a picture" in str(stream.failure)
        assert b"image_generation.completed" in out

    def test_a_placeholder_that_comes_out_broken_is_refused(self) -> None:
        part = {"inlineData": {"mimeType": "image/png", "data": base64_of(300_000)}}
        stream = translator(target="images")
        stream.feed(sent(piece(part)))
        [cut] = stream._bypass._cuts
        cut._spans.clear()

        out = b"".join((*stream.feed(sent(piece(finishReason="STOP"))), *stream.close()))

        assert "quotes what stands for a picture" in message_of(out, stream.status)

    @pytest.mark.parametrize(
        "document",
        [
            {"choices": [{"delta": {"content": "word " * 20_000}}]},
            {"choices": [{"delta": {"content": base64_of(60_000)}}], "x": [1]},
        ],
        ids=["words", "letters"],
    )
    def test_a_large_event_of_words_is_read_whole(self, document: Any) -> None:
        stream = translator("chat", "chat")

        out = told(stream, sent(document, chunk({}, finish_reason="stop")))

        content = document["choices"][0]["delta"]["content"]
        assert content == data_of(out)[1]["choices"][0]["delta"]["content"]

    @pytest.mark.parametrize(
        ("event", "words"),
        [
            ({"candidates": [], "x": {"y": base64_of(60_000)}, "candidates ": 1}, CUT_OFF),
            ({"error": {"message": "no"}, "x": base64_of(60_000)}, "no"),
            ({"candidates": 1, "x": base64_of(60_000)}, "Expected `object"),
        ],
        ids=["unknown", "error", "malformed"],
    )
    def test_a_large_event_that_goes_wrong_is_read_whole(self, event: Any, words: str) -> None:
        stream = translator(target="images")

        assert words in message_of(told(stream, sent(event)), stream.status)

    def test_a_large_error_of_the_images_api(self) -> None:
        stream = translator("images", "chat")
        event = {"type": "error", "message": "no", "x": base64_of(60_000)}

        assert "no" == message_of(told(stream, sent(event)), stream.status)

    def test_two_large_pictures_of_which_one_is_held(self) -> None:
        pictures = [base64_of(60_000), base64_of(90_000)]
        parts = [{"inlineData": {"mimeType": "image/png", "data": data}} for data in pictures]
        stream = translator(target="images")

        out = told(stream, sent(*map(piece, parts), piece(finishReason="STOP")))

        assert pictures == [event["b64_json"] for event in data_of(out)]


class TestFailures:
    @pytest.mark.parametrize("target", FACES)
    @pytest.mark.parametrize("source", FACES)
    def test_one_in_the_stream_is_the_face_s_error(self, source: str, target: str) -> None:
        stream = translator(
            source, target, context=msgspec.structs.replace(CONTEXT, partial_images=2)
        )

        out = told(stream, BROKEN[source])

        assert stream.failure is not None
        assert "overloaded" in stream.failure.message
        assert "overloaded" in message_of(out, stream.status)

    @pytest.mark.parametrize("target", FACES)
    def test_an_error_status_makes_an_error_reply(self, target: str) -> None:
        stream = translator(target=target, status=503)
        body = b'{"error":{"code":503,"message":"busy","status":"UNAVAILABLE"}}'

        assert () == stream.feed(body)
        assert "busy" == message_of(b"".join(stream.close()), stream.status)
        assert (503, FailureKind.UNAVAILABLE) == (
            stream.status, stream.failure and stream.failure.kind,
        )  # fmt: skip

    @pytest.mark.parametrize("target", FACES)
    def test_after_a_keep_alive_an_error_is_an_event(self, target: str) -> None:
        stream = translator(target=target, status=503, begun=True)

        out = told(stream, b'{"error":{"code":503,"message":"busy","status":"UNAVAILABLE"}}')

        assert (200, "busy") == (stream.status, message_of(out))
        assert "text/event-stream" == (stream.headers or {})["content-type"]

    @pytest.mark.parametrize("target", FACES)
    def test_an_event_that_is_no_json(self, target: str) -> None:
        stream = translator(target=target)

        out = told(stream, b"data: {\n\n")

        assert 502 == (stream.failure and stream.failure.status)
        assert "not valid JSON" in message_of(out, stream.status)

    @pytest.mark.parametrize(
        "body", [b"data: " + b"x" * 99, sent(b"x" * 99), b"{" + b" " * 99], ids=str
    )
    def test_what_is_longer_than_an_event_may_be(self, body: bytes) -> None:
        stream = translator(max_event=50)

        out = told(stream, body, b"more")

        assert "longer than 50 bytes" in message_of(out, stream.status)

    def test_one_that_is_cut_off_after_a_picture_shows_the_picture_and_the_break(self) -> None:
        stream = translator(target="images")

        out = told(stream, sent(piece(PNG_PART)))

        picture, error = data_of(out)
        assert hub.PNG == picture["b64_json"]
        assert CUT_OFF == error["error"]["message"]
        assert stream.failure is not None
        assert stream.failure.retryable

    def test_one_that_is_cut_off_before_a_picture_is_an_error_reply(self) -> None:
        stream = translator(target="images")

        out = told(stream, sent(piece({"text": "Here"})))

        assert (503, CUT_OFF) == (stream.status, message_of(out, 503))

    def test_one_that_is_done_and_says_nothing_is_malformed(self) -> None:
        stream = translator("chat", "chat")

        told(stream, sent(b"[DONE]"))

        assert (502, False) == (stream.status, stream.failure and stream.failure.retryable)

    def test_one_that_is_done_without_a_finish_reason_is_whole(self) -> None:
        stream = translator("chat", "gemini")

        out = told(stream, sent(chunk({"content": "Here"}), b"[DONE]"))

        [first, last] = [event["candidates"][0] for event in data_of(out)]
        assert ("Here", None) == (first["content"]["parts"][0]["text"], stream.failure)
        assert "STOP" == last["finishReason"]  # else the next who reads it takes it for cut off

    def test_one_that_is_done_without_a_finish_reason_has_none_in_its_own_format(self) -> None:
        out = told(translator("chat", "chat"), sent(chunk({"content": "Here"}), b"[DONE]"))

        assert [None, None, "[DONE]"] == [
            event if event == "[DONE]" else event["choices"][0]["finish_reason"]
            for event in data_of(out)
        ]

    def test_a_refusal_is_an_error_reply_of_the_images_api(self) -> None:
        stream = translator(target="images")

        out = told(stream, sent(piece(finishReason="IMAGE_SAFETY", finishMessage="Not that.")))

        assert (400, "Not that.") == (stream.status, message_of(out, 400))
        assert FailureKind.CONTENT_BLOCKED == (stream.failure and stream.failure.kind)


class TestBodiesThatAreNoStream:
    def test_a_whole_reply_is_streamed(self) -> None:
        stream = translator(target="images")

        out = told(stream, msgspec.json.encode(piece(PNG_PART, finishReason="STOP")))

        assert [hub.PNG] == [event["b64_json"] for event in data_of(out)]

    @pytest.mark.parametrize("name", imagewire.FORMATS)
    def test_many_fields_of_a_reply_stand_in_one_event_alone(self, name: str) -> None:
        """Else what has as many events as fields is written in the square of its length."""
        fields = {f"k{number}": number + 1 for number in range(40)}
        reply = imagewire.FORMATS[name].write_response(hub.response(), created=1).value
        body = {**document(reply), **fields}
        found = imagewire.translate_response(body, source=name, target=name, context=CONTEXT)

        back = imagewire.translate_response(bytes(found.body), source=name, target=name)

        assert bytes(found.body).count(b'"k39":40') <= 3  # Responses tells the whole at both ends
        assert fields.items() <= document(back).items()

    def test_an_array_of_gemini_is_read_like_its_events(self) -> None:
        stream = translator(target="images")
        elements = [piece({"text": "a"}), piece(PNG_PART), piece(finishReason="STOP")]

        out = told(stream, msgspec.json.encode(elements))

        assert [hub.PNG] == [event["b64_json"] for event in data_of(out)]

    def test_what_is_no_reply_at_all_is_an_error(self) -> None:
        stream = translator()

        assert "not valid JSON" in message_of(told(stream, b"<html>"), stream.status)
        assert 502 == stream.status

    def test_a_few_letters_are_no_stream(self) -> None:
        stream = translator()

        told(stream, b"da")

        assert 502 == stream.status

    def test_a_format_without_streams_takes_and_gives_whole_replies(self) -> None:
        class Plain:
            NAME = "plain"
            write_response = staticmethod(imagewire.images.write_response)
            write_failure = staticmethod(imagewire.images.write_failure)
            read_response = staticmethod(imagewire.images.read_response)
            read_failure = staticmethod(imagewire.images.read_failure)

        plain: Any = Plain()
        stream = translator(target=plain)
        reply = msgspec.json.decode(told(stream, STREAMS["gemini"]))
        assert [hub.PNG] == [entry["b64_json"] for entry in reply["data"]]
        assert b"" == imagewire.keep_alive(plain)
        refused = imagewire.render_error(
            Failure(kind=FailureKind.QUOTA, message="no", status=429), target=plain, begun=True
        )
        assert 429 == refused.status
        back = translator(plain, "chat")
        told(back, STREAMS["images"])
        assert 502 == back.status


class TestIterators:
    def test_chunks_of_an_upstream(self) -> None:
        stream = imagewire.translate_stream(
            [STREAMS["gemini"][:100], STREAMS["gemini"][100:]],
            source="gemini", target="images", context=CONTEXT, created=1,
        )  # fmt: skip

        out = b"".join(stream)

        assert [hub.PNG] == [event["b64_json"] for event in data_of(out)]
        assert 200 == stream.translator.status

    def test_chunks_of_an_asynchronous_upstream(self) -> None:
        async def upstream() -> AsyncIterator[bytes]:
            yield STREAMS["gemini"]

        async def run() -> bytes:
            stream = imagewire.translate_stream_async(
                upstream(), source="gemini", target="chat", context=CONTEXT, created=1
            )
            return b"".join([segment async for segment in stream])

        out = asyncio.run(run())
        assert hub.PNG.encode() in out
        assert "[DONE]" == data_of(out)[-1]


class TestKeepAlives:
    def test_they_are_a_comment_or_a_blank_line(self) -> None:
        comment = b": keep-alive\n\n"
        expected = dict.fromkeys(("chat", "images", "responses"), comment) | {"gemini": b"\r\n"}

        assert expected == {name: imagewire.keep_alive(name) for name in FACES}

    @pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
    @pytest.mark.parametrize("cut", [1, 50, 1000])
    def test_many_blank_lines_before_the_first_event(self, cut: int, mark: bytes) -> None:
        body = b"\r\n" * 200 + mark + STREAMS["gemini"]
        slices = [body[at : at + cut] for at in range(0, len(body), cut)]

        assert told(translator(), STREAMS["gemini"]) == told(translator(), *slices)
        whole = {"source": "gemini", "target": "images", "created": 1}
        assert 200 == imagewire.translate_response(body, **whole).status  # type: ignore[arg-type]

    @pytest.mark.parametrize("source", FACES)
    def test_an_upstream_s_are_passed_over(self, source: str) -> None:
        quiet = translator(source, "chat")
        kept = imagewire.keep_alive(source)
        loud = translator(source, "chat")

        body = STREAMS[source]
        assert told(quiet, body) == told(loud, kept, body, kept)
