"""Hostile bodies of any size: what clients and upstreams could send to make a translation costly.

A row is a function of a size in bytes, and gives a body that is about so large. To add one, write
it into the table of its kind; the tests of ``laws/test_hostile_shapes.py`` and
``benchmarks/hostile.py`` run over all rows in every direction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Literal

import imagewire
from cases import GEMINI_MODEL, UPSTREAM_MODELS
from hostile_bodies import Hostile, Shape
from hostile_forms import FORMS
from hostile_replies import FAILURES, REPLIES
from hostile_requests import REQUESTS
from hostile_responses import RESPONSES_REPLIES, RESPONSES_REQUESTS
from hostile_streams import STREAMS
from imagewire.model import ReplyContext

Kind = Literal["request", "reply", "failure", "stream"]

TABLES: dict[Kind, dict[str, Shape]] = {
    "request": {**REQUESTS, **FORMS, **RESPONSES_REQUESTS},
    "reply": {**REPLIES, **RESPONSES_REPLIES},
    "failure": FAILURES,
    "stream": STREAMS,
}

#: The defaults, and what makes a translation look at most of its body.
OPTIONS = (
    imagewire.Options(responses_model="gpt-6.1"),
    imagewire.Options(
        history="all",
        keep_drafts=True,
        read_markdown=True,
        chat_images="markdown",
        images_text="revised_prompt",
        remote_urls="file_uri",
        edit_body="json",
        responses_model="gpt-6.1",
    ),
)


def translations(
    kind: Kind, hostile: Hostile, options: imagewire.Options
) -> Iterator[Callable[[], object]]:
    """A body translated in every direction."""
    body, source, content_type = hostile
    for target in imagewire.FORMATS:
        about: dict[str, Any] = {"source": source, "target": target, "options": options}
        if kind == "request":
            model = None if target == source != "gemini" else _MODELS[target]
            about.update(model=model, content_type=content_type)
            yield partial(imagewire.translate_request, body, **about)
        else:
            about.update(status=429 if kind == "failure" else 200)
            yield partial(imagewire.translate_response, body, **about)
            yield partial(imagewire.translate_response, body, **about, context=_STREAMED)
        if kind == "stream":
            yield partial(_streamed, body, **about, context=_STREAMED)


def _streamed(body: bytes, **about: Any) -> None:
    """A stream as a proxy passes it on: in slices, of which nothing is kept."""
    stream = imagewire.StreamTranslator(**about)
    for start in range(0, len(body), _SLICE):
        stream.feed(body[start : start + _SLICE])
    stream.close()


def calls(kind: Kind, hostile: Hostile) -> Iterator[Callable[[], object]]:
    """All that a proxy may ask of a body."""
    for options in OPTIONS:
        yield from translations(kind, hostile, options)
    if kind == "request":
        body, source, content_type = hostile
        about: dict[str, Any] = {"source": source, "content_type": content_type}
        yield partial(imagewire.read_model, body, **about)
        for target in imagewire.FORMATS:
            yield partial(imagewire.remote_images, body, **about, target=target)


_SLICE = 2**14  # bytes
_STREAMED = ReplyContext(model="m", stream="sse")  # of a client that wants a stream
_MODELS = {"chat": GEMINI_MODEL, **UPSTREAM_MODELS}


def handled(call: Callable[[], Any]) -> str:
    """Do what a proxy does with a call, to its end; how it ended. Only sound errors are caught."""
    try:
        result = call()
        if isinstance(result, imagewire.TranslatedRequest | imagewire.TranslatedResponse):
            for _ in result.body:
                pass
            result.require_lossless("metadata")
    except imagewire.TranslationError as error:
        for target in imagewire.FORMATS:
            imagewire.render_error(error, target=target)
        assert repr(error)
        return "lossy" if isinstance(error, imagewire.LossyError) else "refused"
    return "done"
