"""Fuzz targets: one for each reader and each ``translate_*``, and what must hold for any bytes."""

# A target takes bytes: a few that choose options, formats and statuses, then a content type, a zero
# and a body. For any bytes there is a value or a `TranslationError`, and both are sound. The
# test-suite runs every target for a moment, ``fuzz.py`` one for long.

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from itertools import product
from random import Random
from typing import Any, TypeVar

import msgspec

import imagewire
from alike import assert_templates_are_unseen, reworded
from bypass import assert_bypass_is_unseen, enlarged
from cases import CASES, DIRECTIONS
from imagewire.batch.lines import Batch
from imagewire.model import Failure, FailureKind, ImageRequest, ImageResponse
from mutation import mutated
from odd_requests import OddRequest, odd_content_type, odd_request
from one_reading import assert_one_reading
from outcomes import assert_same_outcomes, equal_bodies, outcome

Target = Callable[[bytes], None]
T = TypeVar("T")

CONTROL = 6  # bytes before the body
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

CHOICES = [
    imagewire.Options(),
    imagewire.Options(
        history="all",
        keep_drafts=True,
        images_text="revised_prompt",
        responses_model="gpt-6.1",
    ),
    imagewire.Options(
        history="all",
        read_markdown=True,
        chat_images="markdown",
        remote_urls="file_uri",
        responses_model="x",
    ),
    imagewire.Options(
        chat_images="message", chat_extensions=False, vertex=True, model_ids="prefixed"
    ),
    imagewire.Options(edit_body="json", model_ids="bare", history="all", remote_urls="file_uri"),
    imagewire.Options(
        edit_body="multipart", boundary="x", read_markdown=True, responses_model="gpt-6.1"
    ),
]
MODELS = (None, "gemini-3-pro-image", "gpt-image-2", "unknown-1")
STATUSES = (200, 200, 200, 201, 302, 400, 401, 429, 500, 503, 599)
HEADERS: tuple[dict[str, str], ...] = (
    {},
    {"Retry-After": "7", "X-Request-Id": "req_1"},
    {"retry-after-ms": "nan", "x-request-id": "a b", "date": "x", "Retry-After": "Fri"},
    {"Content-Type": "text/html\r\nx: y"},
)


def content_type(body: bytes) -> str:
    """A form tells its boundary by its first line."""
    if not body.startswith(b"--"):
        return "application/json"
    return f"multipart/form-data; boundary={_boundary(body)}"


def _boundary(body: bytes) -> str:
    return body[2:].split(b"\r\n", 1)[0].decode("latin-1")


def packed(control: bytes, body: bytes, kind: str = "") -> bytes:
    """The input of a target; without a content type, it is what the body tells."""
    return control.ljust(CONTROL, b"\0") + kind.encode("latin-1") + b"\0" + body


def unpacked(data: bytes) -> tuple[bytes, str, bytes]:
    """What chooses, the content type and the body of an input."""
    kind, _, body = data[CONTROL:].partition(b"\0")
    return data[:CONTROL], kind.decode("latin-1") or content_type(body), body


SEEDS = tuple(dict.fromkeys(case.body for case in CASES))


def _check_error(error: imagewire.TranslationError) -> None:
    assert error.path.startswith("$"), error.path
    assert error.status in {400, 401, 502}
    assert error.message
    _check_failure(error.failure)


def _check_failure(failure: Failure) -> None:
    assert failure == _stored(failure)
    for face in imagewire.FORMATS:
        reply = imagewire.render_error(failure, target=face)
        assert isinstance(json.loads(bytes(reply.body)), dict)
        _check_headers(reply.headers)


def _check_headers(headers: Mapping[str, str]) -> None:
    for name, value in headers.items():
        assert name.isascii()
        assert value.isascii()
        assert value.isprintable(), value


def _check_losses(losses: tuple[imagewire.Loss, ...]) -> None:
    for loss in losses:
        assert loss.path.startswith("$"), loss
        assert loss.detail
        assert not _CONTROL.search(loss.detail), loss


def _stored(value: T) -> T:
    """A hub value after it waited in a file."""
    return msgspec.json.decode(msgspec.json.encode(value), type=type(value))


def _read(name: str, verb: str) -> Target:
    def target(data: bytes) -> None:
        control, kind, body = unpacked(data)
        reader = imagewire.FORMATS[name]
        options = CHOICES[_at(control, 0, len(CHOICES))]
        try:
            if verb == "read_failure":
                status = STATUSES[_at(control, 1, len(STATUSES))]
                headers = HEADERS[_at(control, 2, len(HEADERS))]
                _check_failure(reader.read_failure(body, status=status, headers=headers))
                return
            if verb == "read_request":
                found: Any = reader.read_request(body, content_type=kind, options=options)
            else:
                found = reader.read_response(body, options=options)
        except imagewire.TranslationError as error:
            _check_error(error)
            return
        _check_losses(found.losses)
        assert found.value == _stored(found.value), (found.value, _stored(found.value))
        _check_rewritten(reader, found.value, options)

    return target


def _check_rewritten(
    reader: Any, value: ImageRequest | ImageResponse, options: imagewire.Options
) -> None:
    """What a format read it can write, and reading that does not raise."""
    try:
        if isinstance(value, ImageRequest):
            written = reader.write_request(value, options=options)
            wire = written.value
            reader.read_request(
                bytes(wire.body),
                model=wire.model,
                content_type=wire.headers["content-type"],
                options=options,
            )
        else:
            written = reader.write_response(value, options=options)
            if written.value.status == 200:
                reader.read_response(bytes(written.value.body), options=options)
    except imagewire.TranslationError as error:
        assert isinstance(value, ImageRequest), error
        _check_error(error)
        return
    _check_losses(written.losses)
    _check_headers(written.value.headers)


def _translate_request(data: bytes) -> None:
    control, kind, body = unpacked(data)
    source, target = DIRECTIONS[_at(control, 0, len(DIRECTIONS))]
    options = CHOICES[_at(control, 1, len(CHOICES))]

    def translate(body: Any) -> Any:
        return imagewire.translate_request(
            body,
            source=source,
            target="native" if _at(control, 5, 8) == 0 else target,
            model=MODELS[_at(control, 2, len(MODELS))],
            content_type=kind,
            options=options,
            fetched={"https://example.com/a.png": b"\x89PNG..."} if _at(control, 3, 2) else {},
        )

    result = _outcome(translate, body)
    _check_inputs(translate, body, control, kind)
    if result is None or isinstance(result, imagewire.TranslationError):
        return
    _check_losses(result.losses)
    _check_headers(result.headers)
    assert result.context == _stored(result.context)
    assert int(result.headers["content-length"]) == len(bytes(result.body)) == len(result.body)
    imagewire.FORMATS[result.target].read_request(
        bytes(result.body),
        model=result.model or None,  # some APIs have a model of their own
        content_type=result.headers["content-type"],
        options=options,
    )


def _translate_response(data: bytes) -> None:
    control, _, body = unpacked(data)
    source, target = DIRECTIONS[_at(control, 0, len(DIRECTIONS))]
    options = CHOICES[_at(control, 1, len(CHOICES))]

    def translate(body: Any) -> Any:
        return imagewire.translate_response(
            body,
            source=source,
            target=target,
            status=STATUSES[_at(control, 2, len(STATUSES))],
            headers=HEADERS[_at(control, 3, len(HEADERS))],
            options=options,
            created=7,
        )

    result = _outcome(translate, body)
    _check_inputs(translate, body, control)
    _check_reply(result, target, options)


def _translate_responses(data: bytes) -> None:
    control, _, body = unpacked(data)
    source, target = DIRECTIONS[_at(control, 0, len(DIRECTIONS))]
    options = CHOICES[_at(control, 1, len(CHOICES))]
    calls: list[imagewire.Reply | Failure] = [
        imagewire.Reply(
            body, STATUSES[_at(control, 2, len(STATUSES))], HEADERS[_at(control, 3, len(HEADERS))]
        ),
        imagewire.Reply(SEEDS[_at(control, 4, len(SEEDS))]),
        Failure(kind=FailureKind.TIMEOUT, message="no answer", status=504),
        imagewire.Reply(body),
    ]
    at = _at(control, 5, len(calls))
    result = _outcome(
        lambda calls: imagewire.translate_responses(
            calls, source=source, target=target, options=options
        ),
        calls[at:] + calls[:at],
    )
    _check_reply(result, target, options)


def _outcome(translate: Callable[[Any], Any], body: Any) -> Any:
    """What a translation gives: its result, or the sound error that it raised."""
    found = outcome(translate, body)
    if isinstance(found, imagewire.TranslationError):
        _check_error(found)
    return found


def _check_reply(result: Any, target: str, options: imagewire.Options) -> None:
    if isinstance(result, imagewire.TranslationError):
        return
    _check_losses(result.losses)
    _check_headers(result.headers)
    assert isinstance(json.loads(bytes(result.body)), dict)
    if result.failure is not None:
        _check_failure(result.failure)
    if result.status == 200:
        imagewire.FORMATS[target].read_response(bytes(result.body), options=options)
    else:
        assert result.failure is not None


def _check_inputs(
    translate: Callable[[Any], Any], body: bytes, control: bytes, kind: str = ""
) -> None:
    if not _at(control, 4, 4):  # it costs as much as all the rest
        others = equal_bodies(body)
        if "multipart" in kind.lower():  # parsed JSON is JSON, though its content type is a form's
            others = [other for other in others if not isinstance(other, dict)]
        assert_same_outcomes(translate, body, others)


def _bypass(data: bytes) -> None:
    """Large payloads go around the codec, and the result does not show it."""
    control, kind, body = unpacked(data)
    source, target = DIRECTIONS[_at(control, 0, len(DIRECTIONS))]
    about: dict[str, Any] = {"source": source, "target": target}
    about["options"] = CHOICES[_at(control, 1, len(CHOICES))]
    if kind == "application/json":
        body = enlarged(body, Random(_at(control, 2, 256)))
    reply, model = imagewire.Reply(body), MODELS[_at(control, 3, len(MODELS))]
    for call in (
        partial(imagewire.translate_request, body, **about, content_type=kind, model=model),
        partial(imagewire.translate_response, body, **about),
        partial(imagewire.translate_responses, [reply, reply], **about),
        partial(imagewire.read_model, body, source=source, content_type=kind),
    ):
        assert_bypass_is_unseen(call)


def _template(data: bytes) -> None:
    """Lines that differ in their words share a template, and the result does not show it."""
    control, _, body = unpacked(data)
    source, target = DIRECTIONS[_at(control, 0, len(DIRECTIONS))]
    options = CHOICES[_at(control, 1, len(CHOICES))]
    model = MODELS[_at(control, 3, len(MODELS))]
    batch = Batch(source=source, target=target, model=model, options=options)
    flat = body.replace(b"\n", b"").replace(b"\r", b"")
    line = b'{"custom_id":"a","body":%b}\n' % flat
    random = Random(_at(control, 2, 256))
    lines = [line, line, *(reworded(line, random) for _ in range(6))]
    for found in assert_templates_are_unseen(lines, batch):
        _check_losses(found.losses)


def _one_reading(data: bytes) -> None:
    """What a proxy is told of a request is what is sent."""
    control, kind, body = unpacked(data)
    source, target = DIRECTIONS[_at(control, 0, len(DIRECTIONS))]
    options = CHOICES[_at(control, 1, len(CHOICES))]
    target = "native" if _at(control, 5, 8) == 0 else target
    in_path = MODELS[_at(control, 3, len(MODELS))] if source == "gemini" else None
    endpoint = imagewire.Endpoint(source, "generate", in_path)
    assert_one_reading(OddRequest(body, endpoint, kind), target, options)


def _look_up(data: bytes) -> None:
    """`read_model` and `remote_images`, which proxies call before they translate."""
    control, kind, body = unpacked(data)
    source, target = DIRECTIONS[_at(control, 0, len(DIRECTIONS))]
    for call in (
        lambda body: imagewire.read_model(body, source=source, content_type=kind),
        lambda body: imagewire.remote_images(body, source=source, target=target, content_type=kind),
    ):
        _outcome(call, body)


def _at(control: bytes, place: int, count: int) -> int:
    return control[place] % count if place < len(control) else 0


TARGETS: dict[str, Target] = {
    **{
        f"{name}.{verb}": _read(name, verb)
        for name, verb in product(
            imagewire.FORMATS, ("read_request", "read_response", "read_failure")
        )
    },
    "translate_request": _translate_request,
    "translate_response": _translate_response,
    "translate_responses": _translate_responses,
    "one_reading": _one_reading,
    "look_up": _look_up,
    "bypass": _bypass,
    "template": _template,
}


def inputs(name: str) -> tuple[bytes, ...]:
    """What a target starts from: every sample that it is made for."""
    verb = name.rpartition(".")[2]
    kinds = {
        "read_request": ("request",),
        "read_response": ("response", "failure"),
        "read_failure": ("failure",),
        "translate_request": ("request",),
        "one_reading": ("request",),
        "look_up": ("request",),
        "bypass": ("request", "response"),
        "template": ("request",),
    }.get(verb, ("response", "failure"))
    found: list[bytes] = []
    for case in CASES:
        direct = [place for place, (source, _) in enumerate(DIRECTIONS) if source == case.format]
        if case.kind in kinds and ("." not in name or name.startswith(f"{case.format}.")):
            kind = case.content_type if case.kind == "request" else ""
            found += [packed(bytes([place]), case.body, kind) for place in direct]
    return tuple(dict.fromkeys(found))


def varied(data: bytes, random: Random) -> bytes:
    """An input with another body or content type, and now and then another choice."""
    control, kind, body = bytearray(data[:CONTROL].ljust(CONTROL)), *unpacked(data)[1:]
    if random.random() < 0.6:
        control[random.randrange(1, CONTROL)] = random.randrange(256)
    change = random.random()
    if change < 0.1:
        body, endpoint, kind = odd_request(random)
        ours = [place for place, (source, _) in enumerate(DIRECTIONS) if source == endpoint.format]
        control[0] = random.choice(ours)
    elif change < 0.2:
        kind = odd_content_type(random, _boundary(body))
    else:
        body = mutated(body, random, SEEDS)
    return packed(bytes(control), body, kind)
