"""Streams that tell more than any API makes, folded and live."""

from __future__ import annotations

import pytest

import imagewire
from events import data_of, sent
from imagewire import Options, ReplyContext
from imagewire.codec.limits import MAX_ANSWERS, MAX_ITEMS
from streamed import PNG_PART, chunk, piece

FACES = list(imagewire.FORMATS)
MARKDOWN = Options(read_markdown=True)
STREAM = ReplyContext(stream="sse")
_REASONING = {"type": "reasoning", "id": "r"}


def live(body: bytes, source: str, target: str, options: Options = Options()) -> list[bytes]:
    """What a client gets of a stream that ends with an error."""
    stream = imagewire.StreamTranslator(
        source=source, target=target, context=STREAM, options=options
    )
    segments = [bytes(segment) for segment in (*stream.feed(body), *stream.close())]
    assert stream.failure is not None
    assert 502 == stream.failure.status
    return [*segments, stream.failure.message.encode()]


class TestAnswers:
    BODY = sent(*(piece({"text": "a"}, index=number) for number in range(MAX_ANSWERS + 1)))
    BEGINNINGS = sent(*(chunk({"content": "!["}, index=n) for n in range(MAX_ANSWERS + 1)))

    @pytest.mark.parametrize("target", FACES)
    @pytest.mark.parametrize(
        ("body", "source"), [(BODY, "gemini"), (BEGINNINGS, "chat")], ids=["words", "beginnings"]
    )
    def test_more_of_them_are_an_error(self, body: bytes, source: str, target: str) -> None:
        with pytest.raises(imagewire.MalformedError, match="more than 1000 answers") as caught:
            imagewire.translate_response(body, source=source, target=target, options=MARKDOWN)

        assert (502, f"$[{MAX_ANSWERS}]") == (caught.value.status, caught.value.path)
        assert b"more than 1000 answers" in live(body, source, target, MARKDOWN)[-1]

    def test_as_many_are_a_reply(self) -> None:
        body = self.BODY[: self.BODY.rindex(b"data:")] + sent(piece(finishReason="STOP"))

        reply = imagewire.translate_response(body, source="gemini", target="chat")

        assert MAX_ANSWERS == bytes(reply.body).count(b'"content":"a"')


class TestPictures:
    BODY = sent(*[piece(PNG_PART)] * (MAX_ITEMS + 1), piece(finishReason="STOP"))

    def test_those_that_were_folded_stay(self) -> None:
        reply = imagewire.translate_response(self.BODY, source="gemini", target="images")

        assert MAX_ITEMS == bytes(reply.body).count(b"b64_json")
        assert [f"$[{MAX_ITEMS}]"] == [
            loss.path for loss in reply.losses if loss.code == "broken_stream"
        ]

    def test_those_that_went_out_are_followed_by_the_error(self) -> None:
        *sent_, message = live(self.BODY, "gemini", "images")

        events = data_of(b"".join(sent_))
        assert message.endswith(b"the stream has more than 10000 pictures")
        assert "error" == events[-1]["type"]


class TestItems:
    DONE = sent(
        *(
            {"type": "response.output_item.done", "output_index": number, "item": _REASONING}
            for number in range(MAX_ITEMS + 1)
        )
    )
    WHOLE = sent(
        {"type": "response.completed", "response": {"output": [_REASONING] * (MAX_ITEMS + 1)}}
    )

    @pytest.mark.parametrize("target", FACES)
    @pytest.mark.parametrize(
        ("body", "place"), [(DONE, MAX_ITEMS), (WHOLE, 0)], ids=["one by one", "at the end"]
    )
    def test_more_of_them_are_an_error(self, body: bytes, place: int, target: str) -> None:
        with pytest.raises(imagewire.MalformedError, match="more than 10000 items") as caught:
            imagewire.translate_response(body, source="responses", target=target)

        assert (502, f"$[{place}]") == (caught.value.status, caught.value.path)
        assert live(body, "responses", target)[-1].endswith(b"more than 10000 items")
