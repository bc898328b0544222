"""The fuzz target of streams: events of any format, in any slices, towards any format."""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from itertools import product
from random import Random
from typing import Any

from msgspec import structs

import imagewire
from bypass import OFF, SMALL, enlarged, limits
from cases import CASES, DIRECTIONS
from events import sliced
from fuzz_checks import check_failure, check_headers, check_losses, sound_outcome
from fuzz_inputs import CHOICES, HEADERS, STATUSES, chosen, direction, packed, unpacked
from imagewire.model import Failure, ImageResponse, ReplyContext
from imagewire.rules.finish import has_image
from imagewire.sse import DONE, EVENTS_TYPE, Event
from imagewire.translate.replay import events_in, fold_events
from mutation import mutated
from stream_laws import folded, has_late_image, normal, undrafted
from streamed import BROKEN, STREAMS

#: What is known of the request: nothing, or of a client that wants a stream of some kind.
CONTEXTS = (
    ReplyContext(stream="sse"),
    ReplyContext(model="m", stream="sse", include_usage=True, partial_images=0),
    ReplyContext(model="m", stream="sse", partial_images=2, operation="edit"),
    ReplyContext(stream="array", include_usage=True, partial_images=0),
    ReplyContext(),
)
_FEW = 1_000  # bytes that are also fed one by one


class _Live:
    """A stream as it comes: what is sent, and what a proxy can tell of it."""

    def __init__(self, slices: list[bytes], **about: Any) -> None:
        stream = imagewire.StreamTranslator(**about)
        segments = [bytes(segment) for data in slices for segment in stream.feed(data)]
        segments += map(bytes, stream.close())
        self.out = b"".join(segments)
        self.told = (self.out, stream.status, stream.headers, stream.failure, stream.losses)
        self.status, self.headers, self.failure = stream.status, stream.headers, stream.failure
        self.losses = stream.losses
        assert stream.feed(b"data: 1\n\n") == stream.close() == ()


def streams(data: bytes) -> None:
    """Any slices of any events give the same, which can be read again."""
    control, _, body = unpacked(data)
    source, target = direction(control)
    random = Random(chosen(control, 2, range(256)))
    about: dict[str, Any] = {
        "source": source,
        "target": target,
        "status": chosen(control, 3, (200, 200, 200, *STATUSES)),
        "headers": chosen(control, 3, HEADERS),
        "context": chosen(control, 4, CONTEXTS),
        "options": chosen(control, 1, CHOICES),
        "begun": chosen(control, 5, range(8)) == 7,
        "created": 7,
    }
    if chosen(control, 5, range(4)) == 1:
        body = enlarged(body, random)
    with limits(**OFF):
        live = _Live([body], **about)
    cuts = [random.randrange(len(body) + 1) for _ in range(random.randrange(8))]
    with limits(**SMALL):
        assert live.told == _Live([body], **about).told
        assert live.told == _Live(list(sliced(body, cuts)), **about).told
        if len(body) < _FEW:
            assert live.told == _Live([bytes([byte]) for byte in body], **about).told
    _check_sound(live, source, target, about["options"])
    _check_whole(live, body, about)


def _check_sound(live: _Live, source: str, target: str, options: imagewire.Options) -> None:
    check_losses(live.losses)
    assert live.headers is not None
    check_headers(live.headers)
    if live.failure is not None:
        check_failure(live.failure)
    if live.status != 200:
        assert live.failure is not None
        assert isinstance(json.loads(live.out), dict)
        return
    events = events_in(live.out)
    if events is None:  # an array of an error alone is none of events
        if live.failure is None:
            imagewire.FORMATS[target].read_response(live.out, options=options)
        return
    if source == target:  # what ends with no more than that goes on so
        events = [*events, Event(DONE)]
    read = imagewire.FORMATS[target]
    found = sound_outcome(lambda events: fold_events(events, read, imagewire.Options(), ()), events)
    is_failure = isinstance(found.value, Failure)
    assert (
        not is_failure
        if live.failure is None
        else is_failure or any(map(has_image, found.value.candidates))
    )


def _check_whole(live: _Live, body: bytes, about: dict[str, Any]) -> None:
    """A stream tells what the whole reply tells, where the laws of streams say so."""
    whole = sound_outcome(lambda about: imagewire.translate_response(body, **about), _whole(about))
    if isinstance(whole, imagewire.TranslationError) or whole.failure is not None:
        assert live.failure is not None
        return
    context, options = about["context"], about["options"]
    if live.failure is not None or not context.include_usage or options != CHOICES[0]:
        return
    target = about["target"]
    read = imagewire.FORMATS[target].read_response(bytes(whole.body)).value
    told = folded(live.out, target, options)
    if isinstance(told, Failure):
        assert about["source"] == target  # what ends with [DONE] alone ends there without a word
        return
    if _is_held(read, whole.losses):
        late = has_late_image(read)
        assert normal(_answers(read), target, late=late) == normal(
            _answers(told), target, late=late
        )


def _whole(about: dict[str, Any]) -> dict[str, Any]:
    return about | {"context": structs.replace(about["context"], stream=None)}


def _is_held(read: ImageResponse, losses: tuple[imagewire.Loss, ...]) -> bool:
    signed = any(loss.code in {"thought_signature", "draft_as_image"} for loss in losses)
    blocked = any("promptFeedback" in loss.path for loss in losses)  # with an answer
    return not (signed or blocked) and not (has_late_image(read) and len(read.candidates) > 1)


def _answers(reply: ImageResponse) -> ImageResponse:
    """A reply without what may come after the event that has to tell it.

    That is what it tells of itself, and of an answer that was refused a picture that came.
    """
    answers = tuple(
        structs.replace(answer, finish_message=None) if has_image(answer) else answer
        for answer in reply.candidates
    )
    return undrafted(ImageResponse(candidates=answers, block=reply.block, usage=reply.usage))


def _samples() -> dict[str, list[bytes]]:
    """Streams of each format: of an answer, one that breaks, and each reply that we have."""
    samples = {name: [STREAMS[name], BROKEN[name]] for name in imagewire.FORMATS}
    for case, name in product(CASES, imagewire.FORMATS):
        if case.kind == "response":
            reply = imagewire.translate_response(
                case.body, source=case.format, target=name, context=CONTEXTS[2], created=7
            )
            samples[name] += [bytes(reply.body)] if reply.failure is None else []
    return samples


SAMPLES = _samples()
_BODIES = tuple(body for bodies in SAMPLES.values() for body in bodies)
_ENDS = (b"\n\n", b"\r\n\r\n", b"\r\r", b"\n", b"")
_LINES = (
    b": x\n",
    b"event: x\n",
    b"id: 1\n",
    b"data:\n",
    b"data: [DONE]\n\n",
    BOM_UTF8,
    b"\n",
)


def stream_inputs() -> tuple[bytes, ...]:
    """What the target starts from: each sample, the first two of a format in every direction."""
    found: list[bytes] = []
    for source, bodies in SAMPLES.items():
        places = [place for place, (name, _) in enumerate(DIRECTIONS) if name == source]
        for number, body in enumerate(bodies):
            chosen = places if number < 2 else [places[number % len(places)]]
            found += [packed(bytes([place]), body, EVENTS_TYPE) for place in chosen]
    return tuple(found)


def varied_stream(body: bytes, random: Random) -> bytes:
    """A stream with other events, of itself or of another, with other words, or in other lines."""
    events = _events(body)
    for _ in range(random.choice((1, 1, 2, 4))):
        at = random.randrange(len(events) + 1)
        change = random.randrange(8)
        if change == 0:
            del events[at : at + 1]
        elif change == 1:
            events[at:at] = events[at : at + 1] * random.choice((1, 1, 2, 9))
        elif change == 2:
            events.insert(at, random.choice(_events(random.choice(_BODIES))))
        elif change == 3:
            random.shuffle(events)
        elif change == 4:
            events.insert(at, random.choice(_LINES))
        elif change == 5:
            return mutated(b"".join(events), random, _BODIES)
        elif events[at:]:
            events[at] = _varied_event(events[at], random)
    return b"".join(events)


def _events(body: bytes) -> list[bytes]:
    """The events of a stream as they stand in it."""
    return [event + b"\n\n" for event in body.replace(b"\r\n", b"\n").split(b"\n\n") if event]


def _varied_event(event: bytes, random: Random) -> bytes:
    """An event with other data, or framed otherwise."""
    head, field, data = event.partition(b"data: ")
    data = data.removesuffix(b"\n\n")
    if random.random() < 0.8:
        data = mutated(data, random, (data,))
    if random.random() < 0.1:
        data = data.replace(b",", b",\ndata: ")
    return head + field + data + random.choice((b"\n\n", *_ENDS))
