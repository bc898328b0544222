"""A made-up format, as its author would write it: it proves what one line in the table brings.

A request is ``{"ask", "model", "pictures", "many", "shape", "seed"}``, a reply ``{"pictures",
"says", "ended", "model"}``, an error ``{"error": {"kind", "message", "wait"}}``; pictures are data
URIs or URLs.

What this format cannot keep, and what becomes of it: an uploaded file and a part of another format
in the prompt raise; everything else is dropped and reported. The writers find it in the plainest
way: they read back what they wrote, and report each field of the hub that differs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

import msgspec
from msgspec import structs

import imagewire
from imagewire.catalog import CATALOG, Model, bare_model
from imagewire.codec.document import Codec, Document, encode, json_request
from imagewire.codec.document import read_model as read_json_model
from imagewire.codec.fields import Wire
from imagewire.errors import InexpressibleError, MalformedError, UnsupportedError
from imagewire.formats.contract import BatchShape, Credential, Operation
from imagewire.loss import C, Loss, Outcome, Report, lost
from imagewire.messages import JSON_TYPE, Body, Headers, WireRequest, WireResponse, read_headers
from imagewire.model import (
    Candidate,
    Extra,
    Failure,
    FailureEvent,
    FailureKind,
    FinishEvent,
    ImageRequest,
    ImageResponse,
    ImageSettings,
    Part,
    PartEvent,
    ReplyContext,
    Sampling,
    StartEvent,
    StreamEvent,
    Turn,
    UsageEvent,
)
from imagewire.paths import Path
from imagewire.rules import failures, retry
from imagewire.rules.error_bodies import read_error
from imagewire.rules.events import parts_of, start_of
from imagewire.rules.media import read_reference, reference
from imagewire.rules.model_ids import body_model
from imagewire.rules.prompt import prompt_index
from imagewire.rules.settings import read_count
from imagewire.sse import Event, write_event

NAME = "toy"
PROMPT: Literal["conversation"] = "conversation"
FAMILIES = frozenset({"toy"})
NATIVE = "toy"
CREDENTIAL = Credential("x-toy-key")
BATCH_SHAPE: BatchShape = "openai"
PATH = "/toy/v1/paint"

#: A catalogue with a model of the format's own family.
WITH_TOYS = CATALOG.with_models(Model(id="toy-1", family="toy", ratios=("1:1", "16:9")))

#: Where the hub has words and pictures, and what of it is bookkeeping.
_CONTENT = {"system", "turns", "mask", "markup", "candidates", "block"}
_BOOKKEEPING = {"id", "created", "usage", "user", "safety_identifier", "extras"}


class Request(Wire):
    ask: str
    model: str | None = None
    pictures: list[str] = msgspec.field(default_factory=list)
    many: int | None = None
    shape: str | None = None
    seed: int | None = None


class Reply(Wire):
    pictures: list[str]
    says: str | None = None
    ended: str | None = None
    model: str | None = None


_REQUEST, _REPLY = Codec(Request), Codec(Reply)


read_model = read_json_model


CLIENT_HEADERS: frozenset[str] = frozenset()


def is_own_path(path: str) -> bool:
    return path.startswith("/toy/")


def read_path(path: str) -> tuple[Operation, str | None] | None:
    return ("generate", None) if path == PATH else None


def write_path(operation: Operation, _model: str | None = None, **_: object) -> str | None:
    return PATH if operation == "generate" else None


def write_models(models: Sequence[Model]) -> WireResponse:
    body = encode({"toys": [model.id for model in models]})
    return WireResponse(status=200, headers={"content-type": JSON_TYPE}, body=body)


def read_request(body: Body, *, model: str | None = None, **_: Any) -> Outcome[ImageRequest]:
    losses: list[Loss] = []
    document = _REQUEST.decode(body)
    asked = document.value
    given = asked.model or model
    request = ImageRequest(
        model=None if given is None else bare_model(body_model(given)),
        model_as_given=given,
        turns=(Turn(role="user", parts=_read_parts(asked.pictures, asked.ask, losses.append)),),
        count=read_count(asked.many, "$.many"),
        image=ImageSettings(aspect_ratio=asked.shape),
        sampling=Sampling(seed=asked.seed),
        extras=_read_extras(document),
    )
    return Outcome(request, tuple(losses))


def write_request(request: ImageRequest, **_: Any) -> Outcome[WireRequest]:
    turn = prompt_index(request)
    pictures, words = _write_parts(request.turns[turn].parts, ("turns", turn))
    if not pictures and not words:
        raise InexpressibleError("nothing is asked for", path=("turns", turn))
    asked = Request(
        ask=words,
        model=body_model(request.model_as_given or request.model or ""),
        pictures=pictures,
        many=None if request.count == 1 else request.count,
        shape=request.image.aspect_ratio,
        seed=request.sampling.seed,
    )
    headers, body = json_request(_with_extras(asked, request.extras))
    kept = read_request(bytes(body)).value
    wire = WireRequest(path=PATH, headers=headers, body=body, model=str(asked.model))
    return Outcome(wire, tuple(_lost(request, kept)))


def read_response(body: Body, **_: Any) -> Outcome[ImageResponse]:
    losses: list[Loss] = []
    try:
        document = _REPLY.decode(body)
        made = document.value
        parts = _read_parts(made.pictures, made.says or "", losses.append)
    except imagewire.TranslationError as error:
        error.blame_upstream()
        raise
    response = ImageResponse(
        model=None if made.model is None else bare_model(made.model),
        model_as_given=made.model,
        candidates=(Candidate(parts=parts, finish=made.ended or "STOP"),),
        extras=_read_extras(document),
    )
    return Outcome(response, tuple(losses))


def write_response(
    response: ImageResponse, *, context: ReplyContext = ReplyContext(), **_: Any
) -> Outcome[WireResponse]:
    parts = [part for candidate in response.candidates for part in candidate.parts]
    pictures, words = _write_parts(parts, ("candidates",))
    ends = [response.block.reason] if response.block else []
    ends += [candidate.finish for candidate in response.candidates]
    made = Reply(
        pictures=pictures,
        says=words or None,
        ended=next((end for end in ends if end != "STOP"), None),
        model=context.model or response.model_as_given or response.model,
    )
    body = encode(_with_extras(made, response.extras))
    kept = read_response(bytes(body)).value
    wire = WireResponse(status=200, headers={"content-type": JSON_TYPE}, body=body)
    return Outcome(wire, tuple(_lost(response, kept)))


KEEP_ALIVE = b"\n"


class _StreamReader:
    """Each event is a whole reply with a part of the pictures, or of the words."""

    def __init__(self) -> None:
        self.unread: MalformedError | None = None

    def read(self, event: Event) -> Outcome[tuple[StreamEvent, ...]]:
        read = read_response(event.data)
        reply = read.value
        events: list[StreamEvent] = [start for start in [start_of(reply)] if start]
        [candidate] = reply.candidates
        events += parts_of(candidate.parts)
        if b'"ended"' in event.data:
            events.append(FinishEvent(finish=candidate.finish))
        return Outcome(tuple(events), read.losses)

    def close(self) -> Outcome[tuple[StreamEvent, ...]]:
        return Outcome(())


class _StreamWriter:
    """Whole replies as events: one for each part, and one that ends."""

    holds = False

    def __init__(self, context: ReplyContext) -> None:
        self.start = StartEvent(model=context.model)
        self.end: str | None = "STOP"

    def write(self, event: StreamEvent) -> Outcome[bytes]:
        losses: list[Loss] = []
        if isinstance(event, StartEvent):
            own = tuple(extra for extra in event.extras if extra.format == NAME)
            kept = StartEvent(model=event.model, extras=own)
            self.start = StartEvent(
                model=self.start.model or event.model_as_given or event.model, extras=own
            )
            losses += _lost(event, structs.replace(kept, model_as_given=event.model_as_given))
        elif isinstance(event, FinishEvent):
            self.end = event.block.reason if event.block else event.finish or self.end
            kept_end = FinishEvent(candidate=event.candidate, finish=self.end, block=event.block)
            losses += _lost(event, kept_end)
        elif isinstance(event, FailureEvent):
            self.end = None
            return Outcome(write_event(bytes(write_failure(event.failure).body)))
        elif isinstance(event, UsageEvent):
            losses.append(_loss(("usage",)))
        elif isinstance(event, PartEvent):
            return self._write_part(event)
        return Outcome(b"", tuple(losses))

    def close(self) -> Outcome[bytes] | Outcome[Failure]:
        if self.end is None:
            return Outcome(b"")
        return Outcome(write_event(bytes(encode(self._document([], ended=self.end)))))

    def _write_part(self, event: PartEvent) -> Outcome[bytes]:
        path = ("candidates", event.candidate, "parts", event.index)
        pictures, words = _write_parts([event.part], ("candidates",))
        if not pictures and not words:
            return Outcome(b"", (_loss(path),))
        [kept] = _read_parts(pictures, words, lambda _: None)
        body = bytes(encode(self._document(pictures, says=words or None)))
        losses = _differences(msgspec.to_builtins(event.part), msgspec.to_builtins(kept), path)
        return Outcome(write_event(body), tuple(losses))

    def _document(self, pictures: list[str], **fields: Any) -> dict[str, Any]:
        reply = Reply(pictures=pictures, model=self.start.model, **fields)
        return _with_extras(reply, self.start.extras)


def stream_reader(**_: Any) -> _StreamReader:
    return _StreamReader()


def stream_writer(*, context: ReplyContext = ReplyContext(), **_: Any) -> _StreamWriter:
    return _StreamWriter(context)


def read_failure(body: Body, *, status: int, headers: Headers = ()) -> Failure:
    said = read_error(body, status)
    error = said.error
    try:
        kind = FailureKind(str(error.get("kind")))
    except ValueError:
        kind = failures.kind_of_status(status if status >= 400 else 500)
    wait: Any = error.get("wait")
    return Failure(
        kind=kind,
        message=said.message,
        status=status if status >= 400 else failures.TABLE[kind].statuses[0],
        retryable=failures.TABLE[kind].retryable,
        retry_after=retry.clamp(wait) if type(wait) in {int, float} else None,
        request_id=retry.request_id_of(read_headers(headers)),
    )


def write_failure(failure: Failure) -> WireResponse:
    error = {"kind": failure.kind, "message": failure.message, "wait": failure.retry_after}
    return WireResponse(
        status=failures.written_status(failure),
        headers=failures.failure_headers(failure),
        body=encode({"error": {name: said for name, said in error.items() if said is not None}}),
    )


def _read_parts(pictures: Iterable[str], words: str, report: Report) -> tuple[Part, ...]:
    parts = []
    for index, text in enumerate(pictures):
        image = read_reference(text, ("pictures", index), report)
        if image is None:
            raise MalformedError("a picture must be an image", path=("pictures", index))
        parts.append(Part(image=image))
    return (*parts, Part(text=words)) if words else tuple(parts)


def _write_parts(parts: Iterable[Part], path: Path) -> tuple[list[str], str]:
    pictures, words = [], []
    for part in parts:
        if part.foreign is not None and path[0] == "turns":
            raise UnsupportedError(f"a `{part.foreign.kind}` part is no prompt", path=path)
        if part.image is not None and part.image.file_id is not None:
            raise InexpressibleError("an uploaded file belongs to its API", path=path)
        if part.image is not None and not part.thought:
            pictures.append(reference(part.image))
        elif part.text is not None and not part.thought:
            words.append(part.text)
    return pictures, "\n".join(words)


def _read_extras(document: Document[Any]) -> tuple[Extra, ...]:
    unknown = document.unknown.take() if document.unknown else ()
    return tuple(Extra(format=NAME, path=path, value=value) for path, value, _ in unknown)


def _with_extras(document: Wire, extras: Iterable[Extra]) -> dict[str, Any]:
    own = {str(extra.path[0]): extra.value for extra in extras if extra.format == NAME}
    return {**own, **msgspec.to_builtins(document)}


def _lost(said: Any, kept: Any) -> Iterator[Loss]:
    return _differences(msgspec.to_builtins(said), msgspec.to_builtins(kept), ())


def _differences(said: Any, kept: Any, path: Path) -> Iterator[Loss]:
    """What one canonical document says and the other does not, by hub path."""
    if path in {("model",), ("model_as_given",)} or _is_nothing(said) or said == kept:
        return
    if isinstance(said, dict) and isinstance(kept, dict):
        for name, value in said.items():
            yield from _differences(value, kept.get(name), (*path, name))
    elif path[-1] == "extras":
        yield from _lost_extras([extra for extra in said if extra not in (kept or [])], path)
    elif isinstance(said, list) and isinstance(kept, list) and len(said) == len(kept):
        for index, values in enumerate(zip(said, kept, strict=True)):
            yield from _differences(*values, (*path, index))
    else:
        yield _loss(path)


def _lost_extras(extras: Iterable[dict[str, Any]], path: Path) -> Iterator[Loss]:
    for extra in extras:
        if extra["policy"] == "refuse":
            raise UnsupportedError("a field that must not be left out", path=path)
        says_nothing = _is_nothing(extra["value"]) and extra["file"] is None
        if extra["policy"] == "report" and not says_nothing:
            yield _loss((*path, *extra["path"]))


def _is_nothing(value: Any) -> bool:
    return value is None or value is False or value in ("", [], {})


def _loss(path: Path) -> Loss:
    """The loss of a field, by what it is."""
    code = C.FOREIGN_PART if path[0] in _CONTENT else C.NO_SUCH_SETTING
    code = C.UNKNOWN_FIELD if _BOOKKEEPING & set(path) else code
    return lost(code, path, "the toy format has no such field")
