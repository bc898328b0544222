"""A format from outside streams with the same two verbs, and gains all that is built on them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

import hub
import imagewire
import toy
from events import data_of, sent
from imagewire import ReplyContext
from streamed import BROKEN, STREAMS

URI = f"data:image/png;base64,{hub.PNG}"
CONTEXT = ReplyContext(model="toy-1", stream="sse")
TOY = sent({"pictures": [], "says": "Here"}, {"pictures": [URI]}, {"pictures": [], "ended": "STOP"})

pytestmark = pytest.mark.usefixtures("with_toy")


def live(body: bytes, source: str, target: str) -> list[Any]:
    stream = imagewire.StreamTranslator(source=source, target=target, context=CONTEXT, created=1)
    return data_of(b"".join((*stream.feed(body), *stream.close())))


@pytest.mark.parametrize("source", ["chat", "gemini", "images"])
class TestFromOthers:
    def test_a_stream_as_it_comes(self, source: str) -> None:
        pictures = [picture for event in live(STREAMS[source], source, "toy") for picture in
                    event["pictures"]]  # fmt: skip

        assert [URI] == pictures

    def test_a_failure(self, source: str) -> None:
        *_, error = live(BROKEN["gemini"], "gemini", "toy")

        assert "unavailable" == error["error"]["kind"]


@pytest.mark.parametrize("target", ["chat", "gemini", "images", "toy"])
class TestToOthers:
    def test_a_stream_as_it_comes(self, target: str) -> None:
        assert hub.PNG in str(live(TOY, "toy", target))

    def test_a_whole_reply_as_a_stream(self, target: str) -> None:
        reply = imagewire.translate_response(
            {"pictures": [URI]}, source="toy", target=target, context=CONTEXT, created=1
        )

        assert hub.PNG in str(data_of(bytes(reply.body)))

    def test_a_stream_as_a_whole_reply(self, target: str) -> None:
        reply = imagewire.translate_response(TOY, source="toy", target=target, created=1)

        assert hub.PNG in str(msgspec.json.decode(bytes(reply.body)))


def test_its_keep_alive_is_its_own() -> None:
    assert toy.KEEP_ALIVE == imagewire.keep_alive("toy")
