"""Large payloads of events: what is cut is in the values that were read, or is read whole."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from bypass import base64_of
from events import data_of, sent
from imagewire import ReplyContext, StreamTranslator
from imagewire.bypass.cut import Cut, cut_of
from imagewire.bypass.events import EventBypass
from imagewire.errors import MalformedError
from imagewire.model import Part, TextEvent
from streamed import chunk

LARGE = base64_of(60_000)


def cut() -> Cut:
    found = cut_of(msgspec.json.encode({"text": LARGE}))
    assert found is not None
    return found


class TestCuts:
    def test_a_payload_that_is_not_there_is_missed(self) -> None:
        assert not cut().is_in({"text": "a"}, ())

    def test_a_part_of_a_placeholder_is_none(self) -> None:
        found = cut()

        assert not found.is_in({"text": f"x{found._tag}"}, ())

    def test_a_placeholder_is_known_in_any_case(self) -> None:
        found = cut()

        assert found.is_mentioned([found._tag.upper()])
        assert not found.is_mentioned(["a"])


class TestEventBypass:
    def test_a_later_event_must_not_have_a_placeholder(self) -> None:
        bypass = EventBypass()
        found = cut()
        bypass._cuts.append(found)

        with pytest.raises(MalformedError):
            bypass.refuse_forged((TextEvent(part=Part(text=found._tag)),))

    def test_padding_that_nobody_reads_makes_an_event_read_whole(self) -> None:
        document: dict[str, Any] = {**chunk({"content": "a"}), "obfuscation": LARGE}
        stream = StreamTranslator(
            source="chat", target="chat", context=ReplyContext(stream="sse"), created=1
        )

        out = b"".join((*stream.feed(sent(document, b"[DONE]")), *stream.close()))

        assert "a" == data_of(out)[1]["choices"][0]["delta"]["content"]
        assert LARGE.encode() not in out
