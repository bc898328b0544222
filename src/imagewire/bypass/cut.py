"""Large bodies: the bytes of images bypass the codec.

The middle of each large payload is cut out of the body, and a stand-in left in its place. The small
document that remains is translated by code that knows nothing of this; then the payloads take the
places of their stand-ins again, as views of the caller's body.

What is cut is a run of base64 between two quotes of a JSON document, or a file of a form. In valid
JSON, letters of base64 alone between two quotes can only be (the end of) a string: whatever stands
outside of strings has a structural character before the next quote. All of the run is checked;
anything else (escapes, white space, one bad byte, a key) stays where it is and goes the ordinary
way. So do mappings, whose texts have left their JSON already, and requests with fetched images.

A stand-in cannot be forged: it holds a digest of everything that is not cut. And nothing depends on
it: where a translation raises, or fails, or says a stand-in in any other place than its body, or
says a part of one, the whole body goes the ordinary way instead.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial, wraps
from itertools import chain
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

import msgspec
import pybase64
from msgspec import structs

from imagewire.bypass.spans import Buffer, DoubtError, Run, file_runs, json_runs
from imagewire.digest import digest_of
from imagewire.errors import TranslationError
from imagewire.messages import Body, Message, Payload, Reply, Segment
from imagewire.placeholder import LENGTH, mark_of, number_of, stand_in

First = TypeVar("First")
Result = TypeVar("Result")
About = ParamSpec("About")

LARGE = 32 * 1024  #: bytes of a body from which on it is looked through

_FILE_TOKEN = LENGTH * 3 // 4  # bytes that a stand-in decodes to
_BOUNDARY = re.compile(r'\bboundary="?([!#-:<-~]{1,70})', re.IGNORECASE | re.ASCII)


class _Cut:
    """Bodies without the middles of their payloads, and what puts those back."""

    def __init__(self, bodies: Sequence[Buffer], runs: Sequence[Sequence[Run]]) -> None:
        self._runs = [run for found in runs for run in found]
        rests = [_rest(body, found) for body, found in zip(bodies, runs, strict=True)]
        self._mark = mark_of(digest_of(chain.from_iterable(rests)))
        self._trace = self._mark.lower().encode()
        stand_ins = iter(list(map(self._stand_in, _numbers(self._runs), self._runs)))
        #: The small bodies.
        self.bodies = [_filled(rest, stand_ins) for rest in rests]

    def _stand_in(self, number: int, run: Run) -> bytes:
        text = stand_in(self._mark, number, run.length, url_safe=run.kind == "url_safe")
        return pybase64.b64decode(text) if run.kind == "file" else text.encode()

    def restored(self, result: Any) -> Any:
        """A result with the payloads in their places; raises where it cannot be vouched for."""
        is_reply = isinstance(result, Message)
        fields = structs.asdict(result) if is_reply else {"": result}
        body = fields.pop("body", None)
        if self._trace in msgspec.json.encode(list(fields.values())).lower():
            raise DoubtError
        if body is None:
            return result
        if fields.get("failure") is not None:
            raise DoubtError
        headers = fields.get("headers", {})  # a line of a batch has none
        boundary = _BOUNDARY.search(headers.get("content-type", ""))
        if boundary is None:
            payload = Payload(*self._with_texts(bytes(body)))
        else:
            payload = Payload(*self._with_files(bytes(body), boundary[1].encode()))
        changed: dict[str, Any] = {"body": payload}
        if "content-length" in headers:
            changed["headers"] = {**headers, "content-length": str(len(payload))}
        return structs.replace(result, **changed)

    def _with_texts(self, body: bytes) -> Iterator[Segment]:
        """The segments of a JSON body; raises if it says a part of a stand-in."""
        mark = self._mark.encode()
        done = traces = 0
        while (at := body.find(mark, done)) >= 0:
            start, stop = at - 2, at - 2 + LENGTH
            yield body[done:start]
            yield from self._run(body[start:stop]).texts(body[start:at])
            done = stop
            traces += 1
        if traces != body.lower().count(self._trace):
            raise DoubtError
        yield body[done:]

    def _with_files(self, body: bytes, boundary: bytes) -> Iterator[Segment]:
        """The segments of a form; raises if it says a stand-in as text, or holds its boundary."""
        if self._trace in body.lower():
            raise DoubtError
        mark = pybase64.b64decode(f"++{self._mark}"[:40])
        done = 0
        while (start := body.find(mark, done)) >= 0:
            stop = start + _FILE_TOKEN
            yield body[done:start]
            yield self._run(pybase64.b64encode(body[start:stop])).file(boundary)
            done = stop
        yield body[done:]

    def _run(self, text: bytes) -> Run:
        number = number_of(text.decode("latin-1"))
        if number is None or number >= len(self._runs):
            raise DoubtError
        return self._runs[number]


def bypassed(
    translate: Callable[Concatenate[First, About], Result],
) -> Callable[Concatenate[First, About], Result]:
    """A translation of a body, or of replies, whose large payloads go around it."""

    @wraps(translate)
    def bypassing(first: First, *args: About.args, **about: About.kwargs) -> Result:
        small = type(first) is bytes and len(first) < LARGE  # as most are
        if small or not _is_large(first) or about.get("fetched"):
            return translate(first, *args, **about)
        cut = _cut(first, str(about.get("content_type", "")))
        if cut is not None:
            try:
                restored: Result = cut.restored(translate(_refilled(first, cut), *args, **about))
            except (TranslationError, DoubtError):
                pass  # the whole body says what is wrong with it
            else:
                return restored
        return translate(first, *args, **about)

    return cast("Callable[Concatenate[First, About], Result]", bypassing)


def _is_large(first: object) -> bool:
    """Whether a body, or one among replies, is worth looking through."""
    if isinstance(first, list | tuple):
        for item in first:  # noqa: SIM110 - a generator takes longer
            if isinstance(item, Reply) and _is_large(item.body):
                return True
        return False
    if isinstance(first, memoryview):
        return first.nbytes >= LARGE
    return isinstance(first, bytes | bytearray | str) and len(first) >= LARGE


def _cut(first: Any, content_type: str) -> _Cut | None:
    """What is to be translated without its large payloads; None if it has none."""
    boundary = _BOUNDARY.search(content_type)
    try:
        buffers = [_buffer(body, is_form=boundary is not None) for body in _bodies(first)]
    except (TypeError, UnicodeEncodeError):
        return None
    find = json_runs if boundary is None else partial(file_runs, boundary=boundary[1].encode())
    runs = [list(find(cast("Any", buffer))) for buffer in buffers]
    return _Cut(buffers, runs) if any(runs) else None


def _bodies(first: Any) -> list[Body]:
    """The bodies of replies, or the one that there is."""
    if isinstance(first, list | tuple):
        return [item.body for item in first if isinstance(item, Reply)]
    return [first]


def _refilled(first: Any, cut: _Cut) -> Any:
    """What was to be translated, with small bodies."""
    if not isinstance(first, list | tuple):
        return cut.bodies[0]
    small = iter(cut.bodies)
    return [
        structs.replace(item, body=next(small)) if isinstance(item, Reply) else item
        for item in first
    ]


def _buffer(body: Body, *, is_form: bool) -> Buffer:
    """A body as bytes, a form as ones that can be searched; raises for what is none."""
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


def _numbers(runs: Sequence[Run]) -> list[int]:
    """The numbers of runs: equal payloads have one, because somebody may compare them.

    Payloads of one length and with the same ends are digested to tell them apart.
    """
    outsides = [(run.kind, run.length, *run.ends) for run in runs]
    alike = Counter(outsides)
    first: dict[Any, int] = {}
    return [
        first.setdefault((outside, run.digest() if alike[outside] > 1 else b""), number)
        for number, (run, outside) in enumerate(zip(runs, outsides, strict=True))
    ]


def _rest(body: Buffer, runs: Sequence[Run]) -> list[memoryview]:
    """The pieces of a body between its runs."""
    view = memoryview(body)
    ends = [0, *(run.stop for run in runs)]
    starts = [*(run.start for run in runs), len(body)]
    return [view[end:start] for end, start in zip(ends, starts, strict=True)]


def _filled(rest: Sequence[memoryview], stand_ins: Iterator[bytes]) -> bytes:
    """A body with stand-ins between its pieces."""
    first, *others = rest
    filled = [bytes(first)]
    for piece in others:
        filled += (next(stand_ins), bytes(piece))
    return b"".join(filled)
