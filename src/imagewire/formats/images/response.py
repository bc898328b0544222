"""Images responses: ``read_response`` and ``write_response``, field by field in the same order.

All entries of ``data`` are one candidate's pictures. A response without a picture has no form here:
it becomes an error, with the model's own words.

Rules of our own: a ``revised_prompt`` is the answer's text with ``images_text="revised_prompt"``,
else a field of its own format. A ``created`` of 0 is not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from imagewire.catalog import CATALOG, Catalog, bare_model
from imagewire.codec.document import Codec, encode
from imagewire.codec.reading import Keeping, Reader, Reading, refuse_failure
from imagewire.codec.writing import (
    Writing,
    is_marked,
    report_declared_type,
    report_extra,
    report_foreign,
    report_joined,
    report_picture,
    report_signature,
    report_unknown_bytes,
)
from imagewire.data_uris import is_data_uri
from imagewire.errors import MalformedError
from imagewire.formats.images import wire
from imagewire.formats.images.prompt import texts_between
from imagewire.formats.shared.image_usage import read_usage, write_usage
from imagewire.formats.shared.openai_api import write_time
from imagewire.formats.shared.openai_error import write_failure
from imagewire.formats.shared.openai_image import (
    FORMAT_NAMES,
    PROPERTIES,
    read_properties,
    type_of_format,
)
from imagewire.formats.shared.thought_fields import mark_of, write_extra
from imagewire.loss import C, Outcome, Report, lost
from imagewire.messages import JSON_TYPE, Body, WireResponse
from imagewire.model import (
    Block,
    Candidate,
    Extra,
    Failure,
    Image,
    ImageResponse,
    ImageSettings,
    Part,
    Policy,
    ReplyContext,
    StartEvent,
)
from imagewire.options import DEFAULTS, Options
from imagewire.paths import Path
from imagewire.redaction import clean
from imagewire.rules.drafts import final_parts
from imagewire.rules.error_bodies import words_in
from imagewire.rules.finish import has_image, refusal_of
from imagewire.rules.media import read_inline, read_reference, type_of
from imagewire.rules.settings import neutral

#: Bookkeeping of the API: other formats pass over it in silence.
POLICIES: Mapping[str, Policy] = {"object": "silent"}

#: Where a field may come from, for losses that writers find.
WIRE_PATHS: Mapping[str, tuple[str, ...]] = {
    "$.candidates": ("$.data",),
    "$.model": ("$.model",),
    "$.image.size": ("$.size",),
    "$.image.quality": ("$.quality",),
    "$.image.background": ("$.background",),
    "$.image.format": ("$.output_format",),
    "$.usage.prompt_details": ("$.usage.input_tokens_details",),
    "$.usage.candidates_details": ("$.usage.output_tokens_details",),
}


def read_response(body: Body, *, options: Options = DEFAULTS) -> Outcome[ImageResponse]:
    """The response of an ImagesResponse body.

    Raises `MalformedError` (502).
    """
    return RESPONSE.read(body, options)


def _read(body: wire.Response, reading: Reading) -> ImageResponse:
    refuse_failure(body.error)
    if not body.data:
        msg = "`data` has no images"
        raise MalformedError(msg, path="$.data")
    reading.nodes[("candidates", 0)] = reading.nodes[("candidates", 0, "parts")] = ("data",)
    parts = _read_data(body, reading)
    usage = None if body.usage is None else read_usage(body.usage, reading)
    image, odd_size = read_settings(body, parts, reading)
    return ImageResponse(
        created=int(body.created) if body.created else None,
        model=bare_model(body.model) if body.model else None,
        model_as_given=body.model or None,
        candidates=(Candidate(parts=parts),),
        usage=usage,
        image=image,
        extras=odd_size + (reading.mark("model") if body.model else ()) + reading.take(),
    )


def read_settings(
    body: wire.Response | wire.Event, parts: Sequence[Part], reading: Reading
) -> tuple[ImageSettings, tuple[Extra, ...]]:
    """What a body tells of its pictures, and a size that is none."""
    inline = all(part.image is None or part.image.data is not None for part in parts)
    image = read_properties(body, inline=inline)
    return image, reading.keep_named(size=None if image.size else neutral(body.size))


def write_response(  # noqa: PLR0913 - the contract's signature
    response: ImageResponse,
    *,
    context: ReplyContext = ReplyContext(),
    created: int | None = None,
    response_id: str | None = None,  # noqa: ARG001 - these replies have no id
    options: Options = DEFAULTS,
    catalog: Catalog = CATALOG,  # noqa: ARG001 - these replies name no model
) -> Outcome[WireResponse]:
    """The ImagesResponse; without a picture an error, never ``200 {"data": []}``."""
    writing = Writing("images", options)
    report = writing.report
    refusal = refusal_of(response)
    if refusal is not None:
        report_refused(response, refusal, report)
        return Outcome(write_failure(refusal), tuple(writing.losses))
    data, kinds = _write_data(response, writing)
    time = write_time(response, created, report)
    own_model = is_marked(response.extras, "images", "model")
    report_named(response, report, model=not own_model)
    if response.block is not None:
        report_block(response.block, report)
    image = response.image
    body = wire.Response(
        created=time,
        data=data,
        size=None if image.size is None else str(image.size),
        quality=image.quality,
        background=image.background,
        output_format=output_format(kinds, report) or image.format,
        model=(context.model or response.model_as_given) if own_model else None,
        usage=None if response.usage is None else write_usage(response.usage, context, writing),
    )
    report_picture(image, report, but=PROPERTIES)
    writing.add(response.extras, ())
    payload = encode(writing.finish(body))
    return Outcome(
        WireResponse(status=200, headers={"content-type": JSON_TYPE}, body=payload),
        tuple(writing.losses),
    )


def report_named(reply: ImageResponse | StartEvent, report: Report, *, model: bool = True) -> None:
    """Report the names of a reply: these have none, but some the ``model``."""
    for name in ("id", "model") if model else ("id",):
        value = getattr(reply, name)
        if value is not None:
            detail = "{} {}: replies of the Images API have none"
            report(lost(C.REPLY_PROPERTY, f"$.{name}", detail, name, value))


def report_block(block: Block, report: Report) -> None:
    """Report that the prompt was refused, though there are pictures."""
    detail = "block reason {}: replies of the Images API have none"
    report(lost(C.FINISH_REASON, "$.block", detail, block.reason))


def report_refused(response: ImageResponse, refusal: Failure, report: Report) -> None:
    """Report what an error does not keep of a response: all but the model's words."""
    for name in ("id", "model", "usage"):
        if getattr(response, name) is not None:
            detail = "{}: an error of the Images API has none"
            report(lost(C.REPLY_PROPERTY, f"$.{name}", detail, name))
    nodes: list[tuple[Path, tuple[Extra, ...]]] = [((), response.extras)]
    if response.block is not None:
        nodes.append((("block",), response.block.extras))
    for number, candidate in enumerate(response.candidates):
        hub_path: Path = ("candidates", number)
        nodes.append((hub_path, candidate.extras))
        for index, part in enumerate(candidate.parts):
            path = (*hub_path, "parts", index)
            nodes.append((path, part.extras))
            report_foreign(part, path, report, asked=False)
            if part.text and part.thought:
                report(lost(C.THOUGHT_TEXT, path, "a thought text: an error has no field for it"))
            elif part.text and clean(part.text).strip() not in refusal.message:
                detail = "text of the answer: the error message does not quote it"
                report(lost(C.TEXT_BESIDE_ERROR, path, detail))
    for hub_path, extras in nodes:
        for extra in extras:
            report_extra(extra, hub_path, report)


def _read_data(body: wire.Response, reading: Reading) -> tuple[Part, ...]:
    parts: list[Part] = []

    def add(part: Part, index: int) -> None:
        if len(parts) != index:
            reading.nodes[("candidates", 0, "parts", len(parts))] = ("data", index)
        parts.append(part)

    for index, item in enumerate(body.data or ()):
        for part in read_entry(item, body.output_format, reading, ("data", index)):
            add(part, index)
    return tuple(parts)


def read_entry(
    item: wire.Datum | wire.Event, format_: str | None, reading: Reading, wire_path: Path
) -> Iterator[Part]:
    """The picture of an entry of ``data``, and the words beside it."""
    words = item.revised_prompt or None
    spoken = reading.options.images_text == "revised_prompt"
    extras = () if spoken else reading.keep_named(revised_prompt=words)
    if item.b64_json:
        extras += reading.keep_named(url=item.url or None)
    try:
        image = _read_image(item, format_, reading, wire_path)
    except MalformedError as error:
        reading.spoil(wire_path, error, words_in(item.error))
        if wire_path:
            reading.take(wire_path)
        return
    mark = mark_of(item.extra_content)
    if mark.thought:  # `data` holds pictures, and no drafts
        extras += (reading.keep(("extra_content", "google", "thought"), value=True),)
    if item.error:
        extras += reading.keep_named(error=item.error)
    if wire_path:  # what an event has beside its picture is the reply's
        extras += reading.take(wire_path)
    yield Part(image=image, signature=mark.thought_signature, extras=extras)
    if spoken and words is not None:
        yield Part(text=words)


def _read_image(
    item: wire.Datum | wire.Event, format_: str | None, reading: Reading, wire_path: Path
) -> Image:
    declared = type_of_format(format_)
    image = None
    if item.b64_json:
        image = read_inline(item.b64_json, declared, (*wire_path, "b64_json"), reading.report)
    elif item.url:
        item_path = wire_path + ("url",)
        if is_data_uri(item.url):
            detail = "a data URI in a field for a URL was read as the image"
            reading.report(lost(C.MISPLACED_DATA_URI, item_path, detail))
        image = read_reference(item.url, item_path, reading.report)
    if image is None:
        msg = "an entry of `data` needs an image, as `b64_json` or `url`"
        raise MalformedError(msg, path=wire_path)
    return image


def _write_data(
    response: ImageResponse, writing: Writing
) -> tuple[list[wire.Datum], list[tuple[Path, Image]]]:
    """An entry a picture, in order, and the pictures; texts go to the first, or are dropped."""
    report_joined(len(response.candidates), "images", writing.report)
    texts: list[str] = []
    entries: list[wire.Datum] = []
    pictures: list[tuple[Path, Image]] = []
    for number, candidate in enumerate(response.candidates):
        hub_path = ("candidates", number)
        answer = final_parts(candidate.parts, hub_path, writing.report)
        if writing.options.images_text == "revised_prompt" and texts_between(answer):
            detail = "text between the images is written after them"
            writing.report(lost(C.MOVED_TEXT, hub_path, detail))
        for index, part in answer:
            path = hub_path + ("parts", index)
            if part.image is not None:
                entries.append(write_datum(part, part.image, path, writing, "data", len(entries)))
                pictures.append((path, part.image))
            elif part.text is not None:
                write_text(part, path, writing, texts)
            else:
                report_foreign(part, path, writing.report, asked=False)
        report_end(candidate, hub_path, writing)
    if texts:
        entries[0].revised_prompt = "\n".join(texts)
        if len(texts) > 1:
            detail = "{} texts became one `revised_prompt`"
            writing.report(lost(C.JOINED_TEXTS, "$.candidates", detail, len(texts)))
    return entries, pictures


def write_datum(
    part: Part, image: Image, path: Path, writing: Writing, *wire_path: str | int
) -> wire.Datum:
    """The entry of a picture, to stand at a wire path."""
    writing.add(part.extras, path, wire_path)
    extra = write_extra(part.signature)
    if image.detail is not None:
        detail = "image detail {}: replies of the Images API have none"
        writing.report(lost(C.IMAGE_DETAIL, path, detail, image.detail))
    if image.data is not None:
        return wire.Datum(b64_json=image.data, extra_content=extra)
    report_declared_type(image, path, writing.report)
    if image.url is None:
        detail = "an uploaded file: a reply holds images or URLs, not ids"
        writing.report(lost(C.UPLOADED_FILE, path, detail))
    return wire.Datum(url=image.url, extra_content=extra)


def write_text(part: Part, path: Path, writing: Writing, texts: list[str]) -> None:
    """Put a text among those of the reply, or report it."""
    writing.add(part.extras, path)
    if not part.text or writing.options.images_text == "revised_prompt":
        texts += [part.text] if part.text else []
        if part.signature is not None:
            report_signature(part, path, "the Images API has no field for it", writing.report)
    else:
        detail = "text beside the images: replies of the Images API have none"
        writing.report(lost(C.TEXT_BESIDE_IMAGE, path, detail))


def report_end(candidate: Candidate, hub_path: Path, writing: Writing) -> None:
    """Report how an answer ended: these replies do not tell, and read back as STOP."""
    if candidate.finish != "STOP":
        code = C.FINISH_REASON if has_image(candidate) else C.MISSING_IMAGE
        detail = "finish reason {}: the Images API has none"
        writing.report(lost(code, hub_path, detail, candidate.finish))
    if candidate.finish_message is not None:
        detail = "finish message {}: the Images API has none"
        writing.report(lost(C.TEXT_BESIDE_IMAGE, hub_path, detail, repr(candidate.finish_message)))
    writing.add(candidate.extras, hub_path)


def output_format(pictures: Sequence[tuple[Path, Image]], report: Report) -> str | None:
    """The format of the pictures, if all have one and the same (gateways mix them)."""
    kinds = {type_of(image) if image.data else image.media_type for _, image in pictures}
    kind = kinds.pop() if len(kinds) == 1 else None
    written = FORMAT_NAMES.get(kind or "")
    for path, image in pictures:
        if written is None:
            report_unknown_bytes(image, path, report)
    return written


def _put_right(node: dict[str, Any], image: Image) -> None:
    """Set the picture of an entry of ``data``."""
    if image.data is not None:
        if not node.get("b64_json"):  # it was a data URI
            node.pop("url", None)
        node["b64_json"] = image.data
    else:
        node["url"] = image.url


_KEEPING = Keeping(
    _put_right,
    kept=frozenset({C.TOKEN_COUNT}),
    decided=frozenset({"model", "error"}),
    filled=frozenset({"created"}),
)
RESPONSE = Reader(
    "images",
    Codec(wire.Response, reply=True),
    _read,
    policies=POLICIES,
    wire_paths=WIRE_PATHS,
    keeping=_KEEPING,
)
