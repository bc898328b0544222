"""Replies as streams, streams as replies, and what the laws of streams leave out of both."""

from __future__ import annotations

from typing import Any

from msgspec import structs

import hub
import imagewire
import normalisations
from imagewire.formats.contract import writes_streams
from imagewire.model import Extra, Failure, ImageResponse, Part, ReplyContext
from imagewire.rules.events import events_of
from imagewire.rules.finish import has_image
from imagewire.translate.replay import events_in, fold_events, write_all

#: Of a client that wants a stream with its usage, without drafts; and of one that wants none.
CONTEXT = ReplyContext(model=hub.MODEL, stream="sse", include_usage=True, partial_images=0)
WHOLE = structs.replace(CONTEXT, stream=None)


def stream_of(
    response: ImageResponse, name: str, options: imagewire.Options, context: ReplyContext = CONTEXT
) -> bytes | Failure:
    """A reply as a format streams it, or the failure that it is."""
    format_ = writes_streams(imagewire.FORMATS[name])
    assert format_ is not None
    writer = format_.stream_writer(context=context, created=7, options=options)
    told = write_all(events_of(response), writer).value
    return told if isinstance(told, Failure) else bytes(told)


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
