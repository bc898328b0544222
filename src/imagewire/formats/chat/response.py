"""Chat responses: ``read_response`` and ``write_response``, field by field in the same order.

A reply's id is the source's, else the caller's, else a digest of what the reply says. A ``created``
of 0 is not known.
"""

from __future__ import annotations

from collections.abc import Mapping

from imagewire.catalog import CATALOG, Catalog, bare_model
from imagewire.codec.document import Codec, encode
from imagewire.codec.reading import Keeping, Reader, Reading, refuse_failure
from imagewire.codec.writing import Writing, report_picture
from imagewire.errors import MalformedError
from imagewire.formats.chat import wire
from imagewire.formats.chat.choice import read_choices, write_choices
from imagewire.formats.chat.content import put_right
from imagewire.formats.chat.usage import read_usage, write_usage
from imagewire.formats.shared.openai_api import write_time
from imagewire.formats.shared.reply_id import made_up_id
from imagewire.loss import C, Outcome, lost
from imagewire.messages import JSON_TYPE, Body, WireResponse
from imagewire.model import (
    ImageResponse,
    Policy,
    ReplyContext,
    StartEvent,
)
from imagewire.options import DEFAULTS, Options

#: Bookkeeping of the API: other formats pass over it in silence.
POLICIES: Mapping[str, Policy] = dict.fromkeys(
    (
        "accepted_prediction_tokens",
        "annotations",
        "cache_write_tokens",
        "index",
        "logprobs",
        "native_finish_reason",
        "provider",
        "rejected_prediction_tokens",
        "service_tier",
        "system_fingerprint",
    ),
    "silent",
)

#: Where a field may come from, for losses that writers find.
WIRE_PATHS: Mapping[str, tuple[str, ...]] = {
    "$.candidates": ("$.choices",),
    "$.usage.cached": ("$.usage.prompt_tokens_details.cached_tokens",),
    "$.usage.prompt_details": ("$.usage.prompt_tokens_details",),
    "$.usage.candidates_details": ("$.usage.completion_tokens_details",),
    "$.model": ("$.model",),
}


def read_response(body: Body, *, options: Options = DEFAULTS) -> Outcome[ImageResponse]:
    """The response of a chat completion body.

    Raises `MalformedError` (502).
    """
    return RESPONSE.read(body, options)


def _read(body: wire.Response, reading: Reading) -> ImageResponse:
    refuse_failure(body.error)
    if not body.choices:
        msg = "`choices` is empty or missing"
        raise MalformedError(msg, path="$.choices")
    candidates, block = read_choices(body.choices, reading)
    return ImageResponse(
        id=str(body.id) if body.id else None,
        created=int(body.created) if body.created else None,
        model=bare_model(body.model) if body.model else None,
        model_as_given=body.model or None,
        candidates=candidates,
        block=block,
        usage=None if body.usage is None else read_usage(body.usage, reading),
        extras=reading.keep_named(
            system_fingerprint=body.system_fingerprint, service_tier=body.service_tier
        )
        + reading.take(),
    )


def write_response(  # noqa: PLR0913 - the contract's signature
    response: ImageResponse,
    *,
    context: ReplyContext = ReplyContext(),
    created: int | None = None,
    response_id: str | None = None,
    options: Options = DEFAULTS,
    catalog: Catalog = CATALOG,
) -> Outcome[WireResponse]:
    """The chat completion: always a 200, with at least one choice."""
    writing = Writing("chat", options)
    report = writing.report
    model = write_model(response, context, writing, catalog)
    time = write_time(response, created, report)
    body = wire.Response(
        id=response.id or response_id or made_up_id(response, "chatcmpl-"),
        object="chat.completion",
        created=time,
        model=model,
        choices=write_choices(response, writing),
        usage=None if response.usage is None else write_usage(response.usage, writing),
    )
    report_picture(response.image, report)
    if response.extras:
        writing.add(response.extras, ())
    payload = encode(writing.finish(body))
    return Outcome(
        WireResponse(status=200, headers={"content-type": JSON_TYPE}, body=payload),
        tuple(writing.losses),
    )


def write_model(
    reply: ImageResponse | StartEvent,
    context: ReplyContext,
    writing: Writing,
    catalog: Catalog = CATALOG,
) -> str:
    """The model of a reply: the client's own spelling, else what the reply names."""
    if context.model is not None:
        return context.model
    if reply.model is not None:
        return catalog.spell(reply.model, reply.model_as_given, writing.options.model_ids)
    writing.report(lost(C.MISSING_MODEL, "$.model", "no model was named: `model` is empty"))
    return ""


_KEEPING = Keeping(
    put_right,
    decided=frozenset({"model", "error"}),
    filled=frozenset({"id", "object", "created"}),
    unless=lambda options: options.chat_images != "parts" or not options.chat_extensions,
)
RESPONSE = Reader(
    "chat",
    Codec(wire.Response, reply=True),
    _read,
    policies=POLICIES,
    wire_paths=WIRE_PATHS,
    keeping=_KEEPING,
)
