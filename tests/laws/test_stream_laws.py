"""The laws of streams, over all formats and all slicings.

Up to a made-up id, the joining of neighbouring unsigned texts, and the place of words that a format
moves: folding the events of a reply gives that reply; folding a live translation gives what
translating the folded stream gives, drafts aside; any slicing gives the same bytes.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import imagewire
import normalisations
from events import sliced
from imagewire.formats.contract import writes_streams
from imagewire.model import (
    Failure,
    ImageResponse,
)
from imagewire.rules.events import events_of
from imagewire.translate.replay import write_all
from strategies import responses
from stream_laws import (
    CONTEXT,
    WHOLE,
    folded,
    has_late_image,
    has_several_thoughts,
    has_twins,
    normal,
    stream_of,
    undrafted,
)

FORMATS = list(imagewire.FORMATS)
OPTIONS = {
    "defaults": imagewire.Options(),
    "drafts": imagewire.Options(keep_drafts=True),
    "no_extensions": imagewire.Options(chat_extensions=False),
}
BY_OPTIONS = pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)


class TestWholeReplies:
    @BY_OPTIONS
    @pytest.mark.parametrize("name", FORMATS)
    @settings(max_examples=60)
    @given(value=responses())
    def test_folding_the_events_of_a_reply_gives_that_reply(
        self, name: str, options: imagewire.Options, value: ImageResponse
    ) -> None:
        if name == "chat":  # whose deltas are texts, without fields
            value = normalisations.without_extras(value, lambda extra: extra.format == "chat")
        format_ = imagewire.FORMATS[name]
        whole = format_.write_response(value, context=WHOLE, created=7, options=options)
        told = stream_of(value, name, options)
        if isinstance(told, Failure):
            assert whole.value == format_.write_failure(told)
            return
        late = has_late_image(value)
        if late and len(value.candidates) > 1:
            return  # the pictures of several answers come in another order
        if any(loss.code == "thought_signature" for loss in whole.losses):
            return  # a stream keeps those of texts that a whole reply joins
        if name == "images" and has_twins(value):
            return  # an event of a picture has but one object
        if name == "chat" and has_several_thoughts(value):
            return  # a whole reply puts the end of a line between them

        read = format_.read_response(bytes(whole.value.body), options=options).value
        back = folded(told, name, options)

        assert isinstance(back, ImageResponse)
        assert normal(read, name, late=late) == normal(back, name, late=late)

    @BY_OPTIONS
    @pytest.mark.parametrize("name", FORMATS)
    @settings(max_examples=60)
    @given(value=responses())
    def test_a_stream_loses_what_the_whole_reply_loses(
        self, name: str, options: imagewire.Options, value: ImageResponse
    ) -> None:
        """By codes: it joins no texts and moves none, but a chat's texts have no fields."""
        format_ = imagewire.FORMATS[name]
        writer = writes_streams(format_)
        assert writer is not None
        whole = format_.write_response(value, context=WHOLE, created=7, options=options)
        stream = writer.stream_writer(context=CONTEXT, created=7, options=options)

        told = write_all(events_of(value), stream)

        joined = {"joined_texts", "moved_text", "moved_thought", "thought_signature"}
        joined.add("unplaced_field")
        expected = {str(loss.code) for loss in whole.losses} - joined
        assert expected == {str(loss.code) for loss in told.losses} - joined


class TestLive:
    @pytest.mark.parametrize("source", FORMATS)
    @pytest.mark.parametrize("target", FORMATS)
    @settings(max_examples=30)
    @given(value=responses(), cuts=st.lists(st.integers(0, 3000), max_size=8))
    def test_a_live_stream_says_what_the_folded_stream_says_however_it_is_sliced(
        self, source: str, target: str, value: ImageResponse, cuts: list[int]
    ) -> None:
        body = stream_of(value, source, imagewire.Options())
        late = has_late_image(value)
        if isinstance(body, Failure) or (late and len(value.candidates) > 1):
            return
        about: dict[str, Any] = {"source": source, "target": target, "created": 7}
        live = imagewire.StreamTranslator(**about, context=CONTEXT)
        out = b"".join(live.feed(body) + live.close())
        other = imagewire.StreamTranslator(**about, context=CONTEXT)
        pieces = b"".join(b"".join(other.feed(data)) for data in sliced(body, cuts))
        whole = imagewire.translate_response(body, **about, context=WHOLE)

        assert (out, live.losses) == (pieces + b"".join(other.close()), other.losses)
        if any(loss.code == "thought_signature" for loss in whole.losses):
            return
        if whole.status >= 400:
            assert (whole.status, bytes(whole.body)) == (live.status, out)
            return
        read = imagewire.FORMATS[target].read_response(bytes(whole.body)).value
        told = folded(out, target, imagewire.Options())
        assert isinstance(told, ImageResponse)
        assert normal(undrafted(read), target, late=late) == normal(
            undrafted(told), target, late=late
        )
