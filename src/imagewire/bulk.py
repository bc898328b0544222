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
from functools import wraps
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar, cast

import attrs
import msgspec
import pybase64

from imagewire.digest import new_digest
from imagewire.errors import TranslationError
from imagewire.message import Body, Payload, Segment
from imagewire.result import Reply
from imagewire.stand_in import EDGE, LENGTH, mark_of, number_of, stand_in

First = TypeVar("First")
Result = TypeVar("Result")
About = ParamSpec("About")

LARGE = 32 * 1024  #: bytes of a body from which on it is looked through
GRID = 32 * 1024  #: a run longer than this is met on the way through
LEAST = 4 * 1024  #: bytes of a run that is worth cutting

_BLOCK = 512 * 1024  # letters checked at a time: smaller costs time, larger costs memory
_URL_SAFE = b"-_"
_SPACE = b" \t\r\n"
_FILE_EDGE = EDGE * 3 // 4  # bytes that a payload's first letters stand for
_FILE_TAIL = _FILE_EDGE - 2  # bytes that stay at a file's end, at the least
_FILE_TOKEN = LENGTH * 3 // 4  # bytes that a stand-in decodes to
_MAX_HEAD = 4300  # bytes of headers that a part of a form may have
_BOUNDARY = re.compile(r'\bboundary="?([!#-:<-~]{1,70})', re.IGNORECASE | re.ASCII)
_FILE_HEAD = re.compile(rb"\r\ncontent-disposition:[^\r\n]*;\s*filename\*?=", re.IGNORECASE)

Buffer = bytes | bytearray


class _DoubtError(Exception):
    """A result cannot be vouched for: the whole body has to go the ordinary way."""


@attrs.frozen(eq=False)
class _Run:
    """The middle of a payload: base64 of one alphabet in a JSON body, or a file's bytes in a form.

    ``length`` is how many letters of base64 the whole payload has.
    """

    body: Buffer
    start: int
    stop: int
    length: int
    kind: Literal["standard", "url_safe", "file"]

    @property
    def view(self) -> memoryview:
        """The run itself, uncopied."""
        return memoryview(self.body)[self.start : self.stop]

    @property
    def ends(self) -> tuple[bytes, bytes]:
        """What its payload keeps on either side of it."""
        before = self.body[self.start - _FILE_TAIL : self.start]
        return bytes(before), bytes(self.body[self.stop : self.stop + _FILE_TAIL])

    def digest(self) -> bytes:
        """What tells it from another run."""
        digest = new_digest(16)
        digest.update(self.view)
        return digest.digest()

    def texts(self, flag: bytes) -> Iterator[Segment]:
        """The run as base64, of the alphabet that the first letters of its stand-in tell."""
        if self.kind == "file":
            yield pybase64.b64encode(self.view)
        elif self.kind == "url_safe" and flag == b"++":
            for start in range(self.start, self.stop, _BLOCK):
                block = memoryview(self.body)[start : min(start + _BLOCK, self.stop)]
                yield pybase64.b64encode(pybase64.b64decode(block, _URL_SAFE))
        else:
            yield self.view

    def file(self, boundary: bytes) -> Segment:
        """The run as a file's bytes; raises if a form's boundary occurs in it or at its ends."""
        if self.kind == "file":
            edges = self.start - _FILE_EDGE, self.stop + _FILE_EDGE
            if self.body.find(boundary, *edges) >= 0:
                raise _DoubtError
            return self.view
        around = memoryview(self.body)[self.start - EDGE : self.stop + EDGE]
        raw = pybase64.b64decode(around, _URL_SAFE if self.kind == "url_safe" else None)
        if boundary in raw:
            raise _DoubtError
        size = (self.stop - self.start) * 3 // 4
        return memoryview(raw)[_FILE_EDGE : _FILE_EDGE + size]


class _Cut:
    """Bodies without the middles of their payloads, and what puts those back."""

    def __init__(self, bodies: Sequence[Buffer], runs: Sequence[Sequence[_Run]]) -> None:
        self._runs = [run for found in runs for run in found]
        rests = [_rest(body, found) for body, found in zip(bodies, runs, strict=True)]
        digest = new_digest(16)
        for rest in rests:
            for piece in rest:
                digest.update(f"{len(piece)} ".encode())
                digest.update(piece)
        self._mark = mark_of(digest.hexdigest())
        self._trace = self._mark.lower().encode()
        stand_ins = iter(list(map(self._stand_in, _numbers(self._runs), self._runs)))
        #: The small bodies.
        self.bodies = [_filled(rest, stand_ins) for rest in rests]

    def _stand_in(self, number: int, run: _Run) -> bytes:
        text = stand_in(self._mark, number, run.length, url_safe=run.kind == "url_safe")
        return pybase64.b64decode(text) if run.kind == "file" else text.encode()

    def restored(self, result: Any) -> Any:
        """A result with the payloads in their places; raises where it cannot be vouched for."""
        is_reply = attrs.has(type(result))
        fields = attrs.asdict(result, recurse=False) if is_reply else {"": result}
        body = fields.pop("body", None)
        if self._trace in msgspec.json.encode(list(fields.values())).lower():
            raise _DoubtError
        if body is None:
            return result
        if fields.get("failure") is not None:
            raise _DoubtError
        headers = fields.get("headers", {})  # a line of a batch has none
        boundary = _BOUNDARY.search(headers.get("content-type", ""))
        if boundary is None:
            payload = Payload(*self._with_texts(bytes(body)))
        else:
            payload = Payload(*self._with_files(bytes(body), boundary[1].encode()))
        changed: dict[str, Any] = {"body": payload}
        if "content-length" in headers:
            changed["headers"] = {**headers, "content-length": str(len(payload))}
        return attrs.evolve(result, **changed)

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
            raise _DoubtError
        yield body[done:]

    def _with_files(self, body: bytes, boundary: bytes) -> Iterator[Segment]:
        """The segments of a form; raises if it says a stand-in as text, or holds its boundary."""
        if self._trace in body.lower():
            raise _DoubtError
        mark = pybase64.b64decode(f"++{self._mark}"[:40])
        done = 0
        while (start := body.find(mark, done)) >= 0:
            stop = start + _FILE_TOKEN
            yield body[done:start]
            yield self._run(pybase64.b64encode(body[start:stop])).file(boundary)
            done = stop
        yield body[done:]

    def _run(self, text: bytes) -> _Run:
        number = number_of(text.decode("latin-1"))
        if number is None or number >= len(self._runs):
            raise _DoubtError
        return self._runs[number]


def bypassed(
    translate: Callable[Concatenate[First, About], Result],
) -> Callable[Concatenate[First, About], Result]:
    """A translation of a body, or of replies, whose large payloads go around it."""

    @wraps(translate)
    def bypassing(first: First, *args: About.args, **about: About.kwargs) -> Result:
        cut = None
        if _is_large(first) and not about.get("fetched"):
            cut = _cut(first, str(about.get("content_type", "")))
        if cut is not None:
            try:
                restored: Result = cut.restored(translate(_refilled(first, cut), *args, **about))
            except (TranslationError, _DoubtError):
                pass  # the whole body says what is wrong with it
            else:
                return restored
        return translate(first, *args, **about)

    return cast("Callable[Concatenate[First, About], Result]", bypassing)


def _is_large(first: object) -> bool:
    """Whether a body, or one among replies, is worth looking through."""
    if isinstance(first, list | tuple):
        return any(isinstance(item, Reply) and _is_large(item.body) for item in first)
    if isinstance(first, memoryview):
        return first.nbytes >= LARGE
    return isinstance(first, bytes | bytearray | str) and len(first) >= LARGE


def _cut(first: Any, content_type: str) -> _Cut | None:
    """What is to be translated without its large payloads; None if it has none."""
    boundary = _BOUNDARY.search(content_type)
    try:
        buffers = [_buffer(body) for body in _bodies(first)]
    except (TypeError, UnicodeEncodeError):
        return None
    runs: list[list[_Run]] = [
        list(_runs(buffer) if boundary is None else _files(buffer, boundary[1].encode()))
        for buffer in buffers
    ]
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
        attrs.evolve(item, body=next(small)) if isinstance(item, Reply) else item for item in first
    ]


def _buffer(body: Body) -> Buffer:
    """A body as bytes that can be searched; raises for what is none."""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, memoryview):
        whole = body.obj
        if isinstance(whole, bytes) and body.c_contiguous and body.nbytes == len(whole):
            return whole
        return body.tobytes()
    if isinstance(body, Mapping):
        raise TypeError
    return body


def _runs(body: Buffer) -> Iterator[_Run]:
    """The large payloads of a JSON object, each met at a position of the grid."""
    if bytes(body[:EDGE]).lstrip(_SPACE)[:1] != b"{":
        return  # no format has any other body, and scanning it takes longer than refusing it
    done, at = 0, GRID
    while at < len(body):
        start = body.rfind(b'"', done, at) + 1
        stop = body.find(b'"', at)
        if stop < 0:
            return
        run = _run(body, start, stop) if start else None
        if run is not None:
            yield run
        done, at = stop, (stop // GRID + 1) * GRID


def _run(body: Buffer, start: int, stop: int) -> _Run | None:
    """The payload between two quotes, bare or in a data URI, if it is pure base64."""
    if body[start : start + 5].lower() == b"data:":
        comma = body.find(b";base64,", start, start + 256)
        start = stop if comma < 0 else comma + 8
    length = stop - start
    if length < LEAST or length % 4 or _is_key(body, stop) or _is_number(body, start):
        return None
    view = memoryview(body)[start:stop]
    if _is_base64(view, None):
        return _Run(body, start + EDGE, stop - EDGE, length, "standard")
    mixed = body.find(b"+", start, stop) >= 0 or body.find(b"/", start, stop) >= 0
    if not mixed and _is_base64(view, _URL_SAFE):
        return _Run(body, start + EDGE, stop - EDGE, length, "url_safe")
    return None


def _is_key(body: Buffer, stop: int) -> bool:
    """Whether the string that ends at a quote is a key, or might be one."""
    return bytes(body[stop + 1 : stop + 64]).lstrip(_SPACE)[:1] in {b":", b""}


def _is_number(body: Buffer, start: int) -> bool:
    """Whether a text looks like a number, which readers may take for one."""
    return body[start : start + EDGE].isdigit()


def _is_base64(view: memoryview, letters: bytes | None) -> bool:
    """Whether all of a text is padded base64 of one alphabet, with padding at its end alone."""
    for start in range(0, len(view), _BLOCK):
        block = view[start : start + _BLOCK]
        if start + _BLOCK < len(view) and block[-1] == ord("="):
            return False
        try:
            pybase64.b64decode(block, letters, validate=True)
        except ValueError:
            return False
    return True


def _numbers(runs: Sequence[_Run]) -> list[int]:
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


def _files(body: Buffer, boundary: bytes) -> Iterator[_Run]:
    """The large files of a form."""
    delimiter = b"--" + boundary
    at = body.find(delimiter)
    while at >= 0:
        following = body.find(b"\r\n" + delimiter, at)
        if following < 0:
            return
        head = body.find(b"\r\n\r\n", at, min(following, at + _MAX_HEAD)) + 4
        size = following - head
        if head >= 4 and size >= LEAST and _is_file(body[at:head]):
            tail = _FILE_TAIL + (size - _FILE_EDGE - _FILE_TAIL) % 3  # the middle are whole groups
            length = (size + 2) // 3 * 4
            yield _Run(body, head + _FILE_EDGE, following - tail, length, "file")
        at = following + 2


def _is_file(head: Buffer) -> bool:
    """Whether a part's headers say that it is a file, as it is."""
    return bool(_FILE_HEAD.search(head)) and b"transfer-encoding" not in head.lower()


def _rest(body: Buffer, runs: Sequence[_Run]) -> list[memoryview]:
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
