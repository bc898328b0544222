"""Chat responses: ``read_response`` and ``write_response``, field by field in the same order.

Rules of our own: an answer with neither text nor image says so in ``refusal``, so that no refusal
looks like an empty success; our own sentences are no words of the model when read back. A
``created`` of 0 is not known. A finish reason of OpenAI's that Gemini has no name for is OTHER.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b

import attrs

from imagewire.catalog import CATALOG, Catalog, bare_model
from imagewire.codec import Codec, encode
from imagewire.drafts import Indexed, final_parts
from imagewire.errors import FailureBodyError, MalformedError
from imagewire.finish import BLOCKING, KNOWN, has_image, is_blocked
from imagewire.formats.chat import wire
from imagewire.formats.chat.content import (
    markdown,
    read_message,
    write_image,
    write_mark,
    write_part,
)
from imagewire.formats.chat.usage import read_usage, write_usage
from imagewire.loss import CONTENT, METADATA, Outcome, approximated, defaulted, dropped
from imagewire.message import JSON_TYPE, Body, WireResponse
from imagewire.model import (
    Block,
    Candidate,
    Elsewhere,
    Extra,
    Image,
    ImageResponse,
    ImageSettings,
    ReplyContext,
)
from imagewire.options import DEFAULTS, Options
from imagewire.spoke import Path, Reader, Reading, Writing

#: Bookkeeping of the API: other formats pass over it in silence.
FATES: Mapping[str, Elsewhere] = dict.fromkeys(
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
HOMES: Mapping[str, tuple[str, ...]] = {
    "$.candidates": ("$.choices",),
    "$.model": ("$.model",),
}

PROMPT_BLOCKED = "The prompt was blocked by the provider's safety system."
IMAGE_BLOCKED = "The generated image was blocked by the provider's safety system."
NO_IMAGE = "The model returned no image."
_OUR_WORDS = {PROMPT_BLOCKED, IMAGE_BLOCKED, NO_IMAGE}

_NOTHING_SAID = ImageSettings()
_FROM_CHAT = {None: "STOP", "stop": "STOP", "length": "MAX_TOKENS", "content_filter": "SAFETY"}


def read_response(body: Body, *, options: Options = DEFAULTS) -> Outcome[ImageResponse]:
    """The response of a chat completion body.

    Raises `MalformedError` (502), for a body that is an error `FailureBodyError`.
    """
    return RESPONSE.read(body, options)


def _read(body: wire.Response, reading: Reading) -> ImageResponse:
    if body.error:
        msg = "the body is an error"
        raise FailureBodyError(msg, path="$.error")
    if not body.choices:
        msg = "the response has no choices"
        raise MalformedError(msg, path="$.choices")
    candidates, block = _read_choices(body.choices, reading)
    return ImageResponse(
        id=body.id or None,
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
    model = context.model
    if model is None and response.model is not None:
        model = catalog.spell(response.model, response.model_as_given, options.model_ids)
    if model is None:
        report(defaulted("$.model", "nobody named a model"))
    if response.created is None and created is None:
        report(defaulted("$.created", "nobody gave a time: 0"))
    body = wire.Response(
        id=response.id or response_id or _made_up_id(response),
        object="chat.completion",
        created=response.created or created or 0,
        model=model or "",
        choices=_write_choices(response, writing),
        usage=None if response.usage is None else write_usage(response.usage, writing),
    )
    _report_image(response.image, writing)
    writing.add(response.extras, "$")
    payload = encode(writing.finish(body))
    return Outcome(
        WireResponse(status=200, headers={"content-type": JSON_TYPE}, body=payload),
        tuple(writing.losses),
    )


def _made_up_id(response: ImageResponse) -> str:
    """An id for a reply that has none, derived from what the reply says."""
    digest = blake2b(digest_size=12)
    for candidate in response.candidates:
        for part in candidate.parts:
            if part.text is not None:
                digest.update(b"t" + part.text.encode("utf-8", "replace"))
            elif part.image is not None:
                data = part.image.data or part.image.url or ""
                digest.update(b"i" + (data[:64] + data[-64:]).encode("utf-8", "replace"))
    usage = response.usage
    if usage is not None:
        digest.update(f"u{usage.prompt},{usage.candidates},{usage.total}".encode())
    return f"chatcmpl-{digest.hexdigest()}"


def _report_image(image: ImageSettings, writing: Writing) -> None:
    """A chat completion says nothing about its pictures but their media types."""
    if image != _NOTHING_SAID:
        for name, value in attrs.asdict(image, recurse=False).items():
            if value is not None and name != "format":
                writing.report(dropped(f"$.image.{name}", f"{value}, of the picture", METADATA))


def _read_choices(
    choices: Sequence[wire.Choice], reading: Reading
) -> tuple[tuple[Candidate, ...], Block | None]:
    candidates: list[Candidate] = []
    block: Block | None = None
    for index, choice in enumerate(choices):
        node = ("choices", index)
        message = choice.message
        if message is None:
            msg = "a choice needs a message"
            raise MalformedError(msg, path=f"$.choices[{index}].message")
        hub = ("candidates", len(candidates))
        reading.place(hub, node)
        finish, odd = _read_finish(choice)
        parts = read_message(message, reading, (*hub, "parts"), *node, "message")
        words = _read_refusal(message)
        stage = choice.moderation_details and choice.moderation_details.moderation_stage
        if stage == "input" and not parts and block is None:
            block = Block(reason=finish, message=words)
            reading.place(("block",), node)
            continue
        extras = _message_extras(message, reading) + odd + reading.take(*node)
        candidates.append(
            Candidate(parts=parts, finish=finish, finish_message=words, extras=extras)
        )
    return tuple(candidates), block


def _message_extras(message: wire.Message, reading: Reading) -> tuple[Extra, ...]:
    if not message.annotations:
        return ()
    return (reading.keep(("message", "annotations"), message.annotations),)


def _read_finish(choice: wire.Choice) -> tuple[str, tuple[Extra, ...]]:
    """A finish reason by Gemini's name; a native name decides, if it is one."""
    native = choice.native_finish_reason
    if native in KNOWN:
        return native, ()
    extras: list[Extra] = []
    if native is not None:
        extras.append(
            Extra(format="chat", path=("native_finish_reason",), value=native, elsewhere="silent")
        )
    reason = choice.finish_reason
    known = _FROM_CHAT.get(reason)
    if known is None and reason is not None:
        known = reason.upper() if reason.upper() in KNOWN else "OTHER"
        extras.append(Extra(format="chat", path=("finish_reason",), value=reason))
    return known or "STOP", tuple(extras)


def _read_refusal(message: wire.Message) -> str | None:
    words = message.refusal or None
    if words is None and isinstance(message.content, list):
        words = next((part.refusal for part in message.content if part.refusal), None)
    return None if words in _OUR_WORDS else words


def _write_choices(response: ImageResponse, writing: Writing) -> list[wire.Choice]:
    choices: list[wire.Choice] = []
    for index, candidate in enumerate(response.candidates):
        hub = f"$.candidates[{index}]"
        choice = _write_choice(candidate, hub, writing, index)
        writing.add(candidate.extras, hub, "choices", index)
        choices.append(choice)
    if response.block is not None:
        if choices:
            detail = f"the prompt was blocked ({response.block.reason}), and yet there is an answer"
            writing.report(dropped("$.block", detail, METADATA))
        else:
            choices.append(_write_block(response.block, writing))
    return choices


def _write_block(block: Block, writing: Writing) -> wire.Choice:
    message = wire.Message(role="assistant", content=None, refusal=block.message or PROMPT_BLOCKED)
    choice = wire.Choice(index=0, message=message, finish_reason="content_filter")
    _write_native(choice, block.reason, "$.block", writing)
    _write_stage(choice, "input", "$.block", writing)
    return choice


def _write_stage(choice: wire.Choice, stage: str, hub: str, writing: Writing) -> None:
    if writing.options.chat_extensions:
        choice.moderation_details = wire.ModerationDetails(moderation_stage=stage)
    elif stage == "input":
        detail = "that the prompt was refused, not the picture, which OpenAI's schema cannot say"
        writing.report(dropped(hub, detail, METADATA))


def _write_native(choice: wire.Choice, finish: str, hub: str, writing: Writing) -> None:
    """Gemini's own name, where reading the choice back would not restore it."""
    if _FROM_CHAT.get(choice.finish_reason) == finish:
        return
    if finish not in KNOWN or not writing.options.chat_extensions:
        detail = f"{finish} became {choice.finish_reason}"
        writing.report(approximated(hub, detail, METADATA))
    if writing.options.chat_extensions:
        choice.native_finish_reason = finish


def _finish_reason(candidate: Candidate) -> str:
    """The page's ``stop`` and OpenAI's other names; what ended without an image was filtered."""
    if candidate.finish == "STOP":
        return "stop"
    if candidate.finish == "MAX_TOKENS":
        return "length"
    if candidate.finish in BLOCKING or not has_image(candidate):
        return "content_filter"
    return "stop"


def _write_choice(candidate: Candidate, hub: str, writing: Writing, index: int) -> wire.Choice:
    message = _write_message(candidate, hub, writing, "choices", index, "message")
    choice = wire.Choice(index=index, message=message, finish_reason=_finish_reason(candidate))
    _write_native(choice, candidate.finish, hub, writing)
    blocked = is_blocked(candidate)
    if blocked:
        _write_stage(choice, "output", hub, writing)
    if not has_image(candidate):
        empty = not candidate.parts
        ours = IMAGE_BLOCKED if blocked else NO_IMAGE if empty else None
        message.refusal = candidate.finish_message or ours
    elif candidate.finish_message is not None:
        writing.report(dropped(f"{hub}.finish_message", candidate.finish_message, CONTENT))
    return choice


def _write_message(
    candidate: Candidate, hub: str, writing: Writing, *node: str | int
) -> wire.Message:
    message = wire.Message(role="assistant", content=None, refusal=None)
    parts = _answer(candidate, message, hub, writing)
    images = any(part.image is not None for _, part in parts)
    if (images and writing.options.chat_images == "parts") or _has_own_foreign(parts):
        content: list[wire.Part] = []
        for index, part in parts:
            where = (*node, "content", len(content))
            written = write_part(part, writing, f"{hub}.parts[{index}]", *where)
            if written is not None:
                content.append(written)
        message.content = content
    elif images and writing.options.chat_images == "markdown":
        _write_markdown(parts, message, hub, writing)
    else:
        _write_apart(parts, message, hub, writing, node)
    return message


def _answer(
    candidate: Candidate, message: wire.Message, hub: str, writing: Writing
) -> list[Indexed]:
    """The parts that are the answer; with ``keep_drafts`` drafts too, thoughts as ``reasoning``."""
    if not writing.options.keep_drafts:
        return final_parts(candidate.parts, hub, writing.report)
    parts = list(enumerate(candidate.parts))
    thoughts = [(index, part) for index, part in parts if part.thought and part.text is not None]
    if not thoughts:
        return parts
    message.reasoning = "\n\n".join(part.text or "" for _, part in thoughts)
    if len(thoughts) > 1 or thoughts[0][0] != 0:
        detail = "the thought texts came together, before the answer"
        writing.report(approximated(hub, detail, METADATA))
    for index, part in thoughts:
        if part.signature is not None:
            path = f"{hub}.parts[{index}]"
            writing.report(dropped(path, "the thought signature of a thought text", CONTENT))
    return [item for item in parts if item not in thoughts]


def _has_own_foreign(parts: Sequence[Indexed]) -> bool:
    return any(part.foreign is not None and part.foreign.format == "chat" for _, part in parts)


def _write_markdown(
    parts: Sequence[Indexed], message: wire.Message, hub: str, writing: Writing
) -> None:
    pieces: list[str | Image] = []
    for index, part in parts:
        path = f"{hub}.parts[{index}]"
        if part.signature is not None or part.thought:
            writing.report(dropped(path, "the thought mark, which markdown cannot hold", CONTENT))
        if part.image is not None:
            write_image(part.image, writing, path)
            pieces.append(part.image)
        elif part.text is not None:
            pieces.append(part.text)
    message.content = markdown(pieces)


def _write_apart(
    parts: Sequence[Indexed], message: wire.Message, hub: str, writing: Writing, node: Path
) -> None:
    """Text as a plain string, images in ``message.images`` with their real indexes."""
    texts = [(index, part) for index, part in parts if part.text is not None]
    images = [(index, part) for index, part in parts if part.image is not None]
    if texts:
        message.content = "".join(part.text or "" for _, part in texts)
    if len(texts) == 1:
        index, part = texts[0]
        message.extra_content = write_mark(part, writing, f"{hub}.parts[{index}]")
    elif texts:
        writing.report(approximated(hub, f"{len(texts)} texts became one", CONTENT))
        for index, part in texts:
            if part.signature is not None:
                path = f"{hub}.parts[{index}]"
                writing.report(dropped(path, "the thought signature of a joined text", CONTENT))
    if texts and images and texts[-1][0] > images[0][0]:
        writing.report(approximated(hub, "text after an image came before it", CONTENT))
    entries: list[wire.Part | str] = []
    for index, part in images:
        where = (*node, "images", len(entries))
        written = write_part(part, writing, f"{hub}.parts[{index}]", *where)
        if written is not None:
            written.index = len(entries)
            entries.append(written)
    message.images = entries or None


RESPONSE = Reader("chat", Codec(wire.Response), _read, fates=FATES, homes=HOMES, reply=True)
