"""Large payloads bypass the codec: they are cut out, and put back into the result.

The middle of each large payload is cut out of the body, and a placeholder takes its place. The
small document that remains is translated by code that knows nothing of this; then views of the
caller's body take the places of the placeholders.

A payload is a file of a form, as the form's reader finds it, or base64 between two quotes of a JSON
document, as the reader of data URIs finds where it begins. In valid JSON, a text between two quotes
of which the first is not escaped, and that has only base64 letters, can only be a string: outside
of strings there is always a structural character before the next quote. All of a payload is
checked. Other texts (with escapes, white space, one bad byte, or a key) stay in the body, and the
codec reads them. Mappings, whose texts are not JSON any more, and requests with fetched images are
not cut at all.

A placeholder cannot be forged: it contains a digest of everything that is not cut. And nothing
depends on that: if the translation raises, or gives a failure, or its result has a placeholder
outside of its body, or a part of one, or lacks a payload without a word, then the whole body is
translated instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial, wraps
from itertools import chain
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

import msgspec
import pybase64
from msgspec import structs

from imagewire.bypass.spans import LINE_END, Buffer, Span, UnverifiedError, file_spans, json_spans
from imagewire.digest import digest_of
from imagewire.errors import TranslationError
from imagewire.loss import CONTENT, DROPPED, Loss
from imagewire.messages import Body, Message, Payload, Reply, Segment
from imagewire.multipart import digest_boundary, form_of, is_form, occurs, pieces_of
from imagewire.placeholder import LENGTH, placeholder, placeholder_number, placeholder_tag

First = TypeVar("First")
Result = TypeVar("Result")
About = ParamSpec("About")

LARGE = 48 * 1024  #: bytes; in a smaller body no payload is worth cutting

_RAW = (bytes, bytearray, str)  # a tuple: `isinstance` takes longer for a union
_FILE_TOKEN = LENGTH * 3 // 4  # bytes that a placeholder decodes to


class Cut:
    """Bodies without the middles of their payloads, and the spans to put back."""

    def __init__(self, bodies: Sequence[Buffer], spans: Sequence[Sequence[Span]]) -> None:
        self._spans = [span for found in spans for span in found]
        rests = [_rest(body, found) for body, found in zip(bodies, spans, strict=True)]
        self._tag = placeholder_tag(digest_of(chain.from_iterable(rests)))
        self._folded_tag = self._tag.lower().encode()
        self._numbers = _numbers(self._spans)
        self._restored: set[int] = set()  # numbers of the spans that are in the result
        placeholders = iter(list(map(self._placeholder, self._numbers, self._spans)))
        #: The small bodies.
        self.bodies = [_filled(rest, placeholders) for rest in rests]

    def _placeholder(self, number: int, span: Span) -> bytes:
        text = placeholder(self._tag, number, span.length, url_safe=span.kind == "url_safe")
        if span.kind == "file":
            return pybase64.b64decode(text)
        if span.kind == "wrapped":  # what unwraps the payload, unwraps this too
            return text[:2].encode() + LINE_END + text[2:].encode()
        return text.encode()

    def restored(self, result: Any) -> Any:
        """A result with the payloads put back; raises if it is not certain to be right."""
        is_reply = isinstance(result, Message)
        fields = structs.asdict(result) if is_reply else {"": result}
        body = fields.pop("body", None)
        if self._folded_tag in msgspec.json.encode(list(fields.values())).lower():
            raise UnverifiedError
        if body is None:
            return result
        if fields.get("failure") is not None:
            raise UnverifiedError
        headers = fields.get("headers", {})  # a line of a batch has none
        if is_form(headers.get("content-type", "")):
            payload = self._with_files(bytes(body), headers["content-type"])
        else:
            payload = Payload(*self.segments(bytes(body)))
        if not self._is_accounted(fields.get("losses", ())):
            raise UnverifiedError
        changed: dict[str, Any] = {"body": payload}
        if "content-length" in headers:
            changed["headers"] = {**headers, "content-length": str(len(payload))}
        return structs.replace(result, **changed)

    def _is_accounted(self, losses: Sequence[Loss]) -> bool:
        """Whether each payload is in the result, or was reported; one loss may tell of several."""
        missing = len(set(self._numbers) - self._restored)
        dropped = [loss for loss in losses if loss.kind == DROPPED]
        return missing <= len(dropped) or any(loss.level == CONTENT for loss in dropped)

    def is_in(self, value: Any, losses: Sequence[Loss]) -> bool:
        """Whether each payload is in a value as it should be, or was reported, and nowhere else."""
        text = msgspec.json.encode(value)
        try:
            for _ in self.segments(text):
                pass
        except UnverifiedError:
            return False
        return not self.is_mentioned(losses) and self._is_accounted(losses)

    def is_mentioned(self, value: Any) -> bool:
        """Whether a placeholder is in a value, or a part of one."""
        return self._folded_tag in msgspec.json.encode(value).lower()

    def segments(self, body: bytes) -> Iterator[Segment]:
        """The segments of a JSON body; raises if it has a part of a placeholder."""
        tag = self._tag.encode()
        done = found = 0
        while (at := body.find(tag, done)) >= 0:
            start, stop = at - 2, at - 2 + LENGTH
            sign = body[start:at]
            if sign == LINE_END:
                start -= len(LINE_END)
            yield body[done:start]
            yield from self._span(body[start : start + 2] + body[at:stop]).base64(sign)
            done = stop
            found += 1
        if found != body.lower().count(self._folded_tag):
            raise UnverifiedError
        yield body[done:]

    def _with_files(self, body: bytes, content_type: str) -> Payload:
        """A form; raises for a placeholder as text, or a boundary that is not the whole form's."""
        if self._folded_tag in body.lower():
            raise UnverifiedError
        boundary, pieces = pieces_of(body, content_type)
        whole = [list(self._with_raw(piece)) for piece in pieces]
        if occurs(boundary, whole) or boundary == digest_boundary([piece] for piece in pieces):
            raise UnverifiedError
        return form_of(whole, boundary)[1]

    def _with_raw(self, piece: bytes) -> Iterator[Segment]:
        tag = pybase64.b64decode(f"++{self._tag}"[:40])
        done = 0
        while (start := piece.find(tag, done)) >= 0:
            stop = start + _FILE_TOKEN
            yield piece[done:start]
            yield self._span(pybase64.b64encode(piece[start:stop])).raw()
            done = stop
        yield piece[done:]

    def _span(self, text: bytes) -> Span:
        number = placeholder_number(text.decode("latin-1"))
        if number is None or number >= len(self._spans):
            raise UnverifiedError
        self._restored.add(number)
        return self._spans[number]


def is_large(first: object) -> bool:
    """Whether a body, or one among replies, may have a payload that is worth cutting."""
    if isinstance(first, _RAW):
        return len(first) >= LARGE
    if isinstance(first, list | tuple):
        for item in first:
            if isinstance(item, Reply) and is_large(item.body):
                return True
    return isinstance(first, memoryview) and first.nbytes >= LARGE


def bypass(translate: Callable[[First], Result], first: First, content_type: str = "") -> Result:
    """What a translation makes of a body, or of replies, with large payloads cut out meanwhile."""
    cut = cut_of(first, content_type)
    if cut is not None:
        try:
            restored: Result = cut.restored(translate(_refilled(first, cut)))
        except (TranslationError, UnverifiedError):
            pass  # the translation of the whole body says what is wrong with it
        else:
            return restored
    return translate(first)


def bypassed(
    translate: Callable[Concatenate[First, About], Result],
) -> Callable[Concatenate[First, About], Result]:
    """The same translation, by `bypass` where its first argument is large."""

    @wraps(translate)
    def bypassing(first: First, *args: About.args, **about: About.kwargs) -> Result:
        if is_large(first):
            return bypass(lambda small: translate(small, *args, **about), first)
        return translate(first, *args, **about)

    return cast("Callable[Concatenate[First, About], Result]", bypassing)


def cut_of(first: Any, content_type: str = "") -> Cut | None:
    """A body, or replies, without large payloads; None if there are none."""
    as_form = is_form(content_type)
    find = partial(file_spans, content_type=content_type) if as_form else json_spans
    try:
        buffers = [_buffer(body, is_form=as_form) for body in _bodies(first)]
        spans = [list(find(cast("Any", buffer))) for buffer in buffers]
    except (TypeError, UnicodeEncodeError, TranslationError):
        return None
    return Cut(buffers, spans) if any(spans) else None


def _bodies(first: Any) -> list[Body]:
    """The bodies of replies, or the one body."""
    if isinstance(first, list | tuple):
        return [item.body for item in first if isinstance(item, Reply)]
    return [first]


def _refilled(first: Any, cut: Cut) -> Any:
    """The body, or replies, with the small bodies that were cut."""
    if not isinstance(first, list | tuple):
        return cut.bodies[0]
    small = iter(cut.bodies)
    return [
        structs.replace(item, body=next(small)) if isinstance(item, Reply) else item
        for item in first
    ]


def _buffer(body: Body, *, is_form: bool) -> Buffer:
    """A body as bytes, which for a form can be searched; raises for a mapping."""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, memoryview):
        whole = body.obj
        if isinstance(whole, bytes) and body.c_contiguous and body.nbytes == len(whole):
            return whole
        return body.tobytes() if is_form or not body.c_contiguous else body.cast("B")
    if isinstance(body, Mapping):
        raise TypeError
    return body


def _numbers(spans: Sequence[Span]) -> list[int]:
    """The numbers of spans: equal payloads share one, because a translation may compare them.

    One of the same length and with the same ends as another is compared with the first of these;
    if it differs, its digest tells it from the others.
    """
    first: dict[Any, int] = {}
    numbers: list[int] = []
    for number, span in enumerate(spans):
        feature: tuple[Any, ...] = (span.kind, span.length, *span.ends)
        alike = first.setdefault(feature, number)
        if alike != number and not span.says(spans[alike]):
            alike = first.setdefault((feature, span.digest()), number)
        numbers.append(alike)
    return numbers


def _rest(body: Buffer, spans: Sequence[Span]) -> list[memoryview]:
    """The pieces of a body between its spans."""
    view = memoryview(body)
    ends = [0, *(span.stop for span in spans)]
    starts = [*(span.start for span in spans), len(body)]
    return [view[end:start] for end, start in zip(ends, starts, strict=True)]


def _filled(rest: Sequence[memoryview], placeholders: Iterator[bytes]) -> bytes:
    """A body with placeholders between its pieces."""
    first, *others = rest
    filled = [bytes(first)]
    for piece in others:
        filled += (next(placeholders), bytes(piece))
    return b"".join(filled)
