"""Three streams in every direction, as files that a person can read."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from syrupy.assertion import SnapshotAssertion

import imagewire
from cases import DATA, GEMINI_MODEL
from events import data_of
from imagewire import ReplyContext, StreamTranslator
from streamed import BROKEN, CREATED, STREAMS

FORMATS = list(imagewire.FORMATS)
#: What each kind of stream is made of: a payload of the data for a whole reply.
WHOLE = {
    "chat": "chat_response_openrouter_images",
    "gemini": "gemini_response_ok_seed",
    "images": "images_response_gpt_image_full",
    "responses": "responses_response_whole",
}
CONTEXT = ReplyContext(
    model=GEMINI_MODEL,
    stream="sse",
    include_usage=True,
    partial_images=2,
    operation="generate",
    had_input_images=False,
)


def told(status: int | None, headers: Any, body: bytes, losses: Any) -> dict[str, Any]:
    """What a client gets, as plain data: the events, and how they are framed."""
    stream = status == 200
    return {
        "status": status,
        "headers": headers,
        "framing": [line for line in framing_of(body) if stream],
        "events": data_of(body) if stream else msgspec.json.decode(body),
        "losses": [
            {"kind": loss.kind, "level": loss.level, "code": loss.code, "path": loss.path}
            for loss in losses
        ],
    }


def framing_of(body: bytes) -> list[str]:
    """The lines of a stream without their data."""
    lines = body.decode().splitlines(keepends=True)
    return [line if not line.startswith("data: ") else "data: ...\n" for line in lines[:6]]


@pytest.mark.parametrize("target", FORMATS)
@pytest.mark.parametrize("source", FORMATS)
class TestStreams:
    def test_a_whole_reply(
        self, source: str, target: str, wire_snapshot: SnapshotAssertion
    ) -> None:
        body = (DATA / f"{WHOLE[source]}.json").read_bytes()
        reply = imagewire.translate_response(
            body, source=source, target=target, context=CONTEXT, created=CREATED
        )
        result = {
            "input": f"{WHOLE[source]}.json",
            "call": {"source": source, "target": target, "context": CONTEXT, "created": CREATED},
            **told(reply.status, reply.headers, bytes(reply.body), reply.losses),
        }

        assert result == wire_snapshot(name=f"stream/{source}-to-{target}/whole")

    @pytest.mark.parametrize("kind", ["live", "failure"])
    def test_events_as_they_come(
        self, source: str, target: str, kind: str, wire_snapshot: SnapshotAssertion
    ) -> None:
        body = {"live": STREAMS, "failure": BROKEN}[kind][source]
        stream = StreamTranslator(source=source, target=target, context=CONTEXT, created=CREATED)
        out = b"".join((*stream.feed(body), *stream.close()))
        result = {
            "input": body.decode(),
            "call": {"source": source, "target": target, "context": CONTEXT, "created": CREATED},
            **told(stream.status, stream.headers, out, stream.losses),
        }

        assert result == wire_snapshot(name=f"stream/{source}-to-{target}/{kind}")
