"""Whatever an upstream sends as a stream: a reply or an error, and never anything else."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

import imagewire
from events import sliced
from imagewire import ReplyContext, StreamTranslator
from mutation import mutated
from streamed import BROKEN, STREAMS

CONTEXT = ReplyContext(model="m", stream="sse", include_usage=True, partial_images=1)
SAMPLES = (*STREAMS.values(), *BROKEN.values(), b"data: [1]\n\n", b"data: 1\n\ndata: \xff\n\n")


def bodies(source: str, count: int) -> list[bytes]:
    random = Random(source)
    others = tuple(SAMPLES)
    return [mutated(STREAMS[source], random, others) for _ in range(count)]


def told(slices: list[bytes], source: str, target: str, **about: Any) -> tuple[Any, ...]:
    stream = StreamTranslator(source=source, target=target, context=CONTEXT, created=1, **about)
    out = [segment for data in slices for segment in stream.feed(data)]
    out += stream.close()
    return b"".join(out), stream.status, stream.failure, stream.losses


@pytest.mark.parametrize("target", imagewire.FORMATS)
@pytest.mark.parametrize("source", imagewire.FORMATS)
class TestBrokenStreams:
    def test_live_they_end_in_something_that_can_be_sent(self, source: str, target: str) -> None:
        random = Random(target)
        for body in bodies(source, 60):
            whole = told([body], source, target)
            cuts = [random.randrange(len(body) + 1) for _ in range(5)]

            assert whole == told(list(sliced(body, cuts)), source, target)
            assert whole[0]
            assert (whole[1] == 200) or (whole[2] is not None)

    def test_whole_they_are_a_reply_or_an_error(self, source: str, target: str) -> None:
        for body in bodies(source, 60):
            try:
                reply = imagewire.translate_response(body, source=source, target=target, created=1)
            except imagewire.TranslationError as error:
                assert error.status == 502
            else:
                assert reply.status == 200 or reply.failure is not None
