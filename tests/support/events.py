"""Events of streams: one of each class of the hub, and streams as upstreams send them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

import hub
from imagewire import model

#: An event of each class in which it says something.
EVENTS: dict[str, model.StreamEvent] = {
    "StreamEvent.candidate": model.StreamEvent(candidate=1),
    "PartEvent.part": model.PartEvent(part=hub.HELLO),
    "StartEvent.extras": model.StartEvent(id="r1", created=1, model="m", extras=hub.EXTRAS),
    "DraftEvent.number": model.DraftEvent(part=hub.PICTURE, number=1),
    "TextEvent.part": model.TextEvent(part=hub.HELLO, index=2),
    "ImageEvent.part": model.ImageEvent(part=hub.PICTURE),
    "ForeignEvent.part": model.ForeignEvent(part=hub.HELLO),
    "FinishEvent.block": model.FinishEvent(block=model.Block(reason="SAFETY", message="no")),
    "UsageEvent.usage": model.UsageEvent(usage=hub.USAGE),
    "FailureEvent.failure": model.FailureEvent(
        failure=model.Failure(kind=model.FailureKind.QUOTA, message="no", status=429)
    ),
}


def sent(*events: Any, end: bytes = b"\n") -> bytes:
    """Documents as server-sent events; bytes are data as they are."""
    return b"".join(b"data: " + _data(event) + end + end for event in events)


def named(*events: dict[str, Any]) -> bytes:
    """The same, each with its type as its name, as the Images API sends them."""
    return b"".join(
        b"event: " + event["type"].encode() + b"\ndata: " + _data(event) + b"\n\n"
        for event in events
    )


def data_of(body: bytes) -> list[Any]:
    """The documents of server-sent events that we wrote; ``[DONE]`` as a text."""
    found = []
    for line in body.replace(b"\r\n", b"\n").split(b"\n"):
        if line.startswith(b"data: "):
            data = line.removeprefix(b"data: ")
            found.append("[DONE]" if data == b"[DONE]" else msgspec.json.decode(data))
    return found


def sliced(body: bytes, cuts: Iterable[int]) -> Iterator[bytes]:
    """A body in slices that end at some places."""
    start = 0
    for stop in sorted({min(cut, len(body)) for cut in cuts}):
        yield body[start:stop]
        start = stop
    yield body[start:]


def _data(event: Any) -> bytes:
    return event if isinstance(event, bytes) else msgspec.json.encode(event)


def message_of(body: bytes, status: int | None = 200) -> str:
    """The words of an error reply, or of the event that tells of an error."""
    document = (
        msgspec.json.decode(body)
        if status != 200
        else next(item for item in data_of(body) if "error" in item or item.get("type") == "error")
    )
    message: str = document.get("error", document)["message"]  # that of Responses is flat
    return message
