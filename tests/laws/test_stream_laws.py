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
from msgspec import structs

import hub
import imagewire
import normalisations
from events import sliced
from imagewire.formats.contract import writes_streams
from imagewire.model import (
    Extra,
    Failure,
    ImageResponse,
    Part,
    ReplyContext,
)
from imagewire.rules.events import events_of
from imagewire.rules.finish import has_image
from imagewire.translate.replay import events_in, fold_events, write_all
from strategies import responses

FORMATS = list(imagewire.FORMATS)
CONTEXT = ReplyContext(model=hub.MODEL, stream="sse", include_usage=True, partial_images=0)
WHOLE = structs.replace(CONTEXT, stream=None)
OPTIONS = {
    "defaults": imagewire.Options(),
    "drafts": imagewire.Options(keep_drafts=True),
    "no_extensions": imagewire.Options(chat_extensions=False),
}
BY_OPTIONS = pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)


def stream_of(
    response: ImageResponse, name: str, options: imagewire.Options, context: ReplyContext = CONTEXT
) -> bytes | Failure:
    """A reply as a format streams it, or the failure that it is."""
    format_ = writes_streams(imagewire.FORMATS[name])
    assert format_ is not None
    writer = format_.stream_writer(context=context, created=7, options=options)
    return write_all(events_of(response), writer).value


def folded(body: bytes, name: str, options: imagewire.Options) -> ImageResponse | Failure:
    events = events_in(body)
    assert events is not None
    return fold_events(events, imagewire.FORMATS[name], options, ()).value


def has_late_image(value: ImageResponse) -> bool:
    """Whether a draft is the picture of an answer, which a stream knows at the answer's end."""
    pictures = [
        [part.thought for part in candidate.parts if part.image is not None]
        for candidate in value.candidates
    ]
    return any(drafts and all(drafts) for drafts in pictures)


def is_joined(last: Part, part: Part) -> bool:
    """Whether two parts are neighbouring unsigned texts."""
    texts = last.text is not None and part.text is not None and last.thought is part.thought
    return texts and last.signature is part.signature is None and not (last.extras + part.extras)


def has_twins(value: ImageResponse) -> bool:
    """Whether two of the format's own fields have one name, at whatever places of a reply."""
    holders: list[Any] = [value, *value.candidates]
    holders += [part for candidate in value.candidates for part in candidate.parts]
    paths = [e.path for holder in holders for e in holder.extras if e.format == "images"]
    return len({*paths}) < len(paths)


def has_several_thoughts(value: ImageResponse) -> bool:
    """Whether an answer has more than one thought in words."""
    thoughts = [
        [part for part in candidate.parts if part.thought and part.text is not None]
        for candidate in value.candidates
    ]
    return any(len(several) > 1 for several in thoughts)


def normal(value: ImageResponse, name: str, *, late: bool = False) -> ImageResponse:
    """A reply up to what the laws leave out."""
    answers = []
    for candidate in value.candidates:
        parts: list[Part] = []
        given = candidate.parts
        if late:
            given = tuple(sorted(given, key=lambda part: part.image is not None))
        if name == "chat":  # a whole reply has its thoughts together, before the answer
            given = tuple(sorted(given, key=lambda part: not part.thought or part.text is None))
        for part in given:
            last = parts[-1] if parts else None
            if last is not None and is_joined(last, part):
                parts[-1] = structs.replace(last, text=f"{last.text}{part.text}")
            elif part.text != "" or part.signature is not None:
                parts.append(part)
        answers.append(structs.replace(candidate, parts=tuple(parts)))
    joined: ImageResponse = normalisations.normal(
        structs.replace(value, candidates=tuple(answers)), name
    )
    return pooled(joined) if name == "images" else joined


def pooled(value: ImageResponse) -> ImageResponse:
    """The same with all unknown fields in one place: an event of a picture has but one object."""
    found: dict[Any, Extra] = {(extra.format, extra.path): extra for extra in value.extras}
    for candidate in value.candidates:
        for part in candidate.parts:
            found |= {(extra.format, extra.path): extra for extra in part.extras}
    bare: ImageResponse = normalisations.without_extras(value, lambda _: True)
    extras = sorted(found.values(), key=lambda extra: str(extra.path))
    usage = None if value.usage is None else structs.replace(value.usage)
    return structs.replace(bare, extras=tuple(extras), usage=usage)


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


def undrafted(value: ImageResponse) -> ImageResponse:
    """A reply without the drafts and thoughts of answers that have a picture."""
    answers = tuple(
        structs.replace(
            candidate, parts=tuple(part for part in candidate.parts if not part.thought)
        )
        if has_image(candidate)
        else candidate
        for candidate in value.candidates
    )
    return structs.replace(value, candidates=answers)
