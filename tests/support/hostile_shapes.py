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

Kind = Literal["request", "reply", "failure"]

TABLES: dict[Kind, dict[str, Shape]] = {
    "request": {**REQUESTS, **FORMS},
    "reply": REPLIES,
    "failure": FAILURES,
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
            status = 200 if kind == "reply" else 429
            yield partial(imagewire.translate_response, body, **about, status=status)


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
